package live_test

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
)

// story are the events that tell the stories of calls, queues and the link.
var story = []string{
	live.CallStarted, live.CallAnswered, live.CallEnded,
	live.QueueJoined, live.QueueConnected, live.QueueAbandoned, live.QueueLeft,
	live.ServerConnected, live.ServerDisconnected, live.ServerRestarted, live.ServerSynced,
}

// line tells an event in one line; times are left to the tests that are about them.
func line(e live.Event) string {
	var b strings.Builder
	b.WriteString(e.Name)
	if c := e.Call; c != nil {
		fmt.Fprintf(&b, " %s %s>%s %s", c.Linkedid, c.Caller.Num, c.Dialed, c.Direction)
		if c.Answered {
			b.WriteString(" answered")
		}
		if c.Reason != "" {
			fmt.Fprintf(&b, " %q", c.Reason)
			if c.Rang > 0 {
				fmt.Fprintf(&b, " rang %v", c.Rang.Round(100*time.Millisecond))
			}
			fmt.Fprintf(&b, " lasted %v", c.Duration.Round(100*time.Millisecond))
		}
	}
	if q := e.Queue; q != nil {
		fmt.Fprintf(&b, " [%s %d %s %v", q.Name, q.Position, strings.TrimRight(q.Outcome+" "+q.Reason, " "), q.Waited.Truncate(time.Second))
		if q.Member != "" {
			fmt.Fprintf(&b, " %s", q.Member)
		}
		b.WriteString("]")
	}
	if s := e.Peer; s != nil && s.Reason != "" {
		fmt.Fprintf(&b, " %q", s.Reason)
	}
	return b.String()
}

// drain takes what the subscription holds.
func drain(t *testing.T, s *live.Subscription) (lines []string) {
	t.Helper()
	if n := s.Lost(); n > 0 {
		t.Fatalf("%d events lost", n)
	}
	for {
		select {
		case e := <-s.C():
			checkPayloads(t, e)
			lines = append(lines, line(e))
		default:
			return lines
		}
	}
}

// checkPayloads holds an event against its row in the table.
func checkPayloads(t *testing.T, e live.Event) {
	t.Helper()
	typ, ok := live.LookupEvent(e.Name)
	if !ok {
		t.Errorf("%s is not in the table", e.Name)
	}
	var vars []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[live.Event]()) {
		name := f.Tag.Get("expr")
		if name == "" {
			continue
		}
		if payload := reflect.ValueOf(e.Payload(name)); payload.Type() != f.Type {
			t.Errorf("the payload %s is a %v, want %v", name, payload.Type(), f.Type)
		} else if !payload.IsNil() {
			vars = append(vars, name)
		}
	}
	if !cmp.Equal(vars, typ.Vars) {
		t.Errorf("%s carries %v, the table says %v", e.Name, vars, typ.Vars)
	}
}

func captured(t testing.TB) []ami.Event {
	t.Helper()
	f, err := os.Open("testdata/queue-and-spy.ami")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	events, err := ami.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// A real stream: a caller is connected to an agent whom a supervisor listens to; one
// is hung up by the system while waiting; one runs into the queue's timeout.
func TestCapture(t *testing.T) {
	m := live.New(live.Options{Server: "pbx1"})
	sub := m.Subscribe(1000, story...)
	defer sub.Close()
	for _, e := range captured(t) {
		m.Handle(e)
	}
	want := []string{
		"call.started cap1 5551>cust internal",
		"queue.joined cap1 5551>cust internal [support 1  0s]",
		"call.answered cap1 5551>cust internal answered",
		"queue.connected cap1 5551>cust internal answered [support 1 answered 0s Agent One]",
		"queue.left cap1 5551>cust internal answered [support 1 answered 0s Agent One]",
		"call.started capspy 1000>sup internal",
		`call.ended cap1 5551>cust internal answered "Normal Clearing" rang 0s lasted 3.5s`,
		`call.ended capspy 1000>sup internal "Unknown" lasted 2.5s`,
		"call.started cap2 5552>cust internal",
		"queue.joined cap2 5552>cust internal [empty 1  0s]",
		"queue.left cap2 5552>cust internal [empty 1 unknown 1s]",
		`call.ended cap2 5552>cust internal "Unknown" lasted 1.5s`,
		"call.started cap3 5553>cust internal",
		"queue.joined cap3 5553>cust internal [empty 1  0s]",
		"queue.left cap3 5553>cust internal [empty 1 timeout 3s]",
		`call.ended cap3 5553>cust internal "Unknown" lasted 3s`,
	}
	if diff := cmp.Diff(drain(t, sub), want); diff != "" {
		t.Errorf("got -, want +\n%s", diff)
	}
	if calls, channels, waiting := m.Calls(), m.Channels(), m.Waiting(); len(calls)+len(channels)+len(waiting) > 0 {
		t.Errorf("left over: %v %v %v", calls, channels, waiting)
	}
}

func TestSubscriptionWant(t *testing.T) {
	m := live.New(live.Options{Server: "pbx1"})
	s := m.Subscribe(10, live.ServerConnected)
	defer s.Close()
	m.HandleState(ami.Connected, nil)
	s.Want("Hangup", live.ServerDisconnected)
	m.HandleState(ami.Disconnected, nil)
	m.HandleState(ami.Connected, nil)
	m.Handle(ami.NewEvent("Hangup", "Uniqueid", "1.1"))
	s.Want()
	m.HandleState(ami.Disconnected, nil)
	s.Close()
	s.Want(live.ServerConnected)
	m.HandleState(ami.Connected, nil)
	var got []string
	for e := range s.C() {
		got = append(got, e.Name)
	}
	want := []string{live.ServerConnected, live.ServerDisconnected, "Hangup"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
