package live_test

import (
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
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
	"github.com/pbxflow/pbxflow/ami/live"
)

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
