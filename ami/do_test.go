package ami_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
)

func TestDo(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		r, err := h.client.Do(t.Context(), ami.Action{Name: "Ping"})
		if err != nil || r.Get("Ping") != "Pong" {
			t.Errorf("Ping: %v, %v", r, err)
		}
		_, err = h.client.Do(t.Context(), ami.Action{Name: "Nonsense"})
		if refusal, ok := errors.AsType[*ami.Error](err); !ok || refusal.Action != "Nonsense" || !strings.HasPrefix(refusal.Message, "Invalid/unknown command") {
			t.Errorf("Nonsense: %v", err)
		}
	})
}

func TestCommandOutput(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		h.Answer("Command", "Response", "Success", "Message", "Command output follows", "Output", "a: 1", "Output", "", "Output", "c")
		r, err := h.client.Do(t.Context(), ami.Action{Name: "Command"}.With("Command", "core show version"))
		if diff := cmp.Diff(r.Output(), []string{"a: 1", "", "c"}); err != nil || diff != "" {
			t.Errorf("new format: %v %s", err, diff)
		}
		h.Respond("Command", func(a ami.Message) [][]string {
			h.Write("Response: Follows\r\nPrivilege: Command\r\nActionID: " + a.Get("ActionID") + "\r\na: 1\n\nc\n--END COMMAND--\r\n\r\n")
			return nil
		})
		r, err = h.client.Do(t.Context(), ami.Action{Name: "Command"}.With("Command", "core show version"))
		if diff := cmp.Diff(r.Output(), []string{"a: 1", "", "c"}); err != nil || diff != "" {
			t.Errorf("old format: %v %s", err, diff)
		}
		h.Answer("Command", "Response", "Error", "Message", "Command output follows", "Output", "Usage: core show channel <channel>", "Output", "       Shows lots")
		_, err = h.client.Do(t.Context(), ami.Action{Name: "Command"}.With("Command", "core show channel"))
		refusal, ok := errors.AsType[*ami.Error](err)
		if !ok || err.Error() != "ami: Command: Usage: core show channel <channel>" || len(refusal.Output) != 2 {
			t.Errorf("a command that failed: %v", err)
		}
	})
}

// Events that look like answers are not.
func TestEventsAreNotAnswers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		h.Respond("Slow", func(a ami.Message) [][]string {
			id := a.Get("ActionID")
			return [][]string{
				{"Event", "OriginateResponse", "ActionID", id, "Response", "Failure"},
				{"Event", "UserEvent", "ActionID", id, "Response", "Error", "EventList", "Complete"},
				{"Response", "Success", "ActionID", "somebody else's"},
				{"Response", "Success", "Message", "the answer"},
			}
		})
		r, err := h.client.Do(t.Context(), ami.Action{Name: "Slow"})
		if err != nil || r.Text() != "the answer" {
			t.Errorf("got %v, %v", r, err)
		}
		if events, _ := h.seen(); !cmp.Equal(events, []string{"OriginateResponse", "UserEvent"}) {
			t.Errorf("events %v", events)
		}
	})
}

func TestList(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		h.Respond("ParkedCalls", func(a ami.Message) [][]string {
			_, number, _ := strings.Cut(a.Get("ActionID"), "-") // as another program may number its actions
			number = number[strings.Index(number, "-")+1:]
			list := amitest.List("ParkedCalls", []string{"Event", "ParkedCall", "N", "1"}, []string{"Event", "ParkedCall", "N", "2"})
			news := []string{"Event", "ParkedCall", "ActionID", number, "N", "news"}
			return append(list[:2:2], append([][]string{news}, list[2:]...)...)
		})
		items, err := h.client.List(t.Context(), ami.Action{Name: "ParkedCalls"})
		var got []string
		for _, e := range items {
			got = append(got, e.Get("N"))
		}
		if err != nil || !cmp.Equal(got, []string{"1", "2"}) {
			t.Errorf("items %v, %v", got, err)
		}
		if events, _ := h.seen(); !cmp.Equal(events, []string{"ParkedCall"}) {
			t.Errorf("events %v, want the one that is no item", events)
		}

		h.AnswerList("Empty")
		if items, err := h.client.List(t.Context(), ami.Action{Name: "Empty"}); err != nil || len(items) != 0 {
			t.Errorf("empty list: %v, %v", items, err)
		}
		if _, err := h.client.List(t.Context(), ami.Action{Name: "Ping"}); err == nil {
			t.Error("an answer without a list is no error")
		}
		var refusal *ami.Error
		if _, err := h.client.List(t.Context(), ami.Action{Name: "Nonsense"}); !errors.As(err, &refusal) {
			t.Errorf("refused list: %v", err)
		}
	})
}

// Only the first response counts.
func TestTwoResponses(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		start := []string{"Response", "Success", "EventList", "start"}
		h.Respond("Twice", func(ami.Message) [][]string {
			return append([][]string{start, {"Response", "Error", "Message", "second"}}, amitest.List("Twice", []string{"Event", "Item"})...)
		})
		if items, err := h.client.List(t.Context(), ami.Action{Name: "Twice"}); err != nil || len(items) != 1 {
			t.Errorf("a list: %v, %v", items, err)
		}
		h.Respond("Twice", func(ami.Message) [][]string { return [][]string{{"Response", "Success", "Message", "first"}, start} })
		if r, err := h.client.Do(t.Context(), ami.Action{Name: "Twice"}); err != nil || r.Text() != "first" {
			t.Errorf("Do: %v, %v", r, err)
		}
	})
}

// A list counts its items, and may end before it is whole. Only in Asterisk 16
// DBGetTree counts one for all of its items.
func TestListIncomplete(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		start, item := []string{"Response", "Success", "EventList", "start"}, []string{"Event", "Item"}
		for _, test := range []struct {
			end  []string
			want string // in the error; "" for a whole list
		}{
			{[]string{"EventList", "Complete", "ListItems", "2"}, ""},
			{[]string{"EventList", "complete", "ListItems", "1"}, ""},
			{[]string{"EventList", "Complete"}, ""},
			{[]string{"EventList", "Complete", "ListItems", "3"}, "2 of 3 items"},
			{[]string{"EventList", "Complete", "ListItems", "many"}, "many"},
			{[]string{"EventList", "cancelled"}, "cancelled"},
			{[]string{"EventList", "Cancelled", "ListItems", "2", "Message", "No more memory"}, "No more memory"},
		} {
			h.Respond("Some", func(ami.Message) [][]string {
				return [][]string{start, item, item, append([]string{"Event", "SomeComplete"}, test.end...)}
			})
			items, err := h.client.List(t.Context(), ami.Action{Name: "Some"})
			if test.want == "" && (err != nil || len(items) != 2) {
				t.Errorf("%q: %d items, %v", test.end, len(items), err)
			}
			if test.want != "" && (!errors.Is(err, ami.ErrIncompleteList) || !strings.Contains(err.Error(), test.want) || items != nil) {
				t.Errorf("%q: %v, %v, want %s", test.end, items, err, test.want)
			}
		}
		if events, _ := h.seen(); len(events) != 0 {
			t.Errorf("events %v", events)
		}
	})
}

// Who stops waiting for a list must not make news of its items.
func TestListGivenUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		release := make(chan [][]string)
		h.Respond("Long", func(a ami.Message) [][]string { return <-release })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := h.client.List(ctx, ami.Action{Name: "Long"})
		if !errors.Is(err, ami.ErrOutcomeUnknown) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("List: %v", err)
		}
		release <- append(amitest.List("Long", []string{"Event", "Item"}), []string{"Event", "News", "ActionID", ""})
		synctest.Wait()
		if events, _ := h.seen(); !cmp.Equal(events, []string{"News"}) {
			t.Errorf("events %v", events)
		}
	})
}

// Nor of what is left of it, when half of it was there.
func TestListGivenUpHalfway(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		var id string
		h.Respond("Long", func(a ami.Message) [][]string {
			id = a.Get("ActionID")
			return amitest.List("Long", []string{"Event", "Item"}, []string{"Event", "Item"})[:2]
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := h.client.List(ctx, ami.Action{Name: "Long"}); !errors.Is(err, ami.ErrOutcomeUnknown) {
			t.Errorf("List: %v", err)
		}
		time.Sleep(20 * time.Second) // a Ping is answered meanwhile
		h.Emit("Item", "ActionID", id)
		h.Emit("News", "ActionID", "another")
		h.Emit("LongComplete", "ActionID", id, "EventList", "Complete", "ListItems", "2")
		synctest.Wait()
		if events, _ := h.seen(); !cmp.Equal(events, []string{"News"}) {
			t.Errorf("events %v", events)
		}
	})
}

func TestActionTimeout(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, func(_ *harness, o *ami.Options) { o.PingInterval = time.Hour })
		h.Respond("Mute", func(ami.Message) [][]string { return nil })
		start := time.Now()
		_, err := h.client.Do(context.Background(), ami.Action{Name: "Mute"})
		if took := time.Since(start); !errors.Is(err, ami.ErrOutcomeUnknown) || took != 30*time.Second {
			t.Errorf("%v after %v", err, took)
		}
		if !h.client.Connected() {
			t.Error("an action without an answer cost the link")
		}
	})
}

// Each of many waits ends when its own time has come, whatever becomes of the others.
func TestManyActionTimeouts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, func(_ *harness, o *ami.Options) { o.PingInterval = time.Hour })
		h.Respond("Mute", func(ami.Message) [][]string { return nil })
		h.Respond("Slow", func(ami.Message) [][]string { return amitest.List("Slow", []string{"Event", "Item"})[:2] })
		for range 2 { // the second time the client has waited before
			var all sync.WaitGroup
			for i := range 50 {
				all.Go(func() {
					time.Sleep(time.Duration(i) * time.Second)
					start, want := time.Now(), 30*time.Second
					ctx, cancel := context.Background(), context.CancelFunc(func() {})
					var err error
					switch i % 5 {
					case 0:
						want = 0
						_, err = h.client.Do(ctx, ami.Action{Name: "Ping"})
					case 1:
						want = 50 * time.Second
						ctx, cancel = context.WithTimeout(ctx, want)
						_, err = h.client.Do(ctx, ami.Action{Name: "Mute"})
					case 2:
						want = 10 * time.Second
						ctx, cancel = context.WithTimeout(ctx, want)
						_, err = h.client.List(ctx, ami.Action{Name: "Slow"})
					case 3:
						_, err = h.client.List(ctx, ami.Action{Name: "Slow"})
					default:
						_, err = h.client.Do(ctx, ami.Action{Name: "Mute"})
					}
					cancel()
					if took := time.Since(start); took != want || errors.Is(err, ami.ErrOutcomeUnknown) != (want > 0) {
						t.Errorf("action %d: %v after %v, want %v", i, err, took, want)
					}
				})
			}
			all.Wait()
		}
	})
}

func TestConcurrentActions(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		h.Respond("Echo", func(a ami.Message) [][]string {
			return [][]string{{"Response", "Success", "Message", a.Get("N")}}
		})
		var wg sync.WaitGroup
		for i := range 1000 {
			wg.Go(func() {
				n := time.Duration(i).String()
				r, err := h.client.Do(t.Context(), ami.Action{Name: "Echo"}.With("N", n))
				if err != nil || r.Text() != n {
					t.Errorf("%s: %v, %v", n, r.Text(), err)
				}
			})
		}
		wg.Wait()
		ids := make(map[string]bool)
		for _, m := range h.Received() {
			id := m.Get("ActionID")
			if ids[id] || len(id) > 64 || id == "" {
				t.Fatalf("ActionID %q is not new, or not fit", id)
			}
			ids[id] = true
		}
		for _, m := range run(t, nil).Received() { // of another client
			if id := m.Get("ActionID"); ids[id] {
				t.Errorf("ActionID %q is that of another client", id)
			}
		}
	})
}
