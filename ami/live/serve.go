package live

import (
	"strconv"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// raiseServe raises a derived event about an agent and a caller of a queue.
func (m *Model) raiseServe(name string, a *agent, v *visit, now time.Time, raw ami.Event) {
	m.start(v.call, now, raw)
	if m.wanted(name) {
		m.publish(Event{Name: name, Time: now, Call: v.call.at(now), Queue: v.at(now), Agent: a.at(now), Raw: raw})
	}
}

// agentCalled: a queue rings a member for a caller.
func (m *Model) agentCalled(e ami.Event, now time.Time) {
	v := m.visitOf(e, now)
	if v == nil {
		return
	}
	a := m.agent(e.Get("Interface"), e.Get("MemberName"))
	if phone := m.channels[e.Get("DestUniqueid")]; phone != nil {
		m.stopRinging(a, now, e)
		phone.rings, a.phone = a, phone
		phone.dialled()
	}
	a.rangFrom, a.Rang, a.Talked, a.CallID = now, 0, 0, v.CallID
	m.refresh(a, now, e, true)
	m.raiseServe(AgentRinging, a, v, now, e)
	m.dropAgent(a)
}

// agentNoAnswer: the member did not pick up in time. Asterisk tells in milliseconds how
// long it rang.
func (m *Model) agentNoAnswer(e ami.Event, now time.Time) {
	v := m.visitOf(e, now)
	if v == nil {
		return
	}
	a := m.agent(e.Get("Interface"), e.Get("MemberName"))
	m.stopRinging(a, now, e)
	if ms, err := strconv.Atoi(e.Get("RingTime")); err == nil {
		a.Rang = time.Duration(ms) * time.Millisecond
	}
	m.raiseServe(AgentNoAnswer, a, v, now, e)
	m.dropAgent(a)
}

// stopRinging: the phone of an agent rings no more, whoever has taken the call.
func (m *Model) stopRinging(a *agent, now time.Time, raw ami.Event) {
	if a.phone == nil {
		return
	}
	a.Rang = max(0, now.Sub(a.rangFrom))
	a.phone.rings, a.phone = nil, nil
	if a.visit == nil {
		a.CallID = ""
	}
	m.refresh(a, now, raw, true)
}

// connected notes that an agent talks with a caller, and tells.
func (m *Model) connected(v *visit, e ami.Event, now time.Time) {
	a := m.agent(v.Interface, v.Member)
	if m.again && a.visit != nil && a.talkFrom.After(now) { // the agent has begun to talk with another since
		m.served[v.uniqueid] = v
		m.raiseServe(AgentConnected, a, v, now, e)
		return
	}
	m.stopRinging(a, now, e)
	switch {
	case a.visit == nil:
	case a.visit.over.Name() != "":
		m.overLate(a.visit, now)
	default: // its end was not seen
		m.completed(a.visit, "", now, e)
	}
	a = m.agent(v.Interface, v.Member)
	a.visit, a.talkFrom, a.CallID, a.Talked, a.counted = v, now, v.CallID, 0, ""
	if row := a.members[v.Name]; row != nil {
		row.InCall = true
	}
	m.touchMember(aTalk, memberKey{v.Name, v.Interface})
	m.served[v.uniqueid] = v
	if ch := m.channels[v.uniqueid]; ch != nil {
		ch.completed = ""
	}
	m.refresh(a, now, e, true)
	m.raiseServe(AgentConnected, a, v, now, e)
}

// agentComplete: the talk of a member with a caller is over.
func (m *Model) agentComplete(e ami.Event, now time.Time) {
	ch := m.of(e, now)
	if ch == nil {
		m.talkOver(e, now)
		return
	}
	v := m.served[ch.Uniqueid]
	switch {
	case v != nil:
		v.call, v.CallID = ch.call, ch.CallID
	case ch.completed == e.Get("Queue"): // the end was seen before Asterisk told of it
		ch.completed = ""
		return
	default:
		v = talkOf(ch, e, now)
	}
	v.Talked = seconds(e.Get("TalkTime"))
	m.completed(v, e.Get("Reason"), now, e)
}

// talkOver notes the end of the talk of a member, told otherwise than by an AgentComplete
// that names the caller. It is nothing new when the end was seen.
func (m *Model) talkOver(e ami.Event, now time.Time) {
	q, a := m.queues[e.Get("Queue")], m.agents[e.Get("Interface")]
	if q == nil || a == nil || a.members[q.Name] == nil || !a.members[q.Name].InCall {
		return
	}
	row, ended := a.members[q.Name], e.Name() == "AgentComplete"
	if ended && row.past(seconds(e.Get("TalkTime")), now) {
		return
	}
	if ended && a.counted == q.Name { // late word on the talk before
		a.counted = ""
		return
	}
	if v := a.visit; v != nil {
		if v.Name == q.Name && !ended && v.over.Name() == "" {
			v.over, v.overAt, v.Talked = e, now, max(0, now.Sub(a.talkFrom))
			row.InCall = false
			m.ending = append(m.ending, v)
			m.touchMember(aTalk, memberKey{q.Name, a.Interface})
			time.AfterFunc(patience, func() {
				m.mu.Lock()
				defer m.mu.Unlock()
				m.overLate(v, m.now())
			})
		}
		return
	}
	if ended {
		q.count(row)
	}
	row.InCall = false
	a.counted = q.Name
	m.touchMember(aTalk, memberKey{q.Name, a.Interface})
	m.refresh(a, now, e, true)
}

// overLate ends a talk of whose end no AgentComplete has told: the caller goes on, parked
// or sent elsewhere.
func (m *Model) overLate(v *visit, now time.Time) {
	if m.served[v.uniqueid] == v {
		m.completed(v, "transfer", now, v.over)
	}
}

// talkOf makes up the visit of a talk that was not seen to begin, from its end.
func talkOf(ch *channel, e ami.Event, now time.Time) *visit {
	wait := seconds(e.Get("HoldTime"))
	return &visit{uniqueid: ch.Uniqueid, call: ch.call, left: true, Queue: Queue{
		Name: e.Get("Queue"), CallID: ch.CallID, Channel: ch.Name, Joined: now.Add(-wait - seconds(e.Get("TalkTime"))), Waited: wait,
		Outcome: Answered, Member: e.Get("MemberName"), Interface: e.Get("Interface"),
	}}
}

// endedBy returns who ended the talk, by what was seen, when the caller's channel is gone
// before Asterisk said: its word comes on another thread. It is empty when that was lost.
func (v *visit) endedBy(lost bool) string {
	switch {
	case lost:
		return ""
	case v.hungUp:
		return "caller"
	default:
		return "agent"
	}
}

// completed ends the talk with a caller: reason is Asterisk's, or empty when its end was
// not seen.
func (m *Model) completed(v *visit, reason string, now time.Time, raw ami.Event) {
	delete(m.served, v.uniqueid)
	a := m.agent(v.Interface, v.Member)
	row := a.members[v.Name]
	next := a.counted == v.Name || a.visit != nil && a.visit != v && a.visit.Name == v.Name // the member may talk with another caller by now
	if raw.Name() == "AgentComplete" && row != nil {
		next = next || row.past(v.Talked, now)
	}
	told := raw.Name() != "" && raw.Name() != "AgentConnect" // else the lists count it, or the state of the member will
	if q := m.queues[v.Name]; q != nil && told && !next {
		q.count(row)
	}
	a.counted = ""
	v.EndedBy = reason
	if ch := m.channels[v.uniqueid]; ch != nil && raw.Name() != "AgentComplete" {
		ch.completed = v.Name
	}
	if v.Talked == 0 && v.overAt.IsZero() && a.visit == v {
		v.Talked = max(0, now.Sub(a.talkFrom))
	}
	if a.visit == v {
		a.visit = nil
		a.Talked, a.CallID = v.Talked, ""
		if row != nil && row.Wrapup > 0 {
			a.wrapUntil = now.Add(row.Wrapup)
		}
	}
	if row != nil && !next {
		row.InCall = false
	}
	m.touchMember(aTalk, memberKey{v.Name, v.Interface})
	m.refresh(a, now, raw, true)
	m.raiseServe(AgentCompleted, a, v, now, raw)
	m.dropAgent(a)
}
