package soak

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pbxflow/pbxflow/internal/asterisktest"
	"github.com/pbxflow/pbxflow/internal/stage"
)

// dialplan is the far side of each call, which does what the call's variables say, and
// logs what happens: that is the test's own record, beside what pbxflow tells.
//
// TIMEOUT(absolute) leads to the extension T when the caller has had enough. HOW, RING and
// TALK reach the agents because their names begin with two underscores.
const dialplan = `
[callers]
exten => caller,1,Set(TIMEOUT(absolute)=${HOLD})
 same => n,Answer()
 same => n,Wait(${PAUSE})
 same => n,SendDTMF(${KEYS})
 same => n,Wait(3600)
exten => T,1,Log(NOTICE,soak ${SOAK} hangs-up)
 same => n,Hangup()
exten => h,1,Log(NOTICE,soak ${SOAK} caller-gone)

[agents]
exten => _1XX,1,Log(NOTICE,soak ${SOAK} rings)
 same => n,Ringing()
 same => n,Wait(${RING})
 same => n,GotoIf($["${HOW}" = "busy"]?busy)
 same => n,GotoIf($["${HOW}" != "answers"]?asleep)
 same => n,Log(NOTICE,soak ${SOAK} answers)
 same => n,Answer()
 same => n,Wait(${TALK})
 same => n,Hangup()
 same => n(busy),Hangup(17)
 same => n(asleep),Wait(3600)
exten => h,1,Log(NOTICE,soak ${SOAK} agent-gone)

[from-carrier]
exten => h,1,Log(NOTICE,soak ${SOAK} dialplan AGISTATUS=${AGISTATUS} FLOWSTATUS=${FLOWSTATUS} FLOWERROR=${FLOWERROR})
`

// logger keeps Asterisk from throwing away what it cannot write at once, and from writing
// what nobody reads.
const logger = `
[general]
dateformat=%F %T.%3q
logger_queue_limit=100000
[logfiles]
full => notice,warning,error
`

// crowded gives the example's queues enough members for all callers. Each caller rings
// one at a time.
func crowded(queues string) string {
	queues = strings.NewReplacer(
		"strategy = ringall", "strategy = rrmemory\nautofill = yes\nretry = 1", "timeout = 15", "timeout = 3",
	).Replace(queues)
	for name, first := range map[string]int{"Local/agent1@phones/n": 10, "Local/agent2@phones/n": 50} {
		var members strings.Builder
		for i := range 40 {
			fmt.Fprintf(&members, "member => Local/1%d@agents/n\n", first+i)
		}
		queues = strings.Replace(queues, "member => "+name+"\n", members.String(), 1)
	}
	return queues
}

// plan is what will happen to a call: it follows from the seed and the number of the call.
type plan struct {
	caller      string
	hold, pause time.Duration // until the caller hangs up, and until the first key
	keys        string        // a w is half a second
	agent       string        // answers, busy or asleep
	ring, talk  time.Duration
}

func planOf(f form, i int) plan {
	r := rand.New(rand.NewPCG(f.seed, uint64(i)))
	between := func(a, b time.Duration) time.Duration {
		return a + time.Duration(r.Int64N(int64((b-a)/time.Millisecond)))*time.Millisecond
	}
	p := plan{caller: fmt.Sprintf("7%06d", i), hold: f.hold, pause: between(0, 4*time.Second)}
	switch n := r.IntN(10); {
	case n < 2:
		p.hold = between(20*time.Millisecond, 2*time.Second)
	case n < 7:
		p.hold = between(time.Second, f.hold)
	} // who stays to the end is counted like the others should the hold be over first
	switch n := r.IntN(10); {
	case n < 7:
		p.keys = string("1222330"[r.IntN(7)])
		if p.keys == "3" {
			p.keys += strings.Repeat("w", r.IntN(4)) + fmt.Sprint(r.IntN(100_000))
		}
	case n < 9:
		for range 1 + r.IntN(6) {
			p.keys += string("0123456789*#ww"[r.IntN(14)])
		}
	default:
		p.keys = "w"
	}
	p.agent = []string{"answers", "answers", "answers", "asleep", "busy"}[r.IntN(5)]
	p.ring, p.talk = between(50*time.Millisecond, 2500*time.Millisecond), between(100*time.Millisecond, f.hold/4)
	return p
}

// placeCalls makes calls until ctx ends, as many at a time as there are to be, and
// returns their plans when the last one is over.
func (s *scene) placeCalls(ctx context.Context) []plan {
	var next atomic.Int64
	var callers sync.WaitGroup
	for range atOnce {
		callers.Go(func() {
			for placed := true; placed && ctx.Err() == nil; {
				placed = s.place(planOf(s.form, int(next.Add(1))))
			}
		})
	}
	callers.Wait()
	plans := make([]plan, next.Load())
	for i := range plans {
		plans[i] = planOf(s.form, i+1)
	}
	return plans
}

// place makes one call and waits until its trace is there. That a call has none is
// judged later.
func (s *scene) place(p plan) bool {
	over := make(chan struct{})
	s.mu.Lock()
	s.ended[p.caller] = over
	s.mu.Unlock()
	seconds := func(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
	s.dialling <- struct{}{}
	_, err := s.pbx.Originate(s.t.Context(), asterisktest.Call{
		Channel: "Local/caller@callers", Context: "from-carrier", Exten: stage.Number, CallerID: "<" + p.caller + ">",
		Variables: map[string]string{
			"__SOAK": p.caller, "HOLD": seconds(p.hold), "PAUSE": seconds(p.pause), "KEYS": p.keys,
			"__HOW": p.agent, "__RING": seconds(p.ring), "__TALK": seconds(p.talk),
		},
	})
	<-s.dialling
	if err != nil {
		s.t.Errorf("call %s: %v", p.caller, err)
		return false
	}
	select {
	case <-over:
	case <-time.After(p.hold + 5*time.Second):
	}
	return true
}
