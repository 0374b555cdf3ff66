package live

import (
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// held: the phone of a channel put the other side on hold.
func (m *Model) held(e ami.Event, now time.Time) {
	ch := m.of(e, now)
	if ch == nil || ch.leg.Held {
		return
	}
	ch.leg.Held, ch.leg.HeldAt = true, now
	ch.call.recountHolds(now)
	m.start(ch.call, now, e)
	m.raiseLeg(CallHeld, ch, now, e)
}

// unheld: it took the other side back. Asterisk says so before a blind transfer too,
// and without a Hold before it.
func (m *Model) unheld(e ami.Event, now time.Time) {
	if ch := m.of(e, now); ch != nil {
		m.endHold(ch, now, e)
	}
}

// endHold ends the hold of ch, if there is one. That its channel is gone ends it too:
// Asterisk does not say Unhold then.
func (m *Model) endHold(ch *channel, now time.Time, raw ami.Event) {
	if !ch.leg.Held {
		return
	}
	ch.leg.HeldFor = max(0, now.Sub(ch.leg.HeldAt))
	ch.leg.Held = false
	ch.call.recountHolds(now)
	m.raiseLeg(CallUnheld, ch, now, raw)
}

// recountHolds finds whether any channel of the call keeps it on hold.
func (c *call) recountHolds(now time.Time) {
	held := false
	for _, ch := range c.channels {
		held = held || ch.leg.Held
	}
	switch {
	case held && !c.Held:
		c.heldFrom = now
	case !held && c.Held:
		c.HeldFor += max(0, now.Sub(c.heldFrom))
	}
	c.Held = held
}

// musicStart and musicStop keep which music a channel hears.
func (m *Model) musicStart(e ami.Event, now time.Time) {
	if ch := m.of(e, now); ch != nil {
		ch.Music = e.Get("Class")
	}
}

func (m *Model) musicStop(e ami.Event, now time.Time) {
	if ch := m.of(e, now); ch != nil {
		ch.Music = ""
	}
}
