package ami_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pbxflow/pbxflow/ami"
)

func twoLinks(_ *harness, o *ami.Options) { o.ActionLink = true }

func TestActionLink(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, twoLinks)
		if h.Clients() != 2 || !h.client.Connected() {
			t.Fatalf("%d connections, connected %v", h.Clients(), h.client.Connected())
		}
		var masks []string
		for _, m := range h.Received() {
			if m.Get("Action") == "Login" {
				masks = append(masks, m.Get("Events"))
			}
		}
		if want := []string{"off", ""}; !cmp.Equal(masks, want) {
			t.Errorf("event masks %q, want %q", masks, want)
		}
		h.AnswerList("Status", []string{"Event", "Status"})
		if items, err := h.client.List(t.Context(), ami.Action{Name: "Status"}); err != nil || len(items) != 1 {
			t.Errorf("List: %v, %v", items, err)
		}
		h.stop()
		err := <-h.done
		h.done <- err
		if n := strings.Count(h.names(), "Logoff"); n != 2 {
			t.Errorf("%d Logoffs, want 2", n)
		}
	})
}

// A slow action holds up neither the events nor the Ping of the other connection.
func TestActionLinkSlowAction(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, twoLinks)
		h.Respond("Slow", func(ami.Message) [][]string {
			time.Sleep(2 * time.Minute)
			return [][]string{{"Response", "Success"}}
		})
		slow := make(chan error, 1)
		go func() {
			_, err := h.client.Do(t.Context(), ami.Action{Name: "Slow"}.With("Timeout", "x"))
			slow <- err
		}()
		synctest.Wait()
		h.Respond("Events", func(a ami.Message) [][]string { return [][]string{{"Response", "Success", "Events", "On"}} })
		if _, err := h.client.Do(t.Context(), ami.Action{Name: "events"}.With("EventMask", "on")); err != nil {
			t.Errorf("Events does not go by the connection of the events: %v", err)
		}
		if err := <-slow; !errors.Is(err, ami.ErrOutcomeUnknown) { // 30 s are over, the session stands
			t.Errorf("Slow: %v", err)
		}
		if _, states := h.seen(); !cmp.Equal(states, []string{"connected"}) {
			t.Errorf("states %v", states)
		}
	})
}

// Filters are for the connection of the events, the later ones too.
func TestActionLinkFilter(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, func(h *harness, o *ami.Options) {
			twoLinks(h, o)
			o.ServerFilter, o.Wants = true, []ami.Want{{Names: []string{"A"}}}
		})
		h.emit("A", "B", "C")
		s := h.client.SubscribeTo(ami.Want{Names: []string{"B"}}, 10)
		defer s.Close()
		synctest.Wait()
		h.emit("A", "B", "C")
		if events, _ := h.seen(); !cmp.Equal(events, []string{"A", "A", "B"}) {
			t.Errorf("events %v", events)
		}
		if got, want := take(s), "B"; got != want {
			t.Errorf("the later subscription got %q, want %q", got, want)
		}
	})
}

// The OriginateResponse comes by one connection, what was asked by the other; either
// may be first.
func TestActionLinkOriginate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, twoLinks)
		h.Respond("Originate", func(a ami.Message) [][]string {
			h.Emit("OriginateResponse", "ActionID", a.Get("ActionID"), "Response", "Success", "Uniqueid", "1.7")
			time.Sleep(time.Second)
			return queued(a)
		})
		e, err := h.client.Originate(t.Context(), ami.Action{})
		if err != nil || e.Get("Uniqueid") != "1.7" {
			t.Errorf("Originate: %v, %v", e, err)
		}
		h.Write("Event: Odd\r\n\r\n")
		synctest.Wait()
		if events, _ := h.seen(); !cmp.Equal(events, []string{"OriginateResponse", "Odd"}) {
			t.Errorf("events %v, want each once though both connections may bring it", events)
		}
	})
}

// Whichever connection dies, the session is down, and comes back with both.
func TestActionLinkDrop(t *testing.T) {
	for i, name := range []string{"actions", "events"} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := run(t, twoLinks)
				h.Respond("Mute", func(ami.Message) [][]string { return nil })
				pending := make(chan error, 1)
				go func() {
					_, err := h.client.Do(t.Context(), ami.Action{Name: "Mute"})
					pending <- err
				}()
				synctest.Wait()
				h.dialed[i].Close()
				if err := <-pending; !errors.Is(err, ami.ErrOutcomeUnknown) {
					t.Errorf("pending action: %v", err)
				}
				time.Sleep(5 * time.Second)
				if _, states := h.seen(); !cmp.Equal(states, []string{"connected", "disconnected", "connected"}) {
					t.Errorf("states %v", states)
				}
				if h.Clients() != 2 {
					t.Errorf("%d connections", h.Clients())
				}
			})
		})
	}
}

// A dead peer is found on the connection that only brings events, too, whatever is under
// way on the other.
func TestActionLinkPing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, twoLinks)
		time.Sleep(time.Minute)
		if n := strings.Count(h.names(), "Ping"); n < 6 {
			t.Errorf("%d pings in a minute on two connections", n)
		}
		h.Respond("Mute", func(ami.Message) [][]string { return nil })
		mute := make(chan error, 1)
		go func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			_, err := h.client.Do(ctx, ami.Action{Name: "Mute"})
			mute <- err
		}()
		synctest.Wait()
		h.Stall()
		time.Sleep(26 * time.Second)
		if h.client.Connected() {
			t.Error("a silent peer was not noticed")
		}
		if err := <-mute; !errors.Is(err, ami.ErrOutcomeUnknown) {
			t.Errorf("what was under way: %v", err)
		}
		h.Resume()
	})
}

// An Asterisk that lets a user in only once says so, and the client keeps trying.
func TestActionLinkNotAllowed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, func(h *harness, o *ami.Options) {
			twoLinks(h, o)
			h.Refuse("Login Already In Use")
		})
		time.Sleep(time.Minute)
		if h.client.Connected() {
			t.Error("connected")
		}
		if _, states := h.seen(); !cmp.Equal(states, []string{"disconnected"}) {
			t.Errorf("states %v", states)
		}
	})
}
