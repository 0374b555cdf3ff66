package live_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/internal/apart"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

func TestMain(m *testing.M) {
	apart.Main(serveLoad)
	asterisktest.Main(m)
}

// followReal starts a model that follows a real Asterisk until the test ends. It is
// synced when followReal returns.
func followReal(t *testing.T, pbx *asterisktest.Instance) (*live.Model, *ami.Client, *live.Subscription) {
	t.Helper()
	log := hclog.New(&hclog.LoggerOptions{Output: t.Output()})
	m := live.New(live.Options{Server: "pbx1", Trunks: []string{"Local/carrier@*"}, Logger: log})
	sub := m.Subscribe(1000, story...)
	c := ami.New(ami.Options{
		Name: "pbx1", Addr: pbx.AMI, Username: pbx.AMIUser, Secret: pbx.AMISecret, Logger: log,
		Handler: m.Handle, OnState: m.HandleState,
	})
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { c.Run(ctx) })
	wg.Go(func() { m.Follow(ctx, c) })
	t.Cleanup(func() {
		stop()
		wg.Wait()
		sub.Close()
	})
	collect(t, sub, live.ServerSynced)
	return m, c, sub
}

// collect takes events up to one of the name.
func collect(t *testing.T, sub *live.Subscription, last string) (events []live.Event) {
	t.Helper()
	limit := time.After(time.Minute)
	for {
		select {
		case e := <-sub.C():
			checkPayloads(t, e)
			events = append(events, e)
			if e.Name == last {
				return events
			}
		case <-limit:
			t.Fatalf("no %s within a minute; got %v", last, brief(events))
		}
	}
}

// brief tells events without what differs from run to run.
func brief(events []live.Event) (lines []string) {
	for _, e := range events {
		l := e.Name
		if c := e.Call; c != nil {
			l += fmt.Sprintf(" %s %s %s answered=%v", c.Caller.Num, c.Dialed, c.Direction, c.Answered)
		}
		if q := e.Queue; q != nil {
			l += strings.TrimRight(fmt.Sprintf(" [%s %d %s %s", q.Name, q.Position, q.Outcome, q.Member), " ") + "]"
		}
		lines = append(lines, l)
	}
	return lines
}

const dialplan = `
[main]
exten => dial,1,Dial(Local/answer@phones/n)
 same => n,Hangup()
exten => noanswer,1,Dial(Local/ring@phones/n,1)
 same => n,Hangup()
exten => flow,1,Answer()
 same => n,Wait(1)
 same => n,Hangup()
exten => out,1,Dial(Local/carrier@main/n)
exten => carrier,1,Answer()
 same => n,Wait(1)
exten => support,1,Queue(support)
 same => n,Hangup()
exten => nobody,1,Queue(nobody)
exten => short,1,Queue(nobody,,,,1)
 same => n,Wait(1)
 same => n,Hangup()
exten => empty,1,Queue(empty)
 same => n,Wait(1)
exten => key,1,Queue(keys)
[out]
exten => 5,1,Wait(1)
`

const queues = `
[support]
strategy=ringall
member => Local/short@phones/n,0,Ann
[nobody]
joinempty=yes
[keys]
joinempty=yes
context=out
`

func TestReal(t *testing.T) {
	tests := []struct {
		name  string
		exten string
		phone string // far leg, the caller
		want  []string
	}{
		{
			name: "dialled and answered", exten: "dial",
			want: []string{
				"call.started 5550100 caller internal answered=false", "call.answered 5550100 caller internal answered=true",
				"call.ended 5550100 caller internal answered=true",
			},
		},
		{
			name: "not answered", exten: "noanswer",
			want: []string{"call.started 5550100 caller internal answered=false", "call.ended 5550100 caller internal answered=false"},
		},
		{
			name: "a flow picks up", exten: "flow",
			want: []string{"call.started 5550100 caller internal answered=false", "call.ended 5550100 caller internal answered=false"},
		},
		{
			name: "queue, connected", exten: "support",
			want: []string{
				"call.started 5550100 caller internal answered=false",
				"queue.joined 5550100 caller internal answered=false [support 1]",
				"call.answered 5550100 caller internal answered=true",
				"queue.connected 5550100 caller internal answered=true [support 1 answered Ann]",
				"queue.left 5550100 caller internal answered=true [support 1 answered Ann]",
				"call.ended 5550100 caller internal answered=true",
			},
		},
		{
			name: "queue, abandoned", exten: "nobody",
			want: []string{
				"call.started 5550100 caller internal answered=false",
				"queue.joined 5550100 caller internal answered=false [nobody 1]",
				"queue.abandoned 5550100 caller internal answered=false [nobody 1 abandoned]",
				"queue.left 5550100 caller internal answered=false [nobody 1 abandoned]",
				"call.ended 5550100 caller internal answered=false",
			},
		},
		{
			name: "queue, timeout", exten: "short",
			want: []string{
				"call.started 5550100 caller internal answered=false",
				"queue.joined 5550100 caller internal answered=false [nobody 1]",
				"queue.left 5550100 caller internal answered=false [nobody 1 timeout]",
				"call.ended 5550100 caller internal answered=false",
			},
		},
		{
			name: "queue, exit key", exten: "key", phone: "presser",
			want: []string{
				"call.started 5550100 presser internal answered=false",
				"queue.joined 5550100 presser internal answered=false [keys 1]",
				"queue.left 5550100 presser internal answered=false [keys 1 exit_key]",
				"call.ended 5550100 presser internal answered=false",
			},
		},
	}
	asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		pbx := start(asterisktest.Config{
			Dialplan: dialplan +
				asterisktest.Phone("caller", asterisktest.Answer(), asterisktest.Wait(3*time.Second)) +
				asterisktest.Phone("presser", asterisktest.Answer(), asterisktest.Wait(time.Second), asterisktest.Press("5ww5ww5ww5"), asterisktest.Wait(5*time.Second)) + // until it is in the queue
				asterisktest.Phone("short", asterisktest.Answer(), asterisktest.Wait(time.Second)),
			Queues:      queues,
			ManagerRead: "all", ManagerWrite: "all",
		})
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
		defer cancel()
		m, c, sub := followReal(t, pbx)
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				phone := test.phone
				if phone == "" {
					phone = "caller"
				}
				id, err := pbx.Originate(ctx, asterisktest.Call{Channel: "Local/" + phone + "@phones/n", Context: "main", Exten: test.exten, CallerID: `"Ann O'Hara" <5550100>`})
				if err != nil {
					t.Fatal(err)
				}
				events := collect(t, sub, live.CallEnded)
				if diff := cmp.Diff(brief(events), test.want); diff != "" {
					t.Errorf("got -, want +\n%s", diff)
				}
				call := events[len(events)-1].Call
				if call.ID != "pbx1/"+id || call.Caller.Name != "Ann O'Hara" || call.Duration <= 0 || call.Reason == "" {
					t.Errorf("call %+v, want the one with id %s", call, id)
				}
				if call.Answered != call.AnsweredAt.After(call.Started) {
					t.Errorf("answered %v at %v", call.Answered, call.AnsweredAt)
				}
			})
		}
		t.Run("queue, redirected", func(t *testing.T) {
			if _, err := pbx.Originate(ctx, asterisktest.Call{Channel: "Local/caller@phones/n", Context: "main", Exten: "nobody", CallerID: "5550100"}); err != nil {
				t.Fatal(err)
			}
			joined := collect(t, sub, live.QueueJoined)
			channel := joined[len(joined)-1].Queue.Channel
			redirect := ami.Action{Name: "Redirect"}.With("Channel", channel).With("Context", "main").With("Exten", "flow").With("Priority", "1")
			if _, err := c.Do(ctx, redirect); err != nil {
				t.Fatal(err)
			}
			left := collect(t, sub, live.QueueLeft)
			if q := left[len(left)-1].Queue; q.Outcome != live.Redirected {
				t.Errorf("outcome %s, want redirected", q.Outcome)
			}
			collect(t, sub, live.CallEnded)
		})
		if err := pbx.WaitIdle(ctx); err != nil {
			t.Fatal(err)
		}
		if calls, channels := m.Calls(), m.Channels(); len(calls)+len(channels) > 0 {
			t.Errorf("left over: %+v %+v", calls, channels)
		}
	})
}

// Asterisk is restarted while a call lasts and another waits in a queue.
func TestRealRestart(t *testing.T) {
	asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		pbx := start(asterisktest.Config{
			Dialplan:    dialplan + asterisktest.Phone("caller", asterisktest.Answer(), asterisktest.Wait(2*time.Minute)),
			Queues:      queues,
			ManagerRead: "all", ManagerWrite: "all",
		})
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
		defer cancel()
		m, c, sub := followReal(t, pbx)
		for _, exten := range []string{"nobody", "dial"} {
			if _, err := pbx.Originate(ctx, asterisktest.Call{Channel: "Local/caller@phones/n", Context: "main", Exten: exten, CallerID: "5550100"}); err != nil {
				t.Fatal(err)
			}
		}
		collect(t, sub, live.CallAnswered)
		// The bridge comes a moment later, and shows the answer to who comes late.
		talking := func() bool {
			return slices.ContainsFunc(m.Bridges(), func(b live.Bridge) bool { return len(b.Channels) == 2 })
		}
		waitFor(t, m, talking, "BridgeEnter")
		// Who logs in while Asterisk still boots finds its start time, in seconds, but not
		// yet the thread that tells two starts within a second apart.
		resyncAgain(ctx, t, m, c, sub)

		// A second model, which comes late, sees the same picture.
		late := live.New(live.Options{Server: "pbx1"})
		late.HandleState(ami.Connected, nil)
		if err := late.Resync(ctx, c); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(facts(late), facts(m)); diff != "" {
			t.Errorf("adopted -, followed +\n%s", diff)
		}

		pbx.Kill()
		if err := pbx.Restart(ctx); err != nil {
			t.Fatal(err)
		}
		var names []string
		gaps := 0
		for _, e := range collect(t, sub, live.ServerSynced) {
			if e.Name == live.CallEnded && e.Call.Reason == live.Gap {
				gaps++
				continue
			}
			names = append(names, e.Name)
		}
		if want := []string{live.ServerDisconnected, live.ServerConnected, live.ServerRestarted, live.QueueLeft, live.ServerSynced}; !cmp.Equal(names, want) || gaps != 2 {
			t.Errorf("events %v and %d calls ended with gap, want %v and 2", names, gaps, want)
		}
		if len(m.Calls())+len(m.Waiting()) > 0 {
			t.Errorf("left over: %+v %+v", m.Calls(), m.Waiting())
		}
		// Asterisk says FullyBooted some time after the first login, and Follow then
		// resyncs once more.
		resyncAgain(ctx, t, m, c, sub)
	})
}

// resyncAgain calls Resync beside Follow, which may be at it, and takes the events up to its end.
func resyncAgain(ctx context.Context, t *testing.T, m *live.Model, c *ami.Client, sub *live.Subscription) {
	t.Helper()
	err := m.Resync(ctx, c)
	for errors.Is(err, live.ErrResyncing) {
		collect(t, sub, live.ServerSynced)
		err = m.Resync(ctx, c)
	}
	if err != nil {
		t.Fatalf("Resync again: %v", err)
	}
	collect(t, sub, live.ServerSynced)
}

// A user who may see calls and ask for reports, and no more: the rest of the picture is
// said to be unknown, and what the user lacks.
func TestRealFewRights(t *testing.T) {
	asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		pbx := start(asterisktest.Config{
			Dialplan:    dialplan,
			Queues:      queues,
			ManagerRead: "call,agent", ManagerWrite: "reporting,originate",
			Files: map[string]string{"manager_local.conf": "[blind]\nsecret = blind\nread = call\nwrite = originate\n"},
		})
		m, _, sub := followReal(t, pbx)
		if got, want := m.Server().Unknown, []string{live.PartEndpoints, live.PartParking}; !cmp.Equal(got, want) {
			t.Errorf("unknown %v, want %v: %+v", got, want, m.Parts())
		}
		for _, part := range m.Parts() {
			if !part.Known && !strings.HasPrefix(part.Needs, "add ") {
				t.Errorf("part %+v does not say what the user lacks", part)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := pbx.Originate(ctx, asterisktest.Call{Channel: "Local/answer@phones/n", Context: "main", Exten: "flow", CallerID: "5550100"}); err != nil {
			t.Fatal(err)
		}
		collect(t, sub, live.CallEnded)

		// Without any right to lists there is no picture.
		blind := live.New(live.Options{Server: "pbx1"})
		c := ami.New(ami.Options{Name: "pbx1", Addr: pbx.AMI, Username: "blind", Secret: "blind", Handler: blind.Handle, OnState: blind.HandleState})
		running, stop := context.WithCancel(ctx)
		up := blind.Subscribe(10, live.ServerConnected)
		defer up.Close()
		var wg sync.WaitGroup
		wg.Go(func() { c.Run(running) })
		defer wg.Wait()
		defer stop()
		collect(t, up, live.ServerConnected)
		var refusal *ami.Error
		if err := blind.Resync(ctx, c); !errors.As(err, &refusal) {
			t.Errorf("Resync of a user without rights: %v, want a refusal", err)
		}
	})
}

// facts tells a model's picture without what differs for who comes late.
func facts(m *live.Model) (lines []string) {
	for _, c := range m.Calls() {
		lines = append(lines, fmt.Sprintln(c.ID, c.Channel, c.Caller, c.Direction, c.Answered, c.Legs))
	}
	for _, ch := range m.Channels() {
		lines = append(lines, fmt.Sprintln(ch.Name, ch.State, ch.CallID))
	}
	for _, q := range m.Waiting() {
		lines = append(lines, fmt.Sprintln(q.CallID, q.Name, q.Channel, q.Position))
	}
	slices.Sort(lines)
	return lines
}
