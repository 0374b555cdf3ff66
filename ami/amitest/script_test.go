package amitest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
)

// run runs a client against the server in a bubble until the test's part is over.
func run(t *testing.T, s *amitest.Server, o ami.Options, part func(ctx context.Context, c *ami.Client)) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer s.Close()
	o.Addr, o.Dial = s.Addr(), s.Dial
	if o.Username == "" {
		o.Username, o.Secret = s.Username, s.Secret
	}
	c := ami.New(o)
	done := make(chan error)
	go func() { done <- c.Run(ctx) }()
	if err := s.AwaitClients(ctx, 1); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	part(ctx, c)
	stop()
	<-done
}

const script = `
	# A list, a call, and the end of the line.
	> QueueStatus Queue=support

	Response: Success
	EventList: start

	Event: QueueParams
	Queue: support

	Event: QueueStatusComplete
	EventList: Complete
	ListItems: 1

	> Originate Channel=Local/*@phones Variable="A=b c"
	. 1s
	Response: Success
	. 2s
	Event: Newchannel
	Channel: Local/x@phones-00000001;1

	Event: OriginateResponse
	ActionID: *
	Response: Success
	Uniqueid: 1.1

	! stall
	Event: Hangup

	. 1s
	! resume
	. 1s
	! drop
`

func TestScript(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []string
		start := time.Now()
		o := ami.Options{
			Handler: func(e ami.Event) { seen = append(seen, time.Since(start).String()+" "+e.Name()) },
			OnState: func(s ami.State, _ error) { seen = append(seen, time.Since(start).String()+" "+s.String()) },
		}
		s := amitest.New()
		run(t, s, o, func(ctx context.Context, c *ami.Client) {
			played := make(chan error)
			go func() { played <- s.Play(ctx, script) }()
			synctest.Wait()
			if err := s.Play(ctx, script); err == nil || !strings.Contains(err.Error(), "already") {
				t.Errorf("two scripts at once: %v", err)
			}
			items, err := c.List(ctx, ami.Action{Name: "QueueStatus"}.With("Queue", "support"))
			if err != nil || len(items) != 1 || items[0].Get("Queue") != "support" {
				t.Errorf("QueueStatus: %v, %v", items, err)
			}
			if _, err := c.Do(ctx, ami.Action{Name: "Ping"}); err != nil {
				t.Errorf("Ping beside the script: %v", err)
			}
			e, err := c.Originate(ctx, ami.Action{}.With("Channel", "Local/x@phones").With("Variable", "A=b c").With("X", "more"))
			if err != nil || e.Get("Uniqueid") != "1.1" {
				t.Errorf("Originate: %v, %v", e, err)
			}
			if err := <-played; err != nil {
				t.Error(err)
			}
			synctest.Wait()
		})
		want := "0s connected, 3s Newchannel, 3s OriginateResponse, 4s Hangup, 5s disconnected"
		if got := strings.Join(seen, ", "); got != want {
			t.Errorf("seen %s, want %s", got, want)
		}
	})
}

func TestScriptMismatch(t *testing.T) {
	for name, test := range map[string]struct {
		script string
		send   []ami.Action
		want   string
	}{
		"a wrong argument": {
			"> QueuePause Queue=support\nResponse: Success",
			[]ami.Action{ami.Action{Name: "QueuePause"}.With("Queue", "sales")},
			"script line 1: no Queue like that\n\t got: QueuePause Queue=sales\n\twant: QueuePause Queue=support",
		},
		"the wrong order": {
			"> A\nResponse: Success\n\n> B\nResponse: Success",
			[]ami.Action{{Name: "B"}},
			"script line 1: another action\n\t got: B\n\twant: A",
		},
		"not like the pattern": {
			"> A X=a*b*c\nResponse: Success",
			[]ami.Action{ami.Action{Name: "A"}.With("X", "a1c2c")},
			"script line 1: no X like that",
		},
		"like the pattern, ok": {
			"> A X=a*b*c\nResponse: Success",
			[]ami.Action{ami.Action{Name: "A"}.With("X", "a1b2c")},
			"",
		},
		"silence":                 {"> A", nil, "script line 1: no action came within 1m0s\n\twant: A"},
		"no answer yet":           {"\nResponse: Success", nil, `line 2: "Response: Success" answers no action`},
		"not a line":              {"hello", nil, `line 1: "hello" is none of > ACTION`},
		"not a time":              {". soon", nil, `line 1: "soon" is no time`},
		"a negative time":         {". -1s", nil, `line 1: "-1s" is no time`},
		"not a control":           {"! explode", nil, `line 1: "! explode" is none of`},
		"not an action":           {"> Action: Ping", nil, `line 1: Action: is not the name of an action`},
		"a header with a blank":   {"Some name: x", nil, `is none of > ACTION`},
		"the script is empty, ok": {"# nothing", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := amitest.New()
				run(t, s, ami.Options{}, func(ctx context.Context, c *ami.Client) {
					played := make(chan error, 1)
					go func() { played <- s.Play(ctx, test.script) }()
					synctest.Wait() // an action that came before would not be the script's
					for _, a := range test.send {
						go c.Do(ctx, a)
					}
					err := <-played
					if test.want == "" && err == nil {
						return
					}
					if err == nil || !strings.Contains(err.Error(), test.want) {
						t.Errorf("got %v, want %s", err, test.want)
					}
				})
			})
		})
	}
}

// TestScriptEnds has the test's context end a script that waits.
func TestScriptEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := amitest.Start(t)
		for _, script := range []string{"> A", ". 1h"} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if err := s.Play(ctx, script); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v", script, err)
			}
			cancel()
		}
	})
}
