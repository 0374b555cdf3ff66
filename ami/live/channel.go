package live

import (
	"maps"
	"slices"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// channel is a channel that exists.
type channel struct {
	Channel
	call    *call
	session uint64 // in which it was last heard of
}

// add puts a channel into the picture.
func (m *Model) add(e ami.Event, linkedid string, now time.Time) *channel {
	ch := &channel{Channel: Channel{Uniqueid: e.Get("Uniqueid"), Created: now}}
	c := m.calls[linkedid]
	if c == nil {
		c = &call{
			Call:     Call{ID: m.server + "/" + linkedid, Linkedid: linkedid, Server: m.server, Started: now, Direction: Internal},
			channels: make(map[string]*channel),
			// Before the first resync an unknown Linkedid may be an old call's.
			told: !m.synced && ch.Uniqueid != linkedid,
		}
		m.calls[linkedid] = c
	}
	if c.first == "" || ch.Uniqueid == linkedid && c.first != linkedid {
		m.lead(c, ch.Uniqueid, e)
	}
	m.channels[ch.Uniqueid] = ch
	m.join(ch, c)
	m.update(ch, e, now)
	return ch
}

// lead makes a channel the first of its call: caller and dialed are its.
func (m *Model) lead(c *call, uniqueid string, e ami.Event) {
	c.first = uniqueid
	c.Call.Channel = e.Get("Channel")
	c.Dialed, c.Context = e.Get("Exten"), e.Get("Context")
	c.Language = e.Get("Language")
	c.Direction = Internal
	if m.trunks.match(c.Call.Channel) {
		c.Direction = In
		if e.Get("ChannelState") == "0" { // Asterisk rings a trunk: it goes out
			c.Direction = Out
		}
	}
}

// join makes ch a channel of c.
func (m *Model) join(ch *channel, c *call) {
	ch.call = c
	ch.CallID = c.ID
	c.channels[ch.Uniqueid] = ch
	c.Legs++
}

// leave takes ch out of its call; the caller ends the call if that was the last.
func (m *Model) leave(ch *channel) *call {
	c := ch.call
	delete(c.channels, ch.Uniqueid)
	return c
}

// update takes the snapshot in e into account. A channel whose Linkedid has changed
// moves to the other call, as when two calls are bridged together.
func (m *Model) update(ch *channel, e ami.Event, now time.Time) {
	ch.session = m.session
	ch.Name = e.Get("Channel")
	ch.State = e.Get("ChannelStateDesc")
	ch.Caller = Party{known(e.Get("CallerIDNum")), known(e.Get("CallerIDName"))}
	ch.Connected = Party{known(e.Get("ConnectedLineNum")), known(e.Get("ConnectedLineName"))}
	c := ch.call
	if linkedid := e.Get("Linkedid"); linkedid != "" && linkedid != c.Linkedid {
		m.move(ch, linkedid, e, now)
		return
	}
	if c.first == ch.Uniqueid {
		c.Caller = ch.Caller
		c.Account = e.Get("AccountCode")
	}
}

// known returns "" for Asterisk's "<unknown>".
func known(s string) string {
	if s == "<unknown>" {
		return ""
	}
	return s
}

// move takes ch from its call to that of linkedid.
func (m *Model) move(ch *channel, linkedid string, e ami.Event, now time.Time) {
	from, to := m.leave(ch), m.calls[linkedid]
	if to == nil { // the call we follow goes on under another id
		to = &call{Call: from.Call, channels: make(map[string]*channel), told: from.told, dialled: from.dialled, rangFrom: from.rangFrom, first: from.first}
		to.ID, to.Linkedid, to.Legs = m.server+"/"+linkedid, linkedid, 0
		m.calls[linkedid] = to
	}
	m.join(ch, to)
	if v := m.visits[ch.Uniqueid]; v != nil {
		v.call, v.CallID = to, to.ID
	}
	if len(from.channels) == 0 {
		m.start(from, now, e)
		m.end(from, hangup{text: Merged}, now, e)
	}
}

// remove takes a channel out of the picture, and ends its call if it was the last.
func (m *Model) remove(ch *channel, why hangup, now time.Time, raw ami.Event) {
	delete(m.channels, ch.Uniqueid)
	if m.syncing {
		m.gone.channels[ch.Uniqueid] = true
	}
	c := m.leave(ch)
	if ch.Uniqueid == c.first {
		c.why = why
	}
	if len(c.channels) > 0 {
		return
	}
	if c.why.text == "" || c.why.text == Gap || why.text == Gap {
		c.why = why
	}
	m.start(c, now, raw)
	m.end(c, c.why, now, raw)
}

// uniqueids returns the ids of the known channels in order, for a fixed order of events.
func (m *Model) uniqueids() []string { return slices.Sorted(maps.Keys(m.channels)) }
