package live

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// handlers are the events that change the picture. Each is called with the lock
// held.
var handlers map[string]func(m *Model, e ami.Event, now time.Time)

func init() { // not a literal: the handlers call each other through Handle's table
	handlers = map[string]func(m *Model, e ami.Event, now time.Time){
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
}

// call is a call that lasts. Its Call is current but for the fields that grow with
// time; at makes a copy to hand out.
type call struct {
	Call
	first    string // Uniqueid of the first channel
	channels map[string]*channel
	adopted  bool      // found by Resync
	told     bool      // call.started was raised, or will never be
	dialled  bool      // a second leg was dialled, which settled the direction
	rangFrom time.Time // first DialBegin with a caller's channel
	why      hangup    // of the first channel, once it is gone
}

// hangup is why a channel ended.
type hangup struct {
	text  string
	cause int
}

// channel is a channel that exists.
type channel struct {
	Channel
	call    *call
	session uint64 // in which it was last heard of
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
	return &out
}

// raiseCall raises a derived event about c.
func (m *Model) raiseCall(name string, c *call, now time.Time, raw ami.Event) {
	if m.wanted(name) {
		m.publish(Event{Name: name, Time: now, Call: c.at(now), Raw: raw})
	}
}

// start raises call.started unless it was, before anything else is told of the call.
func (m *Model) start(c *call, now time.Time, raw ami.Event) {
	if !c.told {
		c.told = true
		m.raiseCall(CallStarted, c, now, raw)
	}
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

// end removes a call without channels and tells.
func (m *Model) end(c *call, why hangup, now time.Time, raw ami.Event) {
	delete(m.calls, c.Linkedid)
	c.Reason, c.Cause = why.text, why.cause
	m.raiseCall(CallEnded, c, now, raw)
}

// known returns "" for Asterisk's "<unknown>".
func known(s string) string {
	if s == "<unknown>" {
		return ""
	}
	return s
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

// answer notes that a person answered.
func (m *Model) answer(c *call, now time.Time, e ami.Event) {
	if c.Answered {
		return
	}
	m.start(c, now, e)
	c.Answered, c.AnsweredAt = true, now
	m.raiseCall(CallAnswered, c, now, e)
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
