package live

import (
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// dialBegin notes that somebody is dialled. Without a Channel it is the first leg of
// an Originate. The dialled phone may ring already.
func (m *Model) dialBegin(e ami.Event, now time.Time) {
	dest := m.channels[e.Get("DestUniqueid")]
	if e.Get("Channel") == "" {
		if dest != nil {
			m.start(dest.call, now, e)
		} else {
			m.putAside(e, now)
		}
		return
	}
	ch := m.of(e, now)
	if ch == nil {
		return
	}
	c := ch.call
	m.dials(c, ch.Name, e.Get("DestChannel"))
	if c.rangFrom.IsZero() && !c.Answered {
		c.rangFrom = now
	}
	if m.directed(c) {
		m.start(c, now, e)
	}
	if dest == nil {
		return
	}
	dest.dialled()
	if e.Get("DestChannelStateDesc") == "Ringing" {
		m.ring(dest, now, e)
	}
}

// dialState tells how dialling goes on. A line that sends its ringing as sound says
// PROGRESS.
func (m *Model) dialState(e ami.Event, now time.Time) {
	if e.Get("Channel") == "" { // of an Originate
		return
	}
	ch := m.of(e, now)
	dest := m.channels[e.Get("DestUniqueid")]
	if ch == nil || dest == nil {
		return
	}
	dest.dialled()
	switch e.Get("DialStatus") {
	case "RINGING", "PROGRESS":
		m.ring(dest, now, e)
	}
}

// dialEnd: a dialled phone answered, or rings no more.
func (m *Model) dialEnd(e ami.Event, now time.Time) {
	if e.Get("Channel") == "" {
		return
	}
	ch := m.of(e, now)
	if e.Get("DialStatus") != "ANSWER" {
		if dest := m.channels[e.Get("DestUniqueid")]; dest != nil && dest.rings != nil {
			a := dest.rings
			m.stopRinging(a, now, e)
			m.dropAgent(a)
		}
		return
	}
	if ch == nil {
		return
	}
	if v := m.visits[ch.Uniqueid]; v != nil {
		v.picked = true
	}
	m.answer(ch.call, now, e)
}
