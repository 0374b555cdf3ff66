package live

import (
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// call is a call that lasts. Its Call is current but for the fields that grow with
// time; at makes a copy to hand out.
type call struct {
	Call
	first    string // Uniqueid of the first channel
	channels map[string]*channel
	legs     []*Leg
	adopted  bool      // found by Resync
	unseen   bool      // begun by a later channel, before Resync: it may have others
	told     bool      // call.started was raised, or will never be
	dialled  bool      // a second leg was dialled, which settled the direction
	rung     bool      // call.ringing was raised
	rangFrom time.Time // first DialBegin with a caller's channel
	heldFrom time.Time // since when it is on hold
	why      hangup    // of the first channel, once it is gone
	session  uint64    // in which it was first heard of; 0 when another was that goes on as this one
	ending   *ending   // it has no channel, but may have one that was not seen
	again    time.Time // when one of this id was ended, of which Asterisk told late that it goes on
}

// ending is the end of a call of which the lists will tell whether it is over.
type ending struct {
	why hangup
	at  time.Time
	raw ami.Event
}

// maxPast bounds how many calls are remembered that have just ended.
const maxPast = 1000

// past is a call that has just ended. Of a channel that has moved to it Asterisk may tell as
// late as when that ends too.
type past struct {
	linkedid string
	at       time.Time
}

// endedAt returns when a call of this id has just ended; zero if none has.
func (m *Model) endedAt(linkedid string) (at time.Time) {
	for _, p := range m.past {
		if p.linkedid == linkedid {
			at = p.at
		}
	}
	return at
}

// hangup is why a channel ended.
type hangup struct {
	text  string
	cause int
}

// at returns the call as it is at now.
func (c *call) at(now time.Time) *Call {
	out := c.Call
	out.Duration = max(0, now.Sub(c.Started))
	if !c.rangFrom.IsZero() {
		until := now
		if c.Answered {
			until = c.AnsweredAt
		}
		out.Rang = max(0, until.Sub(c.rangFrom))
	}
	if c.Held {
		out.HeldFor += max(0, now.Sub(c.heldFrom))
	}
	out.Channels = c.snapshot(now)
	return &out
}

// raiseCall raises a derived event about c.
func (m *Model) raiseCall(name string, c *call, now time.Time, raw ami.Event) {
	if m.wanted(name) {
		m.publish(Event{Name: name, Time: now, Call: c.at(now), Raw: raw})
	}
}

// raiseLeg raises a derived event about the call of ch and its leg in it.
func (m *Model) raiseLeg(name string, ch *channel, now time.Time, raw ami.Event) {
	if m.wanted(name) {
		leg := ch.leg.at(now)
		m.publish(Event{Name: name, Time: now, Call: ch.call.at(now), Leg: &leg, Raw: raw})
	}
}

// start raises call.started unless it was, before anything else is told of the call.
func (m *Model) start(c *call, now time.Time, raw ami.Event) {
	if !c.told {
		c.told = true
		m.raiseCall(CallStarted, c, now, raw)
	}
}

// ring notes that the phone of ch rings.
func (m *Model) ring(ch *channel, now time.Time, raw ami.Event) {
	c := ch.call
	if c.rung || c.Answered {
		return
	}
	c.rung = true
	m.start(c, now, raw)
	m.raiseLeg(CallRinging, ch, now, raw)
}

// over ends a call without channels. While the lists are under way, one that is not known to
// have begun in this session may have a channel that began when the link was down: they will tell.
func (m *Model) over(c *call, why hangup, now time.Time, raw ami.Event) {
	if m.syncing && !m.synced && c.session != m.session {
		c.ending = &ending{why, now, raw}
		m.unsure = append(m.unsure, c)
		return
	}
	m.start(c, now, raw)
	m.end(c, why, now, raw)
}

// listPatience is how long the end of a call waits for the lists, if nobody asks for them.
const listPatience = 30 * time.Second

// endOver ends the calls for which the lists had no channel.
func (m *Model) endOver() {
	for len(m.unsure) > 0 {
		m.endOldest()
	}
}

// endOldest ends the call that has waited longest for the lists, unless it goes on.
func (m *Model) endOldest() {
	c := m.unsure[0]
	m.unsure = m.unsure[1:]
	if e := c.ending; e != nil {
		c.ending = nil
		m.start(c, e.at, e.raw)
		m.end(c, e.why, e.at, e.raw)
	}
}

// end removes a call without channels and tells.
func (m *Model) end(c *call, why hangup, now time.Time, raw ami.Event) {
	delete(m.calls, c.Linkedid)
	c.Reason, c.Cause = why.text, why.cause
	if c.unseen && !m.synced { // the lists will tell whether it is over
		return
	}
	if !c.again.IsZero() && now.Sub(c.again) < patience { // it was the same end
		return
	}
	for len(m.past) > 0 && (now.Sub(m.past[0].at) >= patience || len(m.past) >= maxPast) {
		m.past = m.past[1:]
	}
	m.past = append(m.past, past{strings.Clone(c.Linkedid), now}) // not all of the event
	m.raiseCall(CallEnded, c, now, raw)
}

// answer notes that a person answered.
func (m *Model) answer(c *call, now time.Time, e ami.Event) {
	if c.Answered {
		return
	}
	m.start(c, now, e)
	c.Answered, c.AnsweredAt = true, now
	m.raiseCall(CallAnswered, c, now, e)
}
