package ami_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pbxflow/pbxflow/ami"
)

// tell writes down an event of a subscription: its name, or what the gap is.
func tell(e ami.Event) string {
	g, ok := e.Gap()
	switch {
	case !ok:
		return e.Name()
	case g.Reconnected:
		return fmt.Sprintf("[%d, reconnected]", g.Lost)
	}
	return fmt.Sprintf("[%d]", g.Lost)
}

// take returns what is in a subscription now.
func take(s *ami.Subscription) string {
	var got []string
	for {
		synctest.Wait()
		select {
		case e, open := <-s.C():
			if !open {
				return strings.Join(append(got, "end"), " ")
			}
			got = append(got, tell(e))
		default:
			return strings.Join(got, " ")
		}
	}
}

func (h *harness) emit(names ...string) {
	for _, name := range names {
		h.Emit(name)
	}
	synctest.Wait()
}

// The stream says where events are missing, and how many.
func TestSubscriptionGaps(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		s := h.client.Subscribe(nil, 2)
		h.emit("A", "B", "C", "D")
		if got, want := take(s), "A B"; got != want {
			t.Errorf("first: got %q, want %q", got, want)
		}
		h.emit("E", "F", "G")
		if got, want := take(s), "[2] E"; got != want {
			t.Errorf("after a loss: got %q, want %q", got, want)
		}
		h.Drop()
		time.Sleep(time.Second)
		if got, want := take(s), "[2, reconnected]"; got != want {
			t.Errorf("after a reconnect: got %q, want %q", got, want)
		}
		h.emit("H", "EventsLost", "J")
		s.Close()
		if got, want := take(s), "H EventsLost [1] end"; got != want {
			t.Errorf("at the end: got %q, want %q", got, want)
		}
		if s.Lost() != 5 {
			t.Errorf("lost %d, want 5", s.Lost())
		}
	})
}

// The smallest subscription, always full, gets on, and neither blocks the reader nor
// loses count.
func TestSubscriptionOfOne(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		s := h.client.Subscribe(nil, 0)
		for range 3 {
			h.emit("A", "B")
			e := <-s.C()
			if g, ok := e.Gap(); ok {
				if g.Lost == 0 || e.Name() != ami.EventsLost || e.Get("Lost") == "" || e.Server() != "pbx1" {
					t.Errorf("mark %v of %q", e, e.Server())
				}
				e = <-s.C()
			}
			if e.Name() != "A" {
				t.Errorf("got %s", e.Name())
			}
		}
		h.Drop()
		time.Sleep(5 * time.Second) // longer than the second wait
		h.emit("A", "B")
		h.Drop()
		time.Sleep(5 * time.Second) // longer than the second wait
		h.emit("A", "B")
		s.Close()
		if got, want := take(s), "[1, reconnected] [4, reconnected] end"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// A subscription may be closed while it is offered an event.
func TestSubscriptionClosedWhileFilled(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		var one, two *ami.Subscription
		one = h.client.Subscribe(func(ami.Event) bool {
			one.Close()
			two.Close()
			return true
		}, 10)
		two = h.client.Subscribe(nil, 10)
		h.emit("A", "B")
		if first, second := take(one), take(two); first != "end" || second != "end" {
			t.Errorf("got %q and %q", first, second)
		}
		if events, _ := h.seen(); len(events) != 2 {
			t.Errorf("events %v", events)
		}
	})
}

func TestWant(t *testing.T) {
	e := ami.NewEvent("AgentCalled", "Privilege", "agent,all", "Queue", "sales", "Interface", "PJSIP/1")
	tests := []struct {
		name string
		want ami.Want
		yes  bool
	}{
		{"all", ami.Want{}, true},
		{"name", ami.Want{Names: []string{"X", "AgentCalled"}}, true},
		{"other name", ami.Want{Names: []string{"agentcalled"}}, false},
		{"no name", ami.Want{Names: []string{}}, false},
		{"class", ami.Want{Classes: []string{"call", "agent"}}, true},
		{"other class", ami.Want{Classes: []string{"call"}}, false},
		{"field", ami.Want{Fields: []ami.Field{{Name: "queue", Value: "sales"}}}, true},
		{"other value", ami.Want{Fields: []ami.Field{{Name: "Queue", Value: "sales"}, {Name: "Interface", Value: "PJSIP/2"}}}, false},
		{"no such field", ami.Want{Fields: []ami.Field{{Name: "None", Value: ""}}}, false},
		{"function", ami.Want{Func: func(e ami.Event) bool { return e.Get("Queue") == "sales" }}, true},
		{"other function", ami.Want{Names: []string{"AgentCalled"}, Func: func(ami.Event) bool { return false }}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := run(t, nil)
				s := h.client.SubscribeTo(test.want, 10)
				defer s.Close()
				h.EmitEvent(e)
				if got := take(s) == "AgentCalled"; got != test.yes {
					t.Errorf("wanted %v, want %v", got, test.yes)
				}
			})
		})
	}
}

func TestEventServer(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		s := h.client.Subscribe(nil, 10)
		defer s.Close()
		h.Emit("Hangup", "Uniqueid", "1.7")
		e := <-s.C()
		if got, want := e.Ref("Uniqueid"), (ami.Ref{Server: "pbx1", ID: "1.7"}); !cmp.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if e := ami.NewEvent("A"); e.Server() != "" {
			t.Errorf("an event from nowhere has the server %q", e.Server())
		}
	})
}

func TestSubscription(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		all := h.client.Subscribe(nil, 100)
		slow := h.client.Subscribe(ami.Names("A", "C"), 3)
		for _, name := range []string{"A", "B", "C", "A", "A", "A"} {
			h.Emit(name)
		}
		synctest.Wait()
		if all.Lost() != 0 || slow.Lost() != 2 {
			t.Errorf("lost %d and %d, want 0 and 2", all.Lost(), slow.Lost())
		}
		h.Drop()
		time.Sleep(time.Second)
		h.Emit("D")
		synctest.Wait()
		drain := func(s *ami.Subscription) (names string) {
			s.Close()
			s.Close()
			for e := range s.C() {
				names += e.Name()
			}
			return names
		}
		if got := drain(all); got != "ABCAAAEventsLostD" {
			t.Errorf("all got %s", got)
		}
		if got := drain(slow); got != "ACAEventsLost" {
			t.Errorf("slow got %s", got)
		}
		h.Emit("E") // to nobody
		synctest.Wait()
		if events, _ := h.seen(); len(events) != 8 {
			t.Errorf("the handler got %d events, want all 8", len(events))
		}
	})
}
