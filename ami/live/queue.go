package live

import (
	"slices"
	"strconv"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// patience is how long the model waits for word that may come late, on another thread: why a
// caller left a queue, who ended a talk, that a channel has begun or is gone.
const patience = 2 * time.Second

// visit is a caller in a queue, and shortly after.
type visit struct {
	Queue
	uniqueid string
	call     *call
	session  uint64    // in which it was last heard of
	adopted  bool      // found by Resync; its Join may still be on the way
	entered  time.Time // Joined by our clock, no earlier: lists are compared by that

	hungUp    bool // HangupRequest: the caller hung up
	picked    bool // a member's phone answered
	abandoned bool // QueueCallerAbandon, which only says that no member took the call
	varsSeen  bool // VarSet events of the visit come, so a missing QUEUESTATUS means something

	left   bool // QueueCallerLeave
	leftAt time.Time
	timer  *time.Timer // ends the wait for word
	ranked bool        // those behind count it

	talks    bool      // a member and the caller do
	talkFrom time.Time // since then
	phone    *channel  // of the member; nil when not known
	outlived bool      // the member has begun another talk in this queue, which Asterisk counts instead
	over     ami.Event // what told that the talk is over, while AgentComplete is waited for
	overAt   time.Time
}

// at returns the visit as it is at now.
func (v *visit) at(now time.Time) *Queue {
	out := v.Queue
	if out.Waited == 0 && !out.Joined.IsZero() {
		out.Waited = max(0, now.Sub(out.Joined))
	}
	return &out
}

// raiseVisit raises a derived event about v.
func (m *Model) raiseVisit(name string, v *visit, now time.Time, raw ami.Event) {
	m.start(v.call, now, raw)
	if m.wanted(name) {
		m.publish(Event{Name: name, Time: now, Call: v.call.at(now), Queue: v.at(now), Raw: raw})
	}
}

// visitOf returns the visit that e is about. One that was not seen to begin is made
// up; its beginning is known by HoldTime, if e has that. It is nil when the channel
// is not known.
func (m *Model) visitOf(e ami.Event, now time.Time) *visit {
	ch := m.of(e, now)
	if ch == nil {
		return nil
	}
	v := m.visits[ch.Uniqueid]
	if v == nil || v.Name != e.Get("Queue") {
		if v != nil {
			m.decide(v, v.guess(), now, e)
		}
		v = m.visit(ch, e.Get("Queue"))
		if hold, err := strconv.Atoi(e.Get("HoldTime")); err == nil {
			m.joined(v, now, time.Duration(hold)*time.Second)
		}
		// The lists have those who wait: who is in none has left, and those behind moved up.
		v.ranked = !m.synced || !m.parts[PartQueues].Known
	}
	v.session, v.adopted = m.session, false // its Join came before this
	v.call, v.CallID = ch.call, ch.call.ID
	if n, err := strconv.Atoi(e.Get("Position")); err == nil {
		v.Position = n
	}
	return v
}

// visitsBy returns the visits of a channel: that in which it waits, and that in which it talks
// with a member.
func (m *Model) visitsBy(ch *channel) (visits []*visit) {
	for _, v := range []*visit{m.visits[ch.Uniqueid], m.served[ch.Uniqueid]} {
		if v != nil {
			visits = append(visits, v)
		}
	}
	return visits
}

// joined notes how long before the event at hand, which happened at now, a visit began.
func (m *Model) joined(v *visit, now time.Time, ago time.Duration) {
	v.Joined, v.entered = now.Add(-ago), m.heard.Add(-ago)
}

// visit begins a visit.
func (m *Model) visit(ch *channel, queue string) *visit {
	delete(m.gone.visits, ch.Uniqueid)
	ch.queue = queue
	v := &visit{
		Queue:    Queue{Name: queue, CallID: ch.call.ID, Channel: ch.Name},
		uniqueid: ch.Uniqueid, call: ch.call, session: m.session, hungUp: ch.hungUp,
	}
	m.visits[ch.Uniqueid] = v
	return v
}

func (m *Model) queueJoin(e ami.Event, now time.Time) {
	ch := m.of(e, now)
	if ch == nil {
		return
	}
	v := m.visits[ch.Uniqueid]
	if v != nil && !(v.adopted && v.session == m.session && v.Name == e.Get("Queue")) {
		m.decide(v, v.guess(), now, e)
		v = nil
	}
	if v == nil {
		v = m.visit(ch, e.Get("Queue"))
		v.Position, _ = strconv.Atoi(e.Get("Position")) // else the list knows better
	}
	v.adopted = false
	m.joined(v, now, 0)
	m.touch(aVisit, ch.Uniqueid)
	m.shift(v, +1)
	m.raiseVisit(QueueJoined, v, now, e)
}

// queueAbandon: Asterisk says so for everybody who leaves without a member, also
// after a timeout. The caller hung up if and only if a HangupRequest came before.
func (m *Model) queueAbandon(e ami.Event, now time.Time) {
	if name := e.Get("Queue"); !m.again && name != "" {
		q := m.queue(name)
		q.Abandoned++
		if m.syncing {
			q.lately = append(q.lately, m.time())
		}
	}
	v := m.visitOf(e, now)
	if v == nil {
		return
	}
	v.abandoned = true
	if v.hungUp {
		v.Outcome = Abandoned
		m.raiseVisit(QueueAbandoned, v, now, e)
	}
}

func (m *Model) queueLeave(e ami.Event, now time.Time) {
	v := m.visitOf(e, now)
	if v == nil {
		return
	}
	m.shift(v, -1)
	v.left, v.leftAt = true, now
	if !v.Joined.IsZero() {
		v.Waited = now.Sub(v.Joined)
	}
	switch {
	case v.Outcome != "":
		m.decide(v, v.Outcome, now, e)
		return
	case v.connects():
		return
	}
	m.undecided = append(m.undecided, v)
	v.timer = time.AfterFunc(patience, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.visits[v.uniqueid] == v {
			m.decide(v, v.guess(), m.time(), ami.Event{})
		}
	})
}

// connects reports whether AgentConnect is still to come: between Leave and that a subroutine
// may run for the member, or an AGI, for as long as it likes.
func (v *visit) connects() bool { return v.left && v.picked && !v.abandoned }

// agentConnect: a member took the caller. Leave comes before, unless the link was down.
func (m *Model) agentConnect(e ami.Event, now time.Time) {
	v := m.visitOf(e, now)
	if v == nil {
		return
	}
	v.Outcome = Answered
	if !v.Joined.IsZero() {
		v.Waited = now.Sub(v.Joined)
	}
	v.Member, v.Interface = e.Get("MemberName"), e.Get("Interface")
	m.answer(v.call, now, e)
	m.raiseVisit(QueueConnected, v, now, e)
	m.connected(v, e, now)
	m.decide(v, Answered, now, e)
}

// agentDump: the member hung up during the announcement; the caller waits on.
func (m *Model) agentDump(e ami.Event, now time.Time) {
	if ch := m.of(e, now); ch != nil {
		if v := m.visits[ch.Uniqueid]; v != nil {
			v.picked = false
		}
	}
}

// decide ends a visit and tells.
func (m *Model) decide(v *visit, outcome string, now time.Time, raw ami.Event) {
	if v.timer != nil {
		v.timer.Stop()
	}
	m.shift(v, -1)
	delete(m.visits, v.uniqueid)
	if m.syncing {
		m.gone.visits[v.uniqueid] = true
	}
	m.undecided = slices.DeleteFunc(m.undecided, func(u *visit) bool { return u == v })
	v.left, v.Outcome = true, outcome
	m.raiseVisit(QueueLeft, v, now, raw)
}

// decideLate ends the calls, the channels, the visits and the talks for which no word came in
// time, by the clock of the events: a replay need not wait for timers.
func (m *Model) decideLate(now time.Time) {
	for len(m.unsure) > 0 && (m.unsure[0].ending == nil || now.Sub(m.unsure[0].ending.at) >= listPatience) {
		m.endOldest()
	}
	for len(m.doubts) > 0 && now.Sub(m.doubts[0].at) >= patience {
		m.loseDoubted(m.doubts[0].ch, now)
	}
	for len(m.ending) > 0 && now.Sub(m.ending[0].overAt) >= patience {
		v := m.ending[0]
		m.ending = m.ending[1:]
		m.overLate(v, now)
	}
	for len(m.undecided) > 0 && now.Sub(m.undecided[0].leftAt) >= patience {
		m.decide(m.undecided[0], m.undecided[0].guess(), now, ami.Event{})
	}
}
