package live_test

import (
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
)

// queueVisit is a visit to a queue as the witness saw it.
type queueVisit struct {
	id, queue, channel               string
	joined, left, connected, over    time.Time
	hungUp, abandoned, answered, out bool // out: the dialplan went on
	status                           string
}

// outcome says why the caller left, by what Asterisk told in all.
func (v *queueVisit) outcome() string {
	switch {
	case v.answered:
		return live.Answered
	case !v.abandoned && !v.left.IsZero():
		return live.ExitKey
	case v.hungUp:
		return live.Abandoned
	case v.status == "TIMEOUT":
		return live.Timeout
	case v.status == "LEAVEEMPTY" || v.status == "LEAVEUNAVAIL":
		return live.Empty
	case v.status == "WITHDRAW":
		return live.Withdrawn
	case v.out:
		return live.Redirected
	default:
		return live.Unknown
	}
}

// queueVisits finds the visits in what Asterisk told.
func queueVisits(events []ami.Event) (visits []*queueVisit) {
	current := make(map[string]*queueVisit) // by Uniqueid
	for _, e := range events {
		id, at := e.Get("Uniqueid"), when(e)
		if e.Name() == "QueueCallerJoin" {
			v := &queueVisit{id: id, queue: e.Get("Queue"), channel: e.Get("Channel"), joined: at}
			current[id] = v
			visits = append(visits, v)
			continue
		}
		v := current[id]
		if v == nil {
			continue
		}
		switch e.Name() {
		case "HangupRequest":
			v.hungUp = v.hungUp || !v.abandoned
		case "QueueCallerAbandon":
			v.abandoned = true
		case "QueueCallerLeave":
			v.left = at
		case "AgentConnect":
			v.answered, v.connected = true, at
		case "AgentComplete":
			v.over = at
		case "VarSet":
			if e.Get("Variable") == "QUEUESTATUS" && v.abandoned {
				v.status = e.Get("Value")
			}
		case "Newexten":
			v.out = v.out || !v.left.IsZero() && e.Get("Context") != "" && e.Get("Exten") != "h"
		case "Hangup":
			if v.over.IsZero() {
				v.over = at
			}
			delete(current, id)
		}
	}
	return visits
}

// checkVisits wants each visit to be told of once, with its outcome.
func (p *proof) checkVisits(gaps []live.Outage, events []ami.Event) {
	p.t.Helper()
	s := &storyBook{gaps: gaps}
	told := make(map[string]map[string][]live.Event) // by the visit, and name
	for _, e := range p.told {
		if e.Queue == nil || e.Queue.Joined.IsZero() {
			continue
		}
		key := stamped(e.Queue.Channel, e.Queue.Joined)
		if told[key] == nil {
			told[key] = make(map[string][]live.Event)
		}
		told[key][e.Name] = append(told[key][e.Name], e)
	}
	for key, all := range told {
		joined, left := len(all[live.QueueJoined]), len(all[live.QueueLeft])
		connected, completed := len(all[live.AgentConnected]), len(all[live.AgentCompleted])
		if joined > 1 || left > 1 || joined > left || len(all[live.QueueConnected]) > 1 || connected > 1 || completed > 1 || connected > completed {
			p.t.Errorf("visit %s: %d joined, %d left, %d connected, %d completed", key, joined, left, connected, completed)
		}
	}
	for _, v := range queueVisits(events) {
		end := v.left
		if end.IsZero() {
			end = v.over
		}
		if end.IsZero() { // when Asterisk was restarted
			end = v.joined.Add(time.Hour)
		}
		if s.touched(v.joined, end.Add(storyPatience)) {
			continue
		}
		key := stamped(v.channel, v.joined)
		all := told[key]
		if len(all[live.QueueJoined]) != 1 || len(all[live.QueueLeft]) != 1 {
			p.t.Errorf("visit %s of %s: told %d joined and %d left", key, v.queue, len(all[live.QueueJoined]), len(all[live.QueueLeft]))
			continue
		}
		outcome := all[live.QueueLeft][0].Queue.Outcome
		if outcome != v.outcome() {
			p.t.Errorf("visit %s of %s: the outcome is %s, want %s", key, v.queue, outcome, v.outcome())
		}
		if (len(all[live.QueueConnected]) == 1) != (outcome == live.Answered) || (len(all[live.QueueAbandoned]) == 1) != (outcome == live.Abandoned) {
			p.t.Errorf("visit %s of %s: %d connected, %d abandoned with outcome %s", key, v.queue, len(all[live.QueueConnected]), len(all[live.QueueAbandoned]), outcome)
		}
		if v.answered && !s.touched(v.connected, v.over) && len(all[live.AgentCompleted]) != 1 {
			p.t.Errorf("visit %s of %s: %d talks completed", key, v.queue, len(all[live.AgentCompleted]))
		}
	}
}
