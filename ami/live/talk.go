package live

import (
	"slices"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// What follows is about the talks of agents with callers of queues: a visit is one from
// AgentConnect until AgentComplete.

// begin adds a talk to those of an agent, which are in order of their beginning. To Asterisk
// the member of a queue is in the newest one, by the second in which that began: it does not
// count those that it outlives.
func (a *agent) begin(v *visit, now time.Time) {
	v.talks, v.talkFrom = true, now
	at := len(a.talks)
	for at > 0 && a.talks[at-1].talkFrom.After(now) {
		at--
	}
	a.talks = slices.Insert(a.talks, at, v)
	newest := a.talkIn(v.Name)
	for _, o := range a.talks {
		o.outlived = o.outlived || o.Name == v.Name && o.talkFrom.Unix() != newest.talkFrom.Unix()
	}
	if v.outlived {
		return
	}
	a.Talked, a.counted = 0, ""
	if row := a.members[v.Name]; row != nil {
		row.InCall = true
	}
}

// talk returns the newest talk; nil if there is none.
func (a *agent) talk() *visit {
	if len(a.talks) == 0 {
		return nil
	}
	return a.talks[len(a.talks)-1]
}

// talkIn returns the newest talk with a caller of the queue; nil if there is none.
func (a *agent) talkIn(queue string) *visit {
	for _, v := range slices.Backward(a.talks) {
		if v.Name == queue {
			return v
		}
	}
	return nil
}

// talksIn reports whether the newest talk with a caller of the queue lasts, as the session told.
func (a *agent) talksIn(queue string, session uint64) bool {
	v := a.talkIn(queue)
	return v != nil && v.session == session && v.over.Name() == ""
}

// talkWith returns the talk with a channel that came by the queue; nil if there is none.
func (a *agent) talkWith(uniqueid, queue string) *visit {
	for _, v := range slices.Backward(a.talks) {
		if v.uniqueid == uniqueid && v.Name == queue {
			return v
		}
	}
	return nil
}

// agentComplete: the talk of a member with a caller is over.
func (m *Model) agentComplete(e ami.Event, now time.Time) {
	if v := m.lateWord(e, now); v != nil {
		v.Talked = seconds(e.Get("TalkTime"))
		m.completed(v, e.Get("Reason"), now, e)
		return
	}
	ch := m.of(e, now)
	if ch == nil {
		m.talkOver(e, now)
		return
	}
	var v *visit
	if a := m.agents[e.Get("Interface")]; a != nil {
		v = a.talkWith(ch.Uniqueid, e.Get("Queue"))
	}
	switch {
	case v != nil:
		v.call, v.CallID = ch.call, ch.CallID
	case ch.completed == memberKey{e.Get("Queue"), e.Get("Interface")}: // the end was seen before Asterisk told of it
		ch.completed = memberKey{}
		return
	default:
		v = talkOf(ch, e, now)
	}
	v.Talked = seconds(e.Get("TalkTime"))
	m.completed(v, e.Get("Reason"), now, e)
}

// lateWord returns the talk that was seen to end, and of which an AgentComplete without a caller
// tells: the caller has gone in a gap, and there is no list yet that says so. It is nil if there
// is none.
func (m *Model) lateWord(e ami.Event, now time.Time) *visit {
	if e.Get("Uniqueid") != "" {
		return nil
	}
	from := now.Truncate(time.Second).Add(-seconds(e.Get("TalkTime")))
	for _, v := range m.ending {
		if v.Name != e.Get("Queue") || v.Interface != e.Get("Interface") {
			continue
		}
		caller := m.channels[v.uniqueid]
		gone := caller != nil && caller.session != m.session
		if began := from.Sub(v.talkFrom.Truncate(time.Second)); gone && began.Abs() <= time.Second { // AgentConnect may come in the next
			return v
		}
	}
	return nil
}

// talkOver notes the end of the talk of a member, told otherwise than by an AgentComplete
// that names the caller. It is nothing new when the end was seen.
func (m *Model) talkOver(e ami.Event, now time.Time) {
	q, a := m.queues[e.Get("Queue")], m.agents[e.Get("Interface")]
	if q == nil || a == nil || a.members[q.Name] == nil || !a.members[q.Name].InCall {
		return
	}
	row, ended := a.members[q.Name], e.Name() == "AgentComplete"
	if ended && (m.listed || row.past(seconds(e.Get("TalkTime")), now)) {
		return
	}
	if ended && a.counted == q.Name { // late word on the talk before
		a.counted = ""
		return
	}
	if len(a.talks) > 0 {
		if v := a.talkIn(q.Name); v != nil && !ended {
			m.overSoon(v, e, now)
			row.InCall = false
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

// overSoon notes that a talk is over, for which AgentComplete may still say why.
func (m *Model) overSoon(v *visit, e ami.Event, now time.Time) {
	if !v.talks || v.over.Name() != "" {
		return
	}
	v.over, v.overAt, v.Talked = e, now, max(0, now.Sub(v.talkFrom))
	m.ending = append(m.ending, v)
	m.touchMember(aTalk, memberKey{v.Name, v.Interface})
	time.AfterFunc(patience, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.overLate(v, m.time())
	})
}

// overLate ends a talk of whose end no AgentComplete has told: the caller goes on, parked
// or sent elsewhere.
func (m *Model) overLate(v *visit, now time.Time) {
	if v.talks {
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

// optimized: Asterisk takes the halves of a Local channel out of a call. Who was in a bridge with
// one half takes the place of the other, be it that of the caller of a queue or of the member.
// Which of the two moves Asterisk does not tell: its DestUniqueId is that of the second half always.
func (m *Model) optimized(e ami.Event, _ time.Time) {
	one, two := m.channels[e.Get("LocalOneUniqueid")], m.channels[e.Get("LocalTwoUniqueid")]
	if one != nil && two != nil {
		one.heir, two.heir = m.beside(two), m.beside(one)
	}
}

// beside returns who is alone with a channel in a bridge; nil if nobody is.
func (m *Model) beside(ch *channel) *channel {
	if b := m.bridges[ch.Bridge]; b != nil {
		return b.except(ch.Uniqueid)
	}
	return nil
}

// heirBeside returns who has taken the place of a half of a Local channel, if that is in a bridge
// with another channel now, or this is nil, which means that it is not known.
func (m *Model) heirBeside(half, other *channel) *channel {
	heir := half.heir
	if heir == nil || heir == half || heir == other || m.channels[heir.Uniqueid] != heir || other != nil && (other.Bridge == "" || other.Bridge != heir.Bridge) {
		return nil
	}
	return heir
}

// serve makes v the talk of its caller, who is in one at a time: sent on by a member, it is over
// with that one.
func (m *Model) serve(v *visit, raw ami.Event, now time.Time) {
	if old := m.served[v.uniqueid]; old != nil {
		m.overSoon(old, raw, now)
	}
	m.served[v.uniqueid] = v
}

// endTalks ends the talks of a channel that goes, as the caller or the phone of the member, unless
// another has taken its place.
func (m *Model) endTalks(ch *channel, lost bool, now time.Time, raw ami.Event) {
	if v := m.served[ch.Uniqueid]; v != nil {
		if heir := m.heirBeside(ch, v.phone); heir != nil && !lost {
			delete(m.served, v.uniqueid)
			v.uniqueid, v.Channel, v.call, v.CallID = heir.Uniqueid, heir.Name, heir.call, heir.CallID
			m.serve(v, raw, now)
		} else {
			m.completed(v, v.endedBy(lost), now, raw)
		}
	}
	for _, v := range slices.Clone(m.ending) { // it takes them out
		if v.uniqueid == ch.Uniqueid {
			m.overLate(v, now)
		}
	}
	if v := ch.serves; v != nil {
		ch.serves, v.phone = nil, nil
		if heir := m.heirBeside(ch, m.channels[v.uniqueid]); heir != nil && !lost {
			heir.serves, v.phone = v, heir
		} else if !lost {
			m.overSoon(v, raw, now)
		}
	}
}

// completed ends the talk with a caller: reason is Asterisk's, or empty when its end was
// not seen.
func (m *Model) completed(v *visit, reason string, now time.Time, raw ami.Event) {
	if m.served[v.uniqueid] == v {
		delete(m.served, v.uniqueid)
	}
	a := m.agent(v.Interface, v.Member)
	row, last := a.members[v.Name], a.talkIn(v.Name)
	next := a.counted == v.Name || v.outlived || last != nil && !v.talks // the member may talk with another caller by now
	if raw.Name() == "AgentComplete" && row != nil {
		next = next || m.listed || row.past(v.Talked, now)
	}
	told := raw.Name() != "" && raw.Name() != "AgentConnect" // else the lists count it, or the state of the member will
	if q := m.queues[v.Name]; q != nil && told && !next {
		q.count(row)
	}
	a.counted = ""
	v.EndedBy = reason
	if ch := m.channels[v.uniqueid]; ch != nil && raw.Name() != "AgentComplete" {
		ch.completed = memberKey{v.Name, v.Interface}
	}
	if !v.overAt.IsZero() {
		m.ending = slices.DeleteFunc(m.ending, func(o *visit) bool { return o == v })
	}
	if v.talks {
		if v.Talked == 0 && v.overAt.IsZero() {
			v.Talked = max(0, now.Sub(v.talkFrom))
		}
		a.talks = slices.DeleteFunc(a.talks, func(o *visit) bool { return o == v })
		a.Talked = v.Talked
		if row != nil && row.Wrapup > 0 {
			a.wrapUntil = now.Add(row.Wrapup)
		}
		if v.phone != nil {
			v.phone.serves, v.phone = nil, nil
		}
	}
	if row != nil && !next { // of another that began in the same second too
		row.InCall = false
	}
	v.talks = false
	if v.over.Name() == "" { // else that was word on it, be it of the session before
		m.touchMember(aTalk, memberKey{v.Name, v.Interface})
	}
	m.refresh(a, now, raw, true)
	m.raiseServe(AgentCompleted, a, v, now, raw)
	m.dropAgent(a)
}
