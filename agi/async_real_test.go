package agi_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// asyncCalls are calls of TestRealAsync: HEARD is what the dialplan knows afterwards.
var asyncCalls = []struct {
	name  string
	phone []asterisktest.Step
	run   func(ctx context.Context, s *agi.Session) (string, error)
	want  string
}{
	{
		"media",
		[]asterisktest.Step{asterisktest.Wait(2 * time.Second), asterisktest.Press("12#"), asterisktest.Wait(10 * time.Second)},
		func(ctx context.Context, s *agi.Session) (string, error) {
			if err := s.Answer(ctx); err != nil {
				return "", err
			}
			if _, _, err := s.StreamFile(ctx, "beep", "", 0); err != nil {
				return "", err
			}
			digits, _, err := s.GetData(ctx, long, 20*time.Second, 0)
			return digits, err
		}, "12",
	},
	{"variable", stay(5), func(ctx context.Context, s *agi.Session) (string, error) {
		if err := s.SetVariable(ctx, "X", `a+b "c" 100%`); err != nil {
			return "", err
		}
		value, _, err := s.GetVariable(ctx, "X")
		return value, err
	}, `a+b "c" 100%`},
	{"fails", stay(5), func(ctx context.Context, s *agi.Session) (string, error) {
		panic("no reason")
	}, ""},
	{"hangupexec", stay(1), func(ctx context.Context, s *agi.Session) (string, error) {
		_, err := s.Exec(ctx, "Wait", "60")
		return "", err
	}, "hungup"},
	{"hangupbusy", stay(1), func(ctx context.Context, s *agi.Session) (string, error) {
		<-ctx.Done()
		return "", context.Cause(ctx)
	}, "hungup"},
}

// TestRealAsync serves five calls at once over the manager. Each tells in a second
// AGI(agi:async) that its dialplan went on.
func TestRealAsync(t *testing.T) {
	asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		plan := "[calls]\n"
		for _, c := range asyncCalls {
			plan += fmt.Sprintf("exten => %s,1,AGI(agi:async,%[1]s)\n same => n,AGI(agi:async,after,%[1]s)\n", c.name)
		}
		for _, c := range asyncCalls {
			plan += asterisktest.Phone(c.name, append([]asterisktest.Step{asterisktest.Answer()}, c.phone...)...)
		}
		pbx := start(asterisktest.Config{Dialplan: plan, ManagerRead: "agi,call", ManagerWrite: "agi,call"})

		up := make(chan struct{}, 1)
		client := ami.New(ami.Options{
			Addr: pbx.AMI, Username: pbx.AMIUser, Secret: pbx.AMISecret,
			OnState: func(s ami.State, err error) {
				if s == ami.Connected {
					up <- struct{}{}
				}
			},
		})
		events := client.Subscribe(ami.Names("AsyncAGIStart", "AsyncAGIExec", "AsyncAGIEnd", "Hangup", "Rename"), 1000)
		defer events.Close()

		var all sync.WaitGroup
		all.Add(len(asyncCalls))
		after := make(chan string, len(asyncCalls))
		srv := &agi.AsyncServer{Link: asyncLink{client, events}, Handler: agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
			args := s.Env().Args()
			if args[0] == "after" {
				heard, _, err := s.GetVariable(ctx, "HEARD")
				after <- args[1] + " " + heard
				return err
			}
			for _, c := range asyncCalls {
				if c.name != args[0] {
					continue
				}
				defer all.Done()
				got, err := c.run(ctx, s)
				if c.want == "hungup" {
					wantErr(t, c.name, err, agi.ErrHangup)
					return err
				}
				if err != nil || got != c.want {
					t.Errorf("%s: got %q, %v, want %q", c.name, got, err, c.want)
				}
				return s.SetVariable(ctx, "HEARD", got)
			}
			return fmt.Errorf("unexpected call %v", args)
		})}
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		clientCtx, stopClient := context.WithCancel(context.Background())
		running.Go(func() { _ = client.Run(clientCtx) })
		served := make(chan error, 1)
		go func() { served <- srv.Serve(ctx) }()
		<-up
		for _, c := range asyncCalls {
			if _, err := pbx.Originate(t.Context(), asterisktest.Call{Channel: "Local/" + c.name + "@phones", Context: "calls", Exten: c.name}); err != nil {
				t.Error(err)
			}
		}
		all.Wait()
		var got []string
		for range 3 {
			got = append(got, <-after)
		}
		for _, want := range []string{"media 12", `variable a+b "c" 100%`, "fails "} {
			if !strings.Contains(strings.Join(got, "\n")+"\n", want+"\n") {
				t.Errorf("got %q, want %q among them", got, want)
			}
		}
		stop()
		wantErr(t, "Serve", <-served, agi.ErrServerClosed)
		stopClient()
		running.Wait()
	})
}
