package flows_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/flows"
)

// manage gives the engine servers of these names, each with a manager in memory whose
// session is up. It must be called in a bubble; stop ends the sessions.
func manage(t *testing.T, engine *flows.Engine, names ...string) (managers []*amitest.Server, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for _, name := range names {
		manager := amitest.New()
		model := live.New(live.Options{Server: name})
		client := ami.New(ami.Options{
			Name: name, Addr: manager.Addr(), Dial: manager.Dial, Username: manager.Username, Secret: manager.Secret,
			Handler: model.Handle, OnState: model.HandleState,
		})
		running.Go(func() {
			if err := client.Run(ctx); err != context.Canceled {
				t.Errorf("the session ended with %v", err)
			}
		})
		if err := manager.AwaitClients(ctx, 1); err != nil {
			t.Fatal(err)
		}
		managers = append(managers, manager)
		engine.Servers = append(engine.Servers, flows.Server{
			Name: name, Manager: client, Live: model,
			AGI: func(context.Context) (string, error) { return "10.0.0.9:4573", nil },
		})
	}
	synctest.Wait()
	return managers, func() {
		cancel()
		running.Wait()
		for _, m := range managers {
			m.Close()
		}
	}
}

// action is a run of steps without a call that speaks to a manager.
type action struct {
	name string
	// steps are in YAML, top is what else the app holds.
	steps, top string
	// config is pbxflow.yaml.
	config string
	// manager is the script of the manager, as amitest has it.
	manager string
	// want is the trace's summary.
	want string
}

func runActions(t *testing.T, tests []action) {
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := loadFiles(t, map[string]string{
					"app.yaml": named + test.top + "flows:\n  other: { params: { who: string = nobody }, steps: { log: \"${who}\" } }\n  main:\n    " +
						strings.ReplaceAll(lines(test.steps), "\n", "\n    "),
					"pbxflow.yaml": test.config,
				})
				engine := &flows.Engine{Program: func() *flows.Program { return a.Program }, HTTP: clientOf(hang)}
				managers, stop := manage(t, engine, "pbx1")
				played := make(chan error, 1)
				go func() { played <- managers[0].Play(t.Context(), test.manager) }()
				synctest.Wait()
				// How it ended is in the trace.
				trace, _ := engine.RunSteps(t.Context(), a.Program, a.Program.Flows["main"].Steps, map[string]any{}, flows.Meta{})
				if err := <-played; err != nil {
					t.Error(err)
				}
				stop()
				if diff := cmp.Diff(lines(test.want), summary(trace)); diff != "" {
					t.Errorf("trace differs (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// willing is a server whose manager does all that it is asked.
type willing struct{}

func (willing) Connected() bool { return true }

func (willing) Do(context.Context, ami.Action) (ami.Response, error) {
	return ami.Response{Message: ami.NewMessage("Response", "Success", "Value", "1")}, nil
}
func (willing) List(context.Context, ami.Action) ([]ami.Event, error) { return nil, nil }
func (willing) Originate(context.Context, ami.Action) (ami.Event, error) {
	return ami.NewEvent("OriginateResponse", "Response", "Success", "Reason", "4"), nil
}

// background ends with the test.
func background(t *testing.T) *flows.Background {
	ctx, cancel := context.WithCancel(context.Background())
	b := flows.NewBackground(ctx)
	t.Cleanup(func() {
		cancel()
		b.Close()
	})
	return b
}
