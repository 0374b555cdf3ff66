package live

import (
	"slices"
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
		if other := phone.rings; other != nil { // of which the end was not seen
			m.stopRinging(other, now, e)
			m.dropAgent(other)
		}
		phone.rings, phone.rungBy, a.phone = a, v, phone
		phone.dialled()
	}
	a.rangFrom, a.Rang, a.Talked = now, 0, 0
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
	a.phone.rings, a.phone.rungBy, a.phone = nil, nil, nil
	m.refresh(a, now, raw, true)
}

// connected notes that an agent talks with a caller, and tells. An agent may have more than one
// talk at a time, if the phone may ring while it is in use.
func (m *Model) connected(v *visit, e ami.Event, now time.Time) {
	a := m.agent(v.Interface, v.Member)
	m.stopRinging(a, now, e)
	if !m.again { // else those that began since are right
		for _, old := range slices.Clone(a.talks) {
			switch {
			case old.over.Name() != "":
				m.overLate(old, now)
			case old.phone == nil: // its end was not seen
				m.completed(old, "", now, e)
			}
		}
	}
	a = m.agent(v.Interface, v.Member)
	a.begin(v, now)
	m.serve(v, e, now)
	if v.phone = m.channels[e.Get("DestUniqueid")]; v.phone != nil {
		v.phone.serves = v
	}
	if ch := m.channels[v.uniqueid]; ch != nil {
		ch.completed = memberKey{}
	}
	m.touchMember(aTalk, memberKey{v.Name, v.Interface})
	if row := a.members[v.Name]; m.again && row != nil && row.freed.After(now) {
		row.InCall = false
		m.overSoon(v, e, row.freed)
	}
	m.refresh(a, now, e, true)
	m.raiseServe(AgentConnected, a, v, now, e)
}
