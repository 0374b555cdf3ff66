package ami

import "strconv"

// EventsLost is the name of the event that stands in a subscription's stream where
// events are missing. Asterisk has no such event; ask [Event.Gap] whether it is real.
const EventsLost = "EventsLost"

// Gap says what is missing at a place in a stream of events.
type Gap struct {
	// Lost is how many events found the subscription full.
	Lost uint64

	// Reconnected says that the session came up again here. What happened while it
	// was down is unknown: no lost event is counted for it.
	Reconnected bool
}

// Gap returns what is missing at the place of e, which is then an event of the name
// EventsLost made by the client, and whether e is such a mark. An event that came
// from Asterisk never is, whatever it is called.
func (e Event) Gap() (Gap, bool) {
	if e.origin == nil || e.origin.gap == nil {
		return Gap{}, false
	}
	return *e.origin.gap, true
}

// newGap makes the event that marks a gap.
func newGap(server string, g Gap) Event {
	pairs := []string{"Lost", strconv.FormatUint(g.Lost, 10)}
	if g.Reconnected {
		pairs = append(pairs, "Reconnected", "Yes")
	}
	e := NewEvent(EventsLost, pairs...)
	e.origin = &origin{server: server, gap: &g}
	return e
}
