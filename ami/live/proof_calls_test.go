package live_test

import (
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
)

// life is a call as the witness saw it.
type life struct {
	first, last time.Time
	over        bool
	merged      bool
	answered    bool
	begun       int // how often
}

// lives finds the calls in what Asterisk told: channels of one Linkedid.
func lives(events []ami.Event) map[string]*life {
	calls, link, size := make(map[string]*life), make(map[string]string), make(map[string]int)
	enter := func(id, linkedid string, at time.Time) {
		if calls[linkedid] == nil {
			calls[linkedid] = &life{first: at}
		}
		if size[linkedid]++; size[linkedid] == 1 {
			calls[linkedid].begun++
			calls[linkedid].over = false
		}
		link[id] = linkedid
	}
	leave := func(id string, at time.Time, merged bool) {
		linkedid := link[id]
		delete(link, id)
		if size[linkedid]--; size[linkedid] == 0 {
			calls[linkedid].last, calls[linkedid].over, calls[linkedid].merged = at, true, merged
		}
	}
	for _, e := range events {
		at, id, linkedid := when(e), e.Get("Uniqueid"), e.Get("Linkedid")
		switch was, known := link[id]; {
		case e.Name() == "FullyBooted":
			for id := range link {
				leave(id, at, false)
			}
			continue
		case e.Name() == "Newchannel" && !known:
			enter(id, linkedid, at)
		case known && linkedid != "" && linkedid != was && snapshot[e.Name()]:
			leave(id, at, true)
			enter(id, linkedid, at)
		case !known:
			continue
		}
		if c := calls[link[id]]; e.Name() == "AgentConnect" || e.Name() == "DialEnd" && e.Get("DialStatus") == "ANSWER" {
			c.answered = true
		}
		if e.Name() == "Hangup" {
			leave(id, at, false)
		}
	}
	return calls
}

// snapshot are the events that tell how a channel is.
var snapshot = map[string]bool{
	"Newstate": true, "NewCallerid": true, "NewConnectedLine": true, "DialBegin": true, "DialEnd": true, "HangupRequest": true, "Hangup": true,
	"Newexten": true, "BridgeEnter": true, "BridgeLeave": true, "Hold": true, "Unhold": true, "MusicOnHoldStart": true, "MusicOnHoldStop": true,
	"MixMonitorStart": true, "MixMonitorStop": true, "QueueCallerJoin": true, "QueueCallerAbandon": true, "QueueCallerLeave": true, "AgentCalled": true,
	"AgentRingNoAnswer": true, "AgentConnect": true, "ConfbridgeJoin": true, "ConfbridgeLeave": true, "NewAccountCode": true, "DialState": true,
}

// checkCalls wants each call to be told of once.
func (p *proof) checkCalls(gaps []live.Outage, events []ami.Event) {
	p.t.Helper()
	s := &storyBook{gaps: gaps}
	calls := lives(events)
	started, ended, answered := make(map[string]int), make(map[string][]live.Event), make(map[string]int)
	for _, e := range p.told {
		if e.Call == nil {
			continue
		}
		id := e.Call.Linkedid
		// Asterisk may tell late that a call goes on under the id of one that has ended.
		again := calls[id] != nil && calls[id].begun > 1
		if len(ended[id]) > 0 && !again && e.Name != live.CallStarted {
			p.t.Errorf("%s after the end of call %s", e.Name, id)
		}
		switch e.Name {
		case live.CallStarted:
			started[id]++
		case live.CallAnswered:
			answered[id]++
		case live.CallEnded:
			ended[id] = append(ended[id], e)
		}
	}
	for id, c := range calls {
		begun, over := started[id], len(ended[id])
		if begun > c.begun || over > c.begun || begun > over || answered[id] > c.begun {
			p.t.Errorf("call %s: started %d, answered %d, ended %d times; it began %d times", id, begun, answered[id], over, c.begun)
		}
		if !c.over {
			p.t.Errorf("call %s goes on", id)
		}
		if begun == 0 && !s.within(c.first) {
			p.t.Errorf("call %s: it began at %v, and nothing was told", id, c.first)
		}
		if over == 0 && !s.within(c.last) {
			p.t.Errorf("call %s: it ended at %v, and nothing was told", id, c.last)
		}
		if s.touched(c.first, c.last) || over != 1 {
			continue
		}
		if reason := ended[id][0].Call.Reason; (reason == live.Merged) != c.merged || reason == live.Gap {
			p.t.Errorf("call %s: ended with %q; merged is %v", id, reason, c.merged)
		}
		if (answered[id] > 0) != c.answered {
			p.t.Errorf("call %s: told %d times that it was answered, want %v", id, answered[id], c.answered)
		}
	}
	for id := range ended {
		if calls[id] == nil {
			p.t.Errorf("call %s is told of, and nobody saw it", id)
		}
	}
}
