package ami_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// queued is how Asterisk accepts an Originate.
func queued(ami.Message) [][]string {
	return [][]string{{"Response", "Success", "Message", "Originate successfully queued"}}
}

func TestStartOriginate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		h.Respond("Originate", queued)
		var calls []*ami.Origination
		for range 3 {
			o, err := h.client.StartOriginate(t.Context(), ami.Action{}.With("Channel", "Local/x@y"))
			if err != nil {
				t.Fatal(err)
			}
			calls = append(calls, o)
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := calls[0].Wait(short); !errors.Is(err, ami.ErrOutcomeUnknown) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Wait without an answer: %v", err)
		}
		h.Emit("OriginateResponse", "ActionID", calls[1].ActionID(), "Response", "Failure", "Reason", "5")
		h.Emit("OriginateResponse", "ActionID", calls[0].ActionID(), "Response", "Success", "Uniqueid", "1.7")
		<-calls[0].Done()
		if e, err := calls[0].Wait(short); err != nil || e.Get("Uniqueid") != "1.7" {
			t.Errorf("an answered call: %v, %v", e, err)
		}
		if _, err := calls[1].Wait(t.Context()); err == nil || err.Error() != "ami: Originate: call failed, reason 5 (busy)" {
			t.Errorf("a busy call: %v", err)
		}
		h.Drop()
		if _, err := calls[2].Wait(t.Context()); !errors.Is(err, ami.ErrOutcomeUnknown) {
			t.Errorf("a call when the link drops: %v", err)
		}
		time.Sleep(time.Second)
		if n := strings.Count(h.names(), "Originate"); n != 3 {
			t.Errorf("%d Originates were sent, want 3: none again", n)
		}
	})
}

func TestStartOriginateRefused(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		h.Answer("Originate", "Response", "Error", "Message", "Extension does not exist.")
		_, err := h.client.StartOriginate(t.Context(), ami.Action{}.With("Channel", "Local/x@y"))
		if refusal, ok := errors.AsType[*ami.Error](err); !ok || refusal.Message != "Extension does not exist." {
			t.Errorf("refused: %v", err)
		}
		h.Respond("Originate", func(ami.Message) [][]string { return nil })
		if _, err := h.client.StartOriginate(t.Context(), ami.Action{}); !errors.Is(err, ami.ErrOutcomeUnknown) {
			t.Errorf("no answer: %v", err)
		}
	})
}

// A forgotten call's end is news only.
func TestOriginationForget(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		h.Respond("Originate", queued)
		o, err := h.client.StartOriginate(t.Context(), ami.Action{})
		if err != nil {
			t.Fatal(err)
		}
		o.Forget()
		h.Emit("OriginateResponse", "ActionID", o.ActionID(), "Response", "Success")
		synctest.Wait()
		select {
		case <-o.Done():
			t.Error("a forgotten call is done")
		default:
		}
		if events, _ := h.seen(); len(events) != 1 {
			t.Errorf("events %v", events)
		}
	})
}

// Without a deadline Originate waits as long as Asterisk rings, and ActionTimeout.
func TestOriginateTimeout(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		h.Respond("Originate", queued)
		for timeout, want := range map[string]time.Duration{"": time.Minute, "90000": 2 * time.Minute} {
			start := time.Now()
			_, err := h.client.Originate(t.Context(), ami.Action{}.With("Timeout", timeout))
			if took := time.Since(start); !errors.Is(err, ami.ErrOutcomeUnknown) || took != want {
				t.Errorf("Timeout %q: %v after %v, want %v", timeout, err, took, want)
			}
		}
	})
}

func TestWithVariable(t *testing.T) {
	for _, test := range []struct{ name, value, want string }{
		{"A", "plain", "A=plain"},
		{"A", "", "A="},
		{"A", `a,b"c"\d(e[f=g`, `A=a\,b\"c\"\\d(e[f=g`},
		{"HASH(x,y)", " z ", `HASH(x\,y)= z `},
	} {
		a := ami.Action{Name: "Originate"}.WithVariable(test.name, test.value)
		if got := a.Fields[0]; got != (ami.Field{Name: "Variable", Value: test.want}) || a.Check() != nil {
			t.Errorf("WithVariable(%q, %q): %v, %v, want %q", test.name, test.value, got, a.Check(), test.want)
		}
	}
	list := func(n int) string { return strings.TrimSuffix(strings.Repeat("a=b,", n), ",") }
	for _, test := range []struct {
		name   string
		action ami.Action
		ok     bool
	}{
		{"no name", ami.Action{}.WithVariable("", "x"), false},
		{"= in the name", ami.Action{}.WithVariable("A=B", "x"), false},
		{"line end in the value", ami.Action{}.WithVariable("A", "x\r\ny"), false},
		{"value that grows too long", ami.Action{}.WithVariable("A", strings.Repeat(",", 600)), false},
		{"64 in a line", ami.Action{}.With("Variable", list(64)), true},
		{"65 in a line", ami.Action{}.With("Variable", list(65)), false},
		{"commas that do not split", ami.Action{}.With("variable", `a="`+list(65)+`",b=(`+list(65)+`),c=[`+list(65)+`],d=\`+strings.Repeat(`,\`, 65)+`,`), true},
		{"brackets that do not balance", ami.Action{}.With("Variable", `a=)],`+list(64)), false},
		{"longest ChannelId", ami.Action{}.With("ChannelId", strings.Repeat("x", 149)), true},
		{"ChannelId too long", ami.Action{}.With("OtherChannelId", strings.Repeat("x", 150)), false},
	} {
		test.action.Name = "Originate"
		if err := test.action.Check(); (err == nil) != test.ok || err != nil && !errors.Is(err, ami.ErrInvalidAction) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	if err := (ami.Action{Name: "UserEvent"}).With("Variable", list(65)).Check(); err != nil {
		t.Errorf("only Originate splits: %v", err)
	}
}

func TestOriginate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		for _, result := range []string{"Success", "Failure"} {
			h.Respond("Originate", func(a ami.Message) [][]string {
				if got := a.Values("Async"); len(got) != 1 || got[0] != "true" {
					t.Errorf("Async %q", got)
				}
				return [][]string{
					{"Response", "Success", "Message", "Originate successfully queued"},
					{"Event", "OriginateResponse", "Response", result, "Reason", "5", "Uniqueid", "1.7"},
				}
			})
			e, err := h.client.Originate(t.Context(), ami.Action{}.With("async", "no").With("Channel", "Local/x@y"))
			if (err == nil) != (result == "Success") || e.Get("Uniqueid") != "1.7" {
				t.Errorf("%s: %v, %v", result, e, err)
			}
		}
		synctest.Wait() // Handler may get it after Originate has returned
		if events, _ := h.seen(); len(events) != 2 {
			t.Errorf("events %v: OriginateResponse is news as well", events)
		}
	})
}
