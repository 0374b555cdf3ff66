package live

import (
	"strconv"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// handlers are the events that change the picture. Each is called with the lock
// held.
var handlers = map[string]func(m *Model, e ami.Event, now time.Time){
	"Newchannel":         (*Model).newchannel,
	"Newstate":           (*Model).changed,
	"NewCallerid":        (*Model).changed,
	"NewConnectedLine":   (*Model).changed,
	"NewAccountCode":     (*Model).changed,
	"BridgeEnter":        (*Model).bridged,
	"DialBegin":          (*Model).dialBegin,
	"DialEnd":            (*Model).dialEnd,
	"HangupRequest":      (*Model).hangupRequest,
	"Hangup":             (*Model).hungup,
	"QueueCallerJoin":    (*Model).queueJoin,
	"QueueCallerAbandon": (*Model).queueAbandon,
	"QueueCallerLeave":   (*Model).queueLeave,
	"AgentConnect":       (*Model).agentConnect,
	"AgentDump":          (*Model).agentDump,
	"VarSet":             (*Model).varSet,
	"Newexten":           (*Model).newexten,
	"FullyBooted":        (*Model).fullyBooted,
}

// of returns the channel that e is about after taking its snapshot into account;
// nil when it is not known.
func (m *Model) of(e ami.Event, now time.Time) *channel {
	ch := m.channels[e.Get("Uniqueid")]
	if ch == nil {
		m.putAside(e)
		return nil
	}
	m.update(ch, e, now)
	return ch
}

// newchannel adds a channel, and a call if it is the first of its Linkedid.
func (m *Model) newchannel(e ami.Event, now time.Time) {
	uniqueid, linkedid := e.Get("Uniqueid"), e.Get("Linkedid")
	if uniqueid == "" || linkedid == "" {
		return
	}
	ch := m.channels[uniqueid]
	if ch == nil {
		ch = m.add(e, linkedid, now)
	} else { // Resync was faster
		m.update(ch, e, now)
		if c := ch.call; c.adopted && c.first == uniqueid {
			c.adopted, c.told = false, false
		}
	}
	if c := ch.call; c.first == uniqueid && m.early(c, e) {
		m.start(c, now, e)
	}
}

// early reports whether a call can be told of at its first channel: the caller is
// known then, because the channel came with a call (state Ring, where one that
// Asterisk makes is Down), and so is the direction.
func (m *Model) early(c *call, e ami.Event) bool {
	return e.Get("ChannelState") != "0" && (len(m.trunks) == 0 || c.Direction == In)
}

func (m *Model) changed(e ami.Event, now time.Time) {
	ch := m.of(e, now)
	if ch != nil && ch.call.first == ch.Uniqueid && e.Name() == "Newstate" && ch.State == "Up" {
		m.start(ch.call, now, e)
	}
}

func (m *Model) bridged(e ami.Event, now time.Time) {
	if ch := m.of(e, now); ch != nil {
		m.start(ch.call, now, e)
	}
}

// dialBegin notes that somebody is dialled. Without a Channel it is the first leg of
// an Originate.
func (m *Model) dialBegin(e ami.Event, now time.Time) {
	if e.Get("Channel") == "" {
		if ch := m.channels[e.Get("DestUniqueid")]; ch != nil {
			m.start(ch.call, now, e)
		} else {
			m.putAside(e)
		}
		return
	}
	ch := m.of(e, now)
	if ch == nil {
		return
	}
	c := ch.call
	if !c.dialled {
		c.dialled = true
		if c.Direction == Internal && m.trunks.match(e.Get("DestChannel")) {
			c.Direction = Out
		}
	}
	if c.rangFrom.IsZero() && !c.Answered {
		c.rangFrom = now
	}
	m.start(c, now, e)
}

func (m *Model) dialEnd(e ami.Event, now time.Time) {
	if e.Get("Channel") == "" || e.Get("DialStatus") != "ANSWER" {
		return
	}
	ch := m.of(e, now)
	if ch == nil {
		return
	}
	if v := m.visits[ch.Uniqueid]; v != nil {
		v.picked = true
	}
	m.answer(ch.call, now, e)
}

func (m *Model) hangupRequest(e ami.Event, now time.Time) {
	if ch := m.of(e, now); ch != nil {
		if v := m.visits[ch.Uniqueid]; v != nil {
			v.hungUp = true
		}
	}
}

// hungup removes a channel. The cause of a call's end is that of its first channel.
func (m *Model) hungup(e ami.Event, now time.Time) {
	ch := m.of(e, now)
	if ch == nil {
		return
	}
	if v := m.visits[ch.Uniqueid]; v != nil {
		m.decide(v, v.guess(), now, e)
	}
	cause, _ := strconv.Atoi(e.Get("Cause"))
	m.remove(ch, hangup{e.Get("Cause-txt"), cause}, now, e)
}
