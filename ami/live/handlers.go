package live

import (
	"strconv"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// handlers are the events that change the picture. Each is called with the lock
// held.
var handlers = map[string]func(m *Model, e ami.Event, now time.Time){
	"Newchannel":       (*Model).newchannel,
	"Newstate":         (*Model).changed,
	"NewCallerid":      (*Model).changed,
	"NewConnectedLine": (*Model).changed,
	"NewAccountCode":   (*Model).changed,
	"Rename":           (*Model).renamed,
	"DialBegin":        (*Model).dialBegin,
	"DialState":        (*Model).dialState,
	"DialEnd":          (*Model).dialEnd,
	"HangupRequest":    (*Model).hangupRequest,
	"Hangup":           (*Model).hungup,
	"Newexten":         (*Model).newexten,
	"VarSet":           (*Model).varSet,

	"BridgeCreate":     (*Model).bridgeCreate,
	"BridgeEnter":      (*Model).bridgeEnter,
	"BridgeLeave":      (*Model).bridgeLeave,
	"BridgeDestroy":    (*Model).bridgeDestroy,
	"AttendedTransfer": (*Model).attendedTransfer,
	"BlindTransfer":    (*Model).blindTransfer,

	"LocalOptimizationBegin": (*Model).optimized,

	"Hold":             (*Model).held,
	"Unhold":           (*Model).unheld,
	"MusicOnHoldStart": (*Model).musicStart,
	"MusicOnHoldStop":  (*Model).musicStop,

	"ParkedCall":        (*Model).callParked,
	"ParkedCallSwap":    (*Model).parkSwapped,
	"ParkedCallTimeOut": (*Model).parkTimeout,
	"ParkedCallGiveUp":  (*Model).parkGiveUp,
	"UnParkedCall":      (*Model).unparked,

	"MixMonitorStart": (*Model).recordStart,
	"MixMonitorStop":  (*Model).recordStop,
	"MonitorStart":    (*Model).recordStart,
	"MonitorStop":     (*Model).recordStop,
	"ChanSpyStart":    (*Model).spyStart,
	"ChanSpyStop":     (*Model).spyStop,

	"QueueCallerJoin":      (*Model).queueJoin,
	"QueueCallerAbandon":   (*Model).queueAbandon,
	"QueueCallerLeave":     (*Model).queueLeave,
	"AgentCalled":          (*Model).agentCalled,
	"AgentRingNoAnswer":    (*Model).agentNoAnswer,
	"AgentConnect":         (*Model).agentConnect,
	"AgentComplete":        (*Model).agentComplete,
	"AgentDump":            (*Model).agentDump,
	"AGIExecStart":         (*Model).agiExec,
	"QueueMemberAdded":     (*Model).memberChanged,
	"QueueMemberStatus":    (*Model).memberChanged,
	"QueueMemberPause":     (*Model).memberChanged,
	"QueueMemberPenalty":   (*Model).memberChanged,
	"QueueMemberRinginuse": (*Model).memberChanged,
	"QueueMemberRemoved":   (*Model).memberRemoved,

	"ConfbridgeStart":      (*Model).conferenceStart,
	"ConfbridgeEnd":        (*Model).conferenceEnd,
	"ConfbridgeJoin":       (*Model).conferenceJoin,
	"ConfbridgeLeave":      (*Model).conferenceLeave,
	"ConfbridgeMute":       (*Model).conferenceChanged,
	"ConfbridgeUnmute":     (*Model).conferenceChanged,
	"ConfbridgeTalking":    (*Model).conferenceChanged,
	"ConfbridgeRecord":     (*Model).conferenceChanged,
	"ConfbridgeStopRecord": (*Model).conferenceChanged,

	"DeviceStateChange": (*Model).deviceChanged,
	"ContactStatus":     (*Model).contactStatus,
	"PeerStatus":        (*Model).peerStatus,
	"MessageWaiting":    (*Model).messageWaiting,
	"Cdr":               (*Model).cdr,
	"FullyBooted":       (*Model).fullyBooted,
	"Reload":            (*Model).reloaded,
}

// of returns the channel that e is about after taking its snapshot into account;
// nil when it is not known.
func (m *Model) of(e ami.Event, now time.Time) *channel {
	ch := m.channels[e.Get("Uniqueid")]
	if ch == nil {
		m.putAside(e, now)
		return nil
	}
	if !m.bygone {
		m.update(ch, e, now)
	}
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
		m.overtaken(uniqueid)
	} else { // Resync was faster
		m.update(ch, e, now)
		if c := ch.call; c.adopted && c.first == uniqueid {
			c.adopted, c.told = false, false
		}
	}
	ch.born = m.session
	if c := ch.call; c.first == uniqueid && m.atOnce(c, e) {
		m.start(c, now, e)
	}
}

// atOnce reports whether a call can be told of at its first channel: the caller is
// known then, because the channel came with a call (state Ring, where one that
// Asterisk makes is Down), and so is the direction.
func (m *Model) atOnce(c *call, e ami.Event) bool {
	return e.Get("ChannelState") != "0" && (len(m.trunks) == 0 || c.Direction == In)
}

func (m *Model) changed(e ami.Event, now time.Time) {
	ch := m.of(e, now)
	if ch == nil || e.Name() != "Newstate" {
		return
	}
	if ch.State == "Up" && ch.rungBy != nil { // there may be no DialEnd
		ch.rungBy.picked = true
	}
	switch {
	case ch.State == "Up" && ch.call.first == ch.Uniqueid:
		m.start(ch.call, now, e)
	case ch.State == "Ringing" && ch.leg.Role == RoleDialled:
		m.ring(ch, now, e)
	}
}

// renamed: one channel takes the place of another, as when a call is picked up. The
// header Channel holds the old name.
func (m *Model) renamed(e ami.Event, now time.Time) {
	ch := m.channels[e.Get("Uniqueid")]
	if ch == nil {
		m.putAside(e, now)
		return
	}
	m.rename(ch, e.Get("Newname"))
}

// hangupRequest comes before the caller of a queue is said to have abandoned it, or to
// have ended the talk, be it before the caller has entered.
func (m *Model) hangupRequest(e ami.Event, now time.Time) {
	if ch := m.of(e, now); ch != nil {
		ch.hungUp = true
		for _, v := range m.visitsBy(ch) {
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
	cause, _ := strconv.Atoi(e.Get("Cause"))
	m.remove(ch, hangup{e.Get("Cause-txt"), cause}, now, e)
}

// unlink ends all that hangs on a channel that goes; lost says that its end was not seen.
func (m *Model) unlink(ch *channel, lost bool, now time.Time, raw ami.Event) {
	m.endHold(ch, now, raw)
	if v := m.visits[ch.Uniqueid]; v != nil {
		if lost {
			v.gap()
		}
		m.decide(v, v.guess(), now, raw)
	}
	m.endTalks(ch, lost, now, raw)
	if a := ch.rings; a != nil {
		m.stopRinging(a, now, raw)
		m.dropAgent(a)
	}
	if l := m.listens[ch.Uniqueid]; l != nil {
		m.endListenIn(l, now, raw)
	}
	for len(ch.heard) > 0 {
		m.endListenIn(ch.heard[0], now, raw)
	}
	if p := m.parked[ch.Uniqueid]; p != nil {
		delete(m.parked, ch.Uniqueid)
		if !lost {
			m.raisePark(p.guess(now), p, now, raw)
		}
	}
	m.leaveConference(ch)
	delete(m.recorded, ch.Uniqueid)
	m.bridge(ch, nil)
}
