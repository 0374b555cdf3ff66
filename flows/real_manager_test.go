package flows_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// realPBX is a real Asterisk with an engine that speaks to it by FastAGI and by its
// manager.
type realPBX struct {
	*asterisktest.Instance
	engine *flows.Engine
	model  *live.Model
	agi    string
	audit  string                       // its file
	traces map[string]chan *flows.Trace // of calls, by the flow that they began in
}

// realScene is something to try on a real Asterisk: flows in YAML, dialplan, and what to
// look at. All scenes share one Asterisk and run side by side.
type realScene struct {
	name     string
	flows    string // the first is run by most
	dialplan string // %s stands for the address of the FastAGI server
	run      func(t *testing.T, p *realPBX)
}

// runScenes plays the scenes on each version of Asterisk.
func runScenes(t *testing.T, config asterisktest.Config, top string, scenes []realScene) {
	asterisktest.Each(t, func(t *testing.T, _ asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		text := top + "\nflows:\n"
		for _, s := range scenes {
			text += "  " + strings.ReplaceAll(lines(s.flows), "\n", "\n  ") + "\n"
		}
		a := load(t, text)
		if _, err := a.Resolve(nil); err != nil {
			t.Fatal(err)
		}
		p := &realPBX{traces: map[string]chan *flows.Trace{}, audit: filepath.Join(t.TempDir(), "audit.jsonl")}
		audit := flows.NewAudit(p.audit)
		t.Cleanup(func() {
			if err := audit.Close(); err != nil {
				t.Error(err)
			}
		})
		for name := range a.Program.Flows {
			p.traces[name] = make(chan *flows.Trace, 10)
		}
		p.engine = &flows.Engine{
			Program: func() *flows.Program { return a.Program },
			Logger:  hclog.New(&hclog.LoggerOptions{Output: t.Output()}),
			Audit:   audit,
			Phones:  flows.NewPhones(),
			OnTrace: func(trace *flows.Trace) {
				if trace.Call != "" {
					p.traces[trace.Flow] <- trace
				}
			},
		}
		p.agi = serve(t, p.server())
		config := config
		for _, s := range scenes {
			config.Dialplan += strings.ReplaceAll(s.dialplan, "%s", p.agi)
		}
		p.Instance = start(config)
		p.manage(t)
		var all sync.WaitGroup
		for _, s := range scenes {
			all.Go(func() { t.Run(s.name, func(t *testing.T) { s.run(t, p) }) })
		}
		all.Wait()
	})
}

// server returns a server for the engine's calls.
func (p *realPBX) server() *agi.Server {
	return &agi.Server{
		Handler:   agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error { return p.engine.ServeAGI(ctx, s) }),
		Interrupt: func(ctx context.Context, s *agi.Session, line string) error { return p.engine.Interrupt(ctx, s, line) },
	}
}

// manage opens the manager session and waits until the picture is whole.
func (p *realPBX) manage(t *testing.T) {
	log := hclog.New(&hclog.LoggerOptions{Output: t.Output()})
	p.model = live.New(live.Options{Server: "pbx1", Logger: log})
	client := ami.New(ami.Options{
		Name: "pbx1", Addr: p.AMI, Username: p.AMIUser, Secret: p.AMISecret, Logger: log,
		Handler: p.model.Handle, OnState: p.model.HandleState,
	})
	synced := p.model.Subscribe(10, live.ServerSynced)
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { client.Run(ctx) })
	running.Go(func() { p.model.Follow(ctx, client) })
	t.Cleanup(func() {
		stop()
		running.Wait()
		synced.Close()
	})
	select {
	case <-synced.C():
	case <-time.After(time.Minute):
		t.Fatal("no session within a minute")
	}
	p.engine.Background = background(t)
	p.engine.Servers = []flows.Server{{
		Name: "pbx1", Outbound: "Local/{number}@phones", Manager: client, Live: p.model,
		AGI: func(context.Context) (string, error) { return p.agi, nil },
	}}
}

// do runs a flow without a call and compares its trace.
func (p *realPBX) do(t *testing.T, flow string, vars map[string]any, want string) *flows.Trace {
	t.Helper()
	program := p.engine.Program()
	if vars == nil {
		vars = map[string]any{}
	}
	// How it ended is in the trace.
	trace, _ := p.engine.RunSteps(t.Context(), program, program.Flows[flow].Steps, vars, flows.Meta{})
	if diff := cmp.Diff(lines(want), summary(trace)); diff != "" {
		t.Errorf("trace of %s differs (-want +got):\n%s\n%s", flow, diff, traceText(t, trace))
	}
	return trace
}

// ended waits for the end of a call in a flow and compares its trace.
func (p *realPBX) ended(t *testing.T, flow, want string) *flows.Trace {
	t.Helper()
	select {
	case trace := <-p.traces[flow]:
		if diff := cmp.Diff(lines(want), summary(trace)); diff != "" {
			t.Errorf("trace of %s differs (-want +got):\n%s\n%s", flow, diff, traceText(t, trace))
		}
		return trace
	case <-time.After(time.Minute):
		t.Fatalf("no call ended in flow %s within a minute", flow)
		return nil
	}
}

// originating keeps a burst of calls from the manager's port, which would refuse it.
var originating sync.Mutex

// call starts a call between a phone and an extension of the context scenes, and returns
// the name of the phone's channel: the half that runs in the context. The call's unique
// id is that of the channel.
func (p *realPBX) call(t *testing.T, phone, exten string) (channel, id string) {
	t.Helper()
	id = p.place(t, phone, exten)
	p.await(t, "the call", func() bool { channel = p.channel(id).Name; return channel != "" })
	return channel, id
}

// place starts such a call and returns its unique id; it may be over by then.
func (p *realPBX) place(t *testing.T, phone, exten string) string {
	t.Helper()
	originating.Lock()
	id, err := p.Originate(t.Context(), asterisktest.Call{
		Channel: "Local/" + phone + "@phones", Context: "scenes", Exten: exten, CallerID: `"Ann" <5550100>`,
	})
	originating.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// channel returns the channel of a unique id, by the live picture.
func (p *realPBX) channel(id string) live.Channel {
	for _, ch := range p.model.Channels() {
		if ch.Uniqueid == id {
			return ch
		}
	}
	return live.Channel{}
}

// await waits until something is so, by looking every now and then.
func (p *realPBX) await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for !ok() {
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("%s did not come about in 30 s", what)
		}
	}
}

// console returns what a command of Asterisk's console prints.
func (p *realPBX) console(t *testing.T, command string) string {
	t.Helper()
	out, err := p.Console(t.Context(), command)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(out)
}

// heard names the sounds that a phone heard, once its recording is complete.
func (p *realPBX) heard(t *testing.T, name string) string {
	t.Helper()
	heard, err := sounds.heard(filepath.Join(p.SpoolDir, "monitor", name+".wav"))
	if err != nil {
		t.Fatal(err)
	}
	return heard
}

// gone waits until the channels of these unique ids have ended.
func (p *realPBX) gone(t *testing.T, ids ...string) {
	t.Helper()
	p.await(t, "the end of the calls", func() bool {
		return !slices.ContainsFunc(ids, func(id string) bool { return p.channel(id).Name != "" })
	})
}

// hangUp ends a call.
func (p *realPBX) hangUp(t *testing.T, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if _, err := p.engine.Servers[0].Manager.Do(t.Context(), ami.Action{Name: "Hangup"}.With("Channel", id)); err != nil {
			t.Error(err)
		}
	}
	p.gone(t, ids...)
}

// watch returns the events of these names as text from now on.
func (p *realPBX) watch(t *testing.T, names ...string) func(contains ...string) live.Event {
	t.Helper()
	sub := p.model.Subscribe(10_000, names...)
	t.Cleanup(sub.Close)
	return func(contains ...string) live.Event {
		t.Helper()
		limit := time.After(30 * time.Second)
		var seen []string
		for {
			select {
			case e := <-sub.C():
				text := fmt.Sprint(e.Raw)
				if !slices.ContainsFunc(contains, func(s string) bool { return !strings.Contains(text, s) }) {
					return e
				}
				seen = append(seen, text)
			case <-limit:
				t.Fatalf("no %v with %q within 30 s; there were\n%s", names, contains, strings.Join(seen, "\n"))
			}
		}
	}
}
