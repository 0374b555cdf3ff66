package live_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
	"github.com/pbxflow/pbxflow/ami/live"
)

// pbx is a server in memory with a model that follows it, in a synctest bubble.
type pbx struct {
	*amitest.Server
	model  *live.Model
	client *ami.Client
	sub    *live.Subscription
}

// follow starts all that; prepare lays down answers before the client comes.
func follow(t *testing.T, prepare func(*amitest.Server)) *pbx {
	t.Helper()
	p := &pbx{Server: amitest.New()}
	p.Answer("CoreStatus", "Response", "Success", "CoreStartupDate", "2026-11-21", "CoreStartupTime", "08:00:00")
	p.AnswerList("CoreShowChannels")
	for _, action := range []string{"QueueStatus", "BridgeList", "DeviceStateList", "PJSIPShowEndpoints", "PJSIPShowContacts", "ConfbridgeListRooms", "ParkedCalls"} {
		p.AnswerList(action)
	}
	if prepare != nil {
		prepare(p.Server)
	}
	log := hclog.New(&hclog.LoggerOptions{Output: t.Output()})
	p.model = live.New(live.Options{Server: "pbx1", Trunks: []string{"PJSIP/carrier*"}, Logger: log})
	p.sub = p.model.Subscribe(10_000, story...)
	p.client = ami.New(ami.Options{
		Name: "pbx1", Addr: p.Addr(), Username: p.Username, Secret: p.Secret, Dial: p.Dial, Logger: log,
		Handler: p.model.Handle, OnState: p.model.HandleState,
	})
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { p.client.Run(ctx) })
	wg.Go(func() { p.model.Follow(ctx, p.client) })
	t.Cleanup(func() {
		stop()
		wg.Wait()
		p.sub.Close()
		p.Close()
	})
	synctest.Wait()
	return p
}

// play emits a script and waits until it is handled. Timestamps are left out: the
// bubble's clock counts.
func (p *pbx) play(t *testing.T, text string) {
	t.Helper()
	for _, e := range script(t, text) {
		var pairs []string
		for name, value := range e.All() {
			if name != "Event" && name != "Timestamp" {
				pairs = append(pairs, name, value)
			}
		}
		p.Emit(e.Name(), pairs...)
	}
	synctest.Wait()
}

// row makes an item of CoreShowChannels.
func row(name, id, link, state, num, duration, bridge string) []string {
	number := map[string]string{"Down": "0", "Ring": "4", "Up": "6"}[state]
	return []string{
		"Event", "CoreShowChannel", "Channel", name, "ChannelState", number, "ChannelStateDesc", state, "CallerIDNum", num,
		"CallerIDName", "", "Exten", "100", "Uniqueid", id, "Linkedid", link, "Application", "Dial", "Duration", duration, "BridgeId", bridge,
	}
}

func TestAdopt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, func(s *amitest.Server) {
			s.AnswerList("CoreShowChannels",
				row("PJSIP/100-2", "1.2", "1.1", "Up", "100", "00:00:50", "b1"),
				row("PJSIP/carrier-1", "1.1", "1.1", "Up", "079", "00:01:00", "b1"),
				row("PJSIP/carrier-3", "1.3", "1.3", "Up", "078", "00:00:30", ""))
			s.AnswerList("QueueStatus",
				[]string{"Event", "QueueParams", "Queue", "support"},
				[]string{"Event", "QueueEntry", "Queue", "support", "Position", "1", "Channel", "PJSIP/carrier-3", "Uniqueid", "1.3", "Wait", "20"})
		})
		if diff := cmp.Diff(drain(t, p.sub), []string{"server.connected", "server.synced"}); diff != "" {
			t.Errorf("got -, want +\n%s", diff)
		}
		calls, waiting := p.model.Calls(), p.model.Waiting()
		if len(calls) != 2 || len(waiting) != 1 {
			t.Fatalf("%+v %+v", calls, waiting)
		}
		if c := calls[0]; c.Channel != "PJSIP/carrier-1" || c.Direction != live.In || !c.Answered || c.Duration != time.Minute || c.Legs != 2 || c.Caller.Num != "079" {
			t.Errorf("adopted call %+v", c)
		}
		if c := calls[1]; c.Answered {
			t.Errorf("a waiting caller is answered: %+v", c)
		}
		if q := waiting[0]; q.Waited != 20*time.Second || q.Name != "support" {
			t.Errorf("adopted visit %+v", q)
		}
		p.play(t, `
			0 HangupRequest ch=PJSIP/carrier-3 id=1.3 link=1.3 num=078
			0 QueueCallerAbandon ch=PJSIP/carrier-3 id=1.3 link=1.3 num=078 q=support
			0 QueueCallerLeave ch=PJSIP/carrier-3 id=1.3 link=1.3 num=078 q=support
			0 Hangup ch=PJSIP/carrier-3 id=1.3 link=1.3 num=078 cause=16 txt=Normal_Clearing`)
		want := []string{
			"queue.abandoned 1.3 078>100 in [support 1 abandoned 20s]", "queue.left 1.3 078>100 in [support 1 abandoned 20s]",
			`call.ended 1.3 078>100 in "Normal Clearing" lasted 30s`,
		}
		if diff := cmp.Diff(drain(t, p.sub), want); diff != "" {
			t.Errorf("got -, want +\n%s", diff)
		}
	})
}

func TestGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, nil)
		p.play(t, `
			0 Newchannel ch=PJSIP/carrier-1 id=1.1 link=1.1 state=Ring num=079 exten=100
			0 QueueCallerJoin ch=PJSIP/carrier-1 id=1.1 link=1.1 state=Up num=079 q=support pos=1
			0 Newchannel ch=PJSIP/carrier-2 id=1.2 link=1.2 state=Ring num=078 exten=100`)
		drain(t, p.sub)
		p.AnswerList("CoreShowChannels", row("PJSIP/carrier-2", "1.2", "1.2", "Up", "078", "00:00:01", "b"), row("PJSIP/100-3", "1.3", "1.2", "Up", "", "00:00:01", "b"))
		p.Drop()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		want := []string{
			`server.disconnected "ami: read: EOF"`, "server.connected",
			"queue.left 1.1 079>100 in [support 1 unknown 1s]", `call.ended 1.1 079>100 in "gap" lasted 1s`,
			"call.answered 1.2 078>100 in answered", "server.synced",
		}
		got := drain(t, p.sub)
		for i := range got { // the wait for the reconnect has jitter
			got[i] = strings.NewReplacer("unknown 0s", "unknown 1s").Replace(got[i])
			if at := strings.Index(got[i], `"gap" lasted`); at > 0 {
				got[i] = got[i][:at] + `"gap" lasted 1s`
			}
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("got -, want +\n%s", diff)
		}
		if calls := p.model.Calls(); len(calls) != 1 || calls[0].Legs != 2 {
			t.Errorf("calls %+v", calls)
		}
	})
}

// A restart shows in CoreStatus, or sooner in FullyBooted; it is told once.
func TestRestarted(t *testing.T) {
	for _, booted := range []bool{false, true} {
		t.Run(fmt.Sprintf("FullyBooted=%v", booted), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := follow(t, nil)
				p.play(t, "0 FullyBooted Uptime=1000")
				p.play(t, "0 Newchannel ch=PJSIP/carrier-1 id=1.1 link=1.1 state=Ring num=079 exten=100")
				p.Drop()
				time.Sleep(2 * time.Second)
				p.play(t, "0 FullyBooted Uptime=1002") // the same process
				drain(t, p.sub)
				p.AnswerList("CoreShowChannels", row("PJSIP/carrier-1", "1.1", "1.1", "Ring", "079", "00:00:01", ""))

				p.Answer("CoreStatus", "Response", "Success", "CoreStartupDate", "2026-11-21", "CoreStartupTime", "08:30:00")
				p.AnswerList("CoreShowChannels")
				if booted {
					p.Respond("CoreStatus", nil) // refused: the user may not
				}
				// The first reconnect ended the call already: its list was empty.
				p.play(t, "0 Newchannel ch=PJSIP/carrier-2 id=1.2 link=1.2 state=Ring num=079 exten=100")
				drain(t, p.sub)
				p.Drop()
				if booted {
					p.Respond("CoreShowChannels", func(ami.Message) [][]string {
						return append([][]string{{"Event", "FullyBooted", "ActionID", "", "Uptime", "1"}}, amitest.List("CoreShowChannels")...)
					})
				}
				time.Sleep(5 * time.Second)
				synctest.Wait()
				var names []string
				for _, l := range drain(t, p.sub) {
					name, _, _ := strings.Cut(l, " ")
					names = append(names, name)
				}
				want := []string{"server.disconnected", "server.connected", "server.restarted", "call.ended", "server.synced"}
				if diff := cmp.Diff(names, want); diff != "" {
					t.Errorf("got -, want +\n%s", diff)
				}
			})
		})
	}
}

// A user without the right to CoreStatus, on a server without queues.
func TestResyncWithFewRights(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, func(s *amitest.Server) {
			s.Respond("CoreStatus", nil)
			s.Respond("QueueStatus", nil)
			s.AnswerList("CoreShowChannels", row("PJSIP/carrier-1", "1.1", "1.1", "Ring", "079", "00:00:01", ""))
		})
		if len(p.model.Calls()) != 1 {
			t.Error("not adopted")
		}
	})
}

// Without the channels there is no picture; it is tried again.
func TestResyncRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, func(s *amitest.Server) { s.Respond("CoreShowChannels", nil) })
		if got := drain(t, p.sub); !cmp.Equal(got, []string{"server.connected"}) {
			t.Errorf("got %v", got)
		}
		p.AnswerList("CoreShowChannels")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := drain(t, p.sub); !cmp.Equal(got, []string{"server.synced"}) {
			t.Errorf("got %v", got)
		}
	})
}

// Events that come between the question and the lists: of channels in the list, of
// channels not in it, of a channel that the list still holds and that is gone.
func TestEventsDuringResync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, func(s *amitest.Server) {
			s.Respond("CoreShowChannels", func(ami.Message) [][]string {
				for _, e := range script(t, `
					0 DialEnd ch=PJSIP/carrier-1 id=1.1 link=1.1 num=079 dest=PJSIP/100-2 status=ANSWER
					0 Newchannel ch=PJSIP/carrier-2 id=1.2 link=1.2 state=Ring num=078 exten=100
					0 Hangup ch=PJSIP/carrier-3 id=1.3 link=1.3 num=077 txt=x
					0 Newchannel ch=PJSIP/carrier-4 id=1.4 link=1.4 state=Ring num=076 exten=100
					0 Hangup ch=PJSIP/carrier-4 id=1.4 link=1.4 num=076 txt=x`) {
					s.EmitEvent(e)
				}
				time.Sleep(time.Second) // let them be handled first
				return amitest.List("CoreShowChannels",
					row("PJSIP/carrier-1", "1.1", "1.1", "Up", "079", "00:00:10", ""),
					row("PJSIP/carrier-3", "1.3", "1.3", "Up", "077", "00:00:10", ""),
					row("PJSIP/carrier-4", "1.4", "1.4", "Up", "076", "00:00:10", ""))
			})
		})
		time.Sleep(5 * time.Second)
		synctest.Wait()
		var got []string
		for _, c := range p.model.Calls() {
			got = append(got, fmt.Sprint(c.Linkedid, " ", c.Answered))
		}
		slices.Sort(got)
		if want := []string{"1.1 true", "1.2 false"}; !cmp.Equal(got, want) {
			t.Errorf("calls %v, want %v", got, want)
		}
	})
}

// exchange is a toy PBX: random calls, of which it keeps the truth.
type exchange struct {
	*amitest.Server
	mu       sync.Mutex
	rand     *rand.Rand
	next     int
	channels map[string]string // Uniqueid → Linkedid
	waiting  map[string]bool
}

func (x *exchange) emit(name, id string, more ...string) {
	x.Emit(name, append([]string{
		"Channel", "PJSIP/carrier-" + id, "ChannelState", "4", "ChannelStateDesc", "Ring", "CallerIDNum", id,
		"Exten", "100", "Uniqueid", id, "Linkedid", x.channels[id],
	}, more...)...)
}

// step lets one thing happen.
func (x *exchange) step() {
	x.mu.Lock()
	defer x.mu.Unlock()
	ids := slices.Sorted(maps.Keys(x.channels))
	switch n := x.rand.IntN(10); {
	case len(ids) == 0 || n < 3:
		x.next++
		id := fmt.Sprintf("1.%d", x.next)
		x.channels[id] = id
		if len(ids) > 0 && n == 0 { // a leg of a call that lasts
			x.channels[id] = x.channels[ids[x.rand.IntN(len(ids))]]
		}
		x.emit("Newchannel", id)
	case n < 6:
		id := ids[x.rand.IntN(len(ids))]
		if x.waiting[id] {
			delete(x.waiting, id)
			x.emit("QueueCallerLeave", id, "Queue", "support")
			x.emit("AgentConnect", id, "Queue", "support", "MemberName", "Ann")
		} else {
			x.waiting[id] = true
			x.emit("QueueCallerJoin", id, "Queue", "support", "Position", "1")
		}
	default:
		id := ids[x.rand.IntN(len(ids))]
		if x.waiting[id] {
			delete(x.waiting, id)
			x.emit("HangupRequest", id)
			x.emit("QueueCallerAbandon", id, "Queue", "support")
			x.emit("QueueCallerLeave", id, "Queue", "support")
		}
		x.emit("Hangup", id, "Cause", "16", "Cause-txt", "Normal Clearing")
		delete(x.channels, id)
	}
}

func (x *exchange) listChannels(ami.Message) [][]string {
	x.mu.Lock()
	defer x.mu.Unlock()
	var rows [][]string
	for _, id := range slices.Sorted(maps.Keys(x.channels)) {
		rows = append(rows, row("PJSIP/carrier-"+id, id, x.channels[id], "Ring", id, "00:00:00", ""))
	}
	return amitest.List("CoreShowChannels", rows...)
}

func (x *exchange) listQueues(ami.Message) [][]string {
	x.mu.Lock()
	defer x.mu.Unlock()
	var rows [][]string
	for _, id := range slices.Sorted(maps.Keys(x.waiting)) {
		rows = append(rows, []string{"Event", "QueueEntry", "Queue", "support", "Position", "1", "Uniqueid", id, "Wait", "0"})
	}
	return amitest.List("QueueStatus", rows...)
}

// TestRandomDrops lets things happen while the link drops at any time. At the end
// the model's picture is the truth, each call that was told of ended once, and
// nothing was told of a call before its start or after its end.
func TestRandomDrops(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := &exchange{rand: rand.New(rand.NewPCG(seed, 1)), channels: make(map[string]string), waiting: make(map[string]bool)}
				p := follow(t, func(s *amitest.Server) {
					x.Server = s
					s.Respond("CoreShowChannels", x.listChannels)
					s.Respond("QueueStatus", x.listQueues)
				})
				for range 400 {
					x.step()
					switch n := x.rand.IntN(100); {
					case n < 3:
						p.Drop()
					case n < 50:
						time.Sleep(time.Duration(x.rand.IntN(200)) * time.Millisecond)
					}
				}
				time.Sleep(time.Minute)
				synctest.Wait()

				var channels, waiting []string
				for _, ch := range p.model.Channels() {
					channels = append(channels, ch.Uniqueid)
				}
				for _, q := range p.model.Waiting() {
					waiting = append(waiting, strings.TrimPrefix(q.Channel, "PJSIP/carrier-"))
				}
				slices.Sort(channels)
				slices.Sort(waiting)
				if diff := cmp.Diff(channels, slices.Sorted(maps.Keys(x.channels))); diff != "" {
					t.Errorf("channels: got -, want +\n%s", diff)
				}
				if diff := cmp.Diff(waiting, slices.Sorted(maps.Keys(x.waiting))); diff != "" {
					t.Errorf("waiting: got -, want +\n%s", diff)
				}
				checkStories(t, p)
			})
		})
	}
}

// checkStories holds the events against the order they must have.
func checkStories(t *testing.T, p *pbx) {
	t.Helper()
	lasts := make(map[string]bool)
	for _, c := range p.model.Calls() {
		lasts[c.ID] = true
	}
	started, ended, joined := make(map[string]int), make(map[string]int), make(map[string]bool)
	for len(p.sub.C()) > 0 {
		e := <-p.sub.C()
		checkPayloads(t, e)
		if e.Call == nil {
			continue
		}
		id := e.Call.ID
		if ended[id] > 0 {
			t.Errorf("%s after the end", line(e))
		}
		switch e.Name {
		case live.CallStarted:
			if started[id]++; started[id] > 1 {
				t.Errorf("%s again", line(e))
			}
		case live.CallEnded:
			ended[id]++
		case live.QueueJoined:
			if joined[e.Queue.Channel] {
				t.Errorf("%s without leaving first", line(e))
			}
			joined[e.Queue.Channel] = true
		case live.QueueLeft:
			joined[e.Queue.Channel] = false // if it was true: a visit may have been adopted
			if e.Queue.Outcome == "" {
				t.Errorf("%s without an outcome", line(e))
			}
		}
	}
	for id := range started {
		if ended[id] == 0 && !lasts[id] {
			t.Errorf("%s was started and has no end", id)
		}
	}
	if p.sub.Lost() > 0 {
		t.Errorf("%d events lost", p.sub.Lost())
	}
}
