package live

import (
	"slices"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// Asterisk tells of parking, of conferences and of who listens in on threads of their own,
// which may overtake the one that tells of channels: a ParkedCall has been seen before the
// Newchannel of the very channel. Such an event waits until its channel is up.

// maxEarly bounds how many wait. They belong to channels that begin within patience.
const maxEarly = 1000

// overtaking are the events that may come before their channel, and the header that
// names that.
var overtaking = map[string]string{
	"ParkedCall": "ParkeeUniqueid", "ParkedCallTimeOut": "ParkeeUniqueid", "ParkedCallGiveUp": "ParkeeUniqueid", "UnParkedCall": "ParkeeUniqueid",
	"ParkedCallSwap": "ParkeeUniqueid",
	"ConfbridgeJoin": "Uniqueid", "ConfbridgeLeave": "Uniqueid",
	"ConfbridgeMute": "Uniqueid", "ConfbridgeUnmute": "Uniqueid", "ConfbridgeTalking": "Uniqueid",
	"ChanSpyStart": "SpyeeUniqueid", "ChanSpyStop": "SpyeeUniqueid",
}

// unlisted reports whether an event tells of what no list of Asterisk has afterwards.
func unlisted(e ami.Event) bool {
	switch e.Name() {
	case "Hold", "Unhold", "MusicOnHoldStart", "MusicOnHoldStop", "MixMonitorStart", "MixMonitorStop", "MonitorStart", "MonitorStop", "ChanSpyStart", "ChanSpyStop":
		return true
	case "VarSet":
		return e.Get("Variable") == "MIXMONITOR_FILENAME"
	default:
		return false
	}
}

// early is an event whose channel is not known yet, or is gone.
type early struct {
	e        ami.Event
	uniqueid string
	at       time.Time // when it happened
	got      time.Time // when it came, by the clock of this machine
	old      bool      // from before the last connect, or the last attempt at a Resync
}

// forerunners are the events that wait, oldest first, and how many for each channel.
type forerunners struct {
	queue []early
	of    map[string]int // by Uniqueid
}

func (q *forerunners) put(x early) {
	if len(q.queue) == 0 {
		q.queue, q.of = nil, make(map[string]int)
	}
	q.queue = append(q.queue, x)
	q.of[x.uniqueid]++
}

// expire drops those whose channel did not come.
func (q *forerunners) expire(now time.Time) {
	for len(q.queue) > 0 && now.Sub(q.queue[0].at) > patience {
		q.forget(q.queue[0].uniqueid)
		q.queue = q.queue[1:]
	}
}

func (q *forerunners) forget(uniqueid string) {
	if q.of[uniqueid]--; q.of[uniqueid] == 0 {
		delete(q.of, uniqueid)
	}
}

// take takes out those of a channel.
func (q *forerunners) take(uniqueid string) (taken []early) {
	if q.of[uniqueid] == 0 {
		return nil
	}
	delete(q.of, uniqueid)
	q.queue = slices.DeleteFunc(q.queue, func(x early) bool {
		if x.uniqueid == uniqueid {
			taken = append(taken, x)
		}
		return x.uniqueid == uniqueid
	})
	return taken
}

// keepUnlisted drops all but the events that no list tells of again, of channels that live.
func (q *forerunners) keepUnlisted() {
	over := make(map[string]bool)
	for _, x := range q.queue {
		over[x.uniqueid] = over[x.uniqueid] || x.e.Name() == "Hangup"
	}
	kept := q.queue
	*q = forerunners{}
	for _, x := range kept {
		if unlisted(x.e) && !over[x.uniqueid] {
			x.old = true
			q.put(x)
		}
	}
}

// putAside keeps an event of an unknown channel: while the lists are under way, or are to be
// asked for again, until they are in, and else, if it is one that may have come too early,
// for a while. What no list tells is kept until there is one, or the channel has ended.
func (m *Model) putAside(e ami.Event, now time.Time) {
	header, overtakes := overtaking[e.Name()]
	if !overtakes {
		header = "Uniqueid"
	}
	x := early{e: e, uniqueid: e.Get(header), at: now, got: m.heard}
	switch {
	case !m.syncing && e.Name() == "Hangup":
		m.aside.take(x.uniqueid)
	case m.syncing, !m.synced && unlisted(e):
		if len(m.aside.queue) < maxAside {
			m.aside.put(x)
		}
	case overtakes:
		m.waits(e, x.uniqueid, now)
	}
}

// waits lets an event wait until its channel is up, unless too many do.
func (m *Model) waits(e ami.Event, uniqueid string, now time.Time) bool {
	if len(m.early.queue) >= maxEarly {
		return false
	}
	m.early.put(early{e: e, uniqueid: uniqueid, at: now})
	return true
}

// waitsToo lets an event wait behind one that came too early for its channel.
func (m *Model) waitsToo(e ami.Event, now time.Time) bool {
	if len(m.early.queue) == 0 {
		return false
	}
	header, overtakes := overtaking[e.Name()]
	return overtakes && m.early.of[e.Get(header)] > 0 && m.waits(e, e.Get(header), now)
}

// overtaken lets what was put aside for a channel, because that was told of too late, wait
// until it is up: its next events would else be handled before.
func (m *Model) overtaken(uniqueid string) {
	for _, x := range m.aside.take(uniqueid) {
		m.early.put(x)
	}
}

// catchUp handles the events that came before their channel, now that an event has told
// of it.
func (m *Model) catchUp(e ami.Event, now time.Time) {
	m.early.expire(now)
	ch := m.channels[e.Get("Uniqueid")]
	if ch == nil || !ch.told() {
		return
	}
	for _, x := range m.early.take(ch.Uniqueid) {
		handlers[x.e.Name()](m, x.e, now)
	}
}

// told reports whether all has been told of a channel that comes before it may be parked or be
// in a conference, such as its number. One that is parked for another may never be up.
func (ch *channel) told() bool { return ch.State == "Up" || ch.Bridge != "" }
