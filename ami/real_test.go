package ami_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/apart"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

func TestMain(m *testing.M) {
	apart.Main(serveBench)
	asterisktest.Main(m)
}

// connect runs a client against a real Asterisk until the test ends.
func connect(t *testing.T, o ami.Options, pbx *asterisktest.Instance) *ami.Client {
	t.Helper()
	o.Name = "pbx1"
	if o.Addr == "" {
		o.Addr = pbx.AMI
	}
	if o.Username == "" {
		o.Username, o.Secret = pbx.AMIUser, pbx.AMISecret
	}
	if o.Logger == nil {
		o.Logger = hclog.New(&hclog.LoggerOptions{Output: t.Output()})
	}
	up := make(chan struct{}, 10)
	next := o.OnState
	o.OnState = func(s ami.State, err error) {
		if next != nil {
			next(s, err)
		}
		if s == ami.Connected {
			up <- struct{}{}
		}
	}
	c := ami.New(o)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != context.Canceled {
			t.Errorf("Run returned %v", err)
		}
	})
	select {
	case <-up:
	case <-time.After(time.Minute):
		t.Fatal("no session within a minute")
	}
	return c
}

func TestReal(t *testing.T) {
	asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		pbx := start(asterisktest.Config{
			Dialplan:    "[main]\nexten => quick,1,Answer()\n same => n,Set(CALLERID(name)=O'Brien \"x\")\n same => n,Set(QUOTED=it's \"so\")\n same => n,Wait(1)\n same => n,Hangup()\nexten => ringing,1,Ringing()\n same => n,Wait(60)\nexten => queue,1,Answer()\n same => n,Queue(sales,,,,1)\nexten => room,1,Answer()\n same => n,ConfBridge(7)\nexten => hint,hint,Local/quick@main\n",
			Queues:      "[sales]\njoinempty = yes\nmember => Local/ringing@main,0,Ann\n",
			ManagerRead: "all", ManagerWrite: "all",
			Files: map[string]string{"manager_local.conf": realUsers},
		})
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		events := make(chan ami.Event, 100_000)
		c := connect(t, ami.Options{Handler: func(e ami.Event) { events <- e }}, pbx)

		t.Run("plain login", func(t *testing.T) { connect(t, ami.Options{PlainLogin: true}, pbx) })
		t.Run("login refused", func(t *testing.T) {
			wrong := ami.New(ami.Options{Addr: pbx.AMI, Username: pbx.AMIUser, Secret: "wrong"})
			err := wrong.Run(ctx)
			if refusal, ok := errors.AsType[*ami.Error](err); !errors.Is(err, ami.ErrLoginRefused) || !ok || refusal.Message != "Authentication failed" {
				t.Errorf("Run returned %v", err)
			}
		})
		t.Run("actions", func(t *testing.T) {
			if r, err := c.Do(ctx, ami.Action{Name: "Ping"}); err != nil || r.Get("Ping") != "Pong" {
				t.Errorf("Ping: %v, %v", r, err)
			}
			var refusal *ami.Error
			if _, err := c.Do(ctx, ami.Action{Name: "Hangup"}.With("Channel", "none")); !errors.As(err, &refusal) || !strings.Contains(refusal.Message, "No such channel") {
				t.Errorf("Hangup: %v", err)
			}
			r, err := c.Do(ctx, ami.Action{Name: "Command"}.With("Command", "core show version"))
			if err != nil || len(r.Output()) == 0 || !strings.HasPrefix(r.Output()[0], "Asterisk "+v.Name+".") {
				t.Errorf("Command: %q, %v", r.Output(), err)
			}
			if r, err := c.Do(ctx, ami.Action{Name: "Command"}.With("Command", "core show applications")); err != nil || len(r.Output()) < 100 {
				t.Errorf("a long Command: %d lines, %v", len(r.Output()), err)
			}
		})
		t.Run("lists", func(t *testing.T) {
			if items, err := c.List(ctx, ami.Action{Name: "CoreShowChannels"}); err != nil || len(items) != 0 {
				t.Errorf("CoreShowChannels: %v, %v", items, err)
			}
			items, err := c.List(ctx, ami.Action{Name: "ShowDialPlan"}.With("Context", "main"))
			if err != nil || len(items) < 4 || items[0].Name() != "ListDialplan" {
				t.Errorf("ShowDialPlan: %d items, %v", len(items), err)
			}
			var refusal *ami.Error
			if _, err := c.List(ctx, ami.Action{Name: "ShowDialPlan"}.With("Context", "none")); !errors.As(err, &refusal) {
				t.Errorf("ShowDialPlan of nothing: %v", err)
			}
		})
		t.Run("variables", func(t *testing.T) { realVariables(ctx, t, c) })
		t.Run("whole lists", func(t *testing.T) { realLists(ctx, t, pbx) })
		t.Run("originate and wait later", func(t *testing.T) { realStartOriginate(ctx, t, c) })
		t.Run("missing rights", func(t *testing.T) { realMissingRights(ctx, t, pbx) })
		t.Run("action link", func(t *testing.T) { realActionLink(ctx, t, pbx) })
		t.Run("server filter", func(t *testing.T) { realServerFilter(ctx, t, pbx, c) })
		t.Run("filter rights", func(t *testing.T) { realFilterRights(ctx, t, pbx) })
		t.Run("lost link", func(t *testing.T) { realLostLink(ctx, t, pbx, c) })
		t.Run("dead peer", func(t *testing.T) { realDeadPeer(ctx, t, pbx) })
		t.Run("many at once", func(t *testing.T) { realMany(ctx, t, pbx) })
		t.Run("TLS", func(t *testing.T) { realTLS(ctx, t, pbx, c) })
		t.Run("limits", func(t *testing.T) { // what Check lets pass, Asterisk takes
			many := ami.Action{Name: "UserEvent"}.With("UserEvent", "Many").With("Long", strings.Repeat("x", ami.MaxLine-len("Long: \r\n")))
			for len(many.Fields) < ami.MaxLines-2 {
				many = many.With("F", "x")
			}
			if _, err := c.Do(ctx, many); err != nil {
				t.Errorf("the largest action: %v", err)
			}
		})
		t.Run("originate", func(t *testing.T) {
			e, err := c.Originate(ctx, ami.Action{}.With("Channel", "Local/quick@main").With("Application", "Wait").With("Data", "1"))
			if err != nil || e.Get("Uniqueid") == "" {
				t.Errorf("Originate: %v, %v", e, err)
			}
			if _, err := c.Originate(ctx, ami.Action{}.With("Channel", "Local/none@nowhere").With("Application", "Wait").With("Data", "1")); err == nil {
				t.Error("Originate to nowhere: no error")
			}
		})
		t.Run("escapes", func(t *testing.T) {
			var name, quoted, variable bool
			for deadline := time.After(30 * time.Second); !name || !quoted || !variable; {
				select {
				case e := <-events:
					name = name || e.Get("CallerIDName") == `O'Brien "x"`
					variable = variable || e.Get("ChanVariable") == `QUOTED=it's "so"`
					quoted = quoted || e.Get("Variable") == "QUOTED" && e.Get("Value") == `it's "so"`
				case <-deadline:
					t.Fatalf("caller name seen %v, variable seen %v, variable of a snapshot seen %v", name, quoted, variable)
				}
			}
		})
	})
}

// The client comes back after Asterisk was restarted, and can tell that it was.
func TestRealRestart(t *testing.T) {
	asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		pbx := start(asterisktest.Config{ManagerRead: "all", ManagerWrite: "all"})
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		states := make(chan ami.State, 10)
		c := connect(t, ami.Options{OnState: func(s ami.State, _ error) { states <- s }}, pbx)
		before, err := c.Identity(ctx)
		if err != nil || !strings.HasPrefix(before.Version, v.Name+".") || before.SystemName != "pbx" || before.Process == "" {
			t.Errorf("identity %+v, %v", before, err)
		}
		if at, err := before.StartTime(time.Local); err != nil || time.Since(at) > 5*time.Minute || time.Since(at) < -time.Minute {
			t.Errorf("start time %v, %v", at, err)
		}
		if err := pbx.Restart(ctx); err != nil {
			t.Fatal(err)
		}
		for _, want := range []ami.State{ami.Connected, ami.Disconnected, ami.Connected} {
			select {
			case got := <-states:
				if got != want {
					t.Fatalf("state %v, want %v", got, want)
				}
			case <-ctx.Done():
				t.Fatalf("no state %v", want)
			}
		}
		if _, err := c.Do(ctx, ami.Action{Name: "Ping"}); err != nil {
			t.Errorf("Ping after the restart: %v", err)
		}
		after, err := c.Identity(ctx)
		if restarted, known := before.Restarted(after); err != nil || !restarted || !known {
			t.Errorf("a restart from %+v to %+v, %v: %v, known %v", before, after, err, restarted, known)
		}
		if before.UUID == "" || before.UUID != after.UUID || before.Process == "" || before.Process == after.Process {
			t.Errorf("the same installation and another process: %+v, %+v", before, after)
		}
		again, err := c.Identity(ctx)
		if restarted, known := after.Restarted(again); err != nil || restarted || !known {
			t.Errorf("no restart from %+v to %+v, %v: %v, known %v", after, again, err, restarted, known)
		}
	})
}
