package live

import (
	"slices"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// Asterisk tells of parking and of conferences on threads of their own, which may
// overtake the one that tells of channels: a ParkedCall has been seen before the
// Newchannel of the very channel. Such an event waits until its channel is up.

// maxEarly bounds how many wait. They belong to channels that begin within patience.
const maxEarly = 1000

// overtaking are the events that may come before their channel, and the header that
// names that.
var overtaking = map[string]string{
	"ParkedCall": "ParkeeUniqueid", "ParkedCallTimeOut": "ParkeeUniqueid", "ParkedCallGiveUp": "ParkeeUniqueid", "UnParkedCall": "ParkeeUniqueid",
	"ConfbridgeJoin": "Uniqueid", "ConfbridgeLeave": "Uniqueid",
	"ConfbridgeMute": "Uniqueid", "ConfbridgeUnmute": "Uniqueid", "ConfbridgeTalking": "Uniqueid",
	"ChanSpyStart": "SpyeeUniqueid",
}

// early is an event whose channel is not known yet, or is gone.
type early struct {
	e        ami.Event
	uniqueid string
	at       time.Time
}

// putAside keeps an event of an unknown channel: while the lists are under way until
// they are in, and else, if it is one that may have come too early, for a while.
func (m *Model) putAside(e ami.Event) {
	if m.syncing {
		if len(m.aside) < maxAside {
			m.aside = append(m.aside, e)
		}
		return
	}
	header, ok := overtaking[e.Name()]
	if !ok || len(m.early) >= maxEarly {
		return
	}
	m.early = append(m.early, early{e, e.Get(header), m.timeOf(e)})
}

// catchUp handles the events that came before their channel, now that an event has told
// of it, and drops those whose channel did not come.
func (m *Model) catchUp(e ami.Event, now time.Time) {
	m.early = slices.DeleteFunc(m.early, func(x early) bool { return now.Sub(x.at) > patience })
	ch := m.channels[e.Get("Uniqueid")]
	if ch == nil || ch.State != "Up" {
		return
	}
	var ready []ami.Event
	m.early = slices.DeleteFunc(m.early, func(x early) bool {
		if x.uniqueid == ch.Uniqueid {
			ready = append(ready, x.e)
		}
		return x.uniqueid == ch.Uniqueid
	})
	for _, e := range ready {
		handlers[e.Name()](m, e, now)
	}
}
