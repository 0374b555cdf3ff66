package live

import (
	"strconv"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// Parked is a parked call as it was at one moment.
type Parked struct {
	Lot       string        `json:"lot" expr:"lot" doc:"name of the parking lot"`
	Space     int           `json:"space" expr:"space" doc:"the space in it: the extension that gets the call back"`
	CallID    string        `json:"call_id" expr:"call_id" doc:"id of the call"`
	Channel   string        `json:"channel" expr:"channel" doc:"the parked channel"`
	Party     Party         `json:"party" expr:"party" doc:"who is parked"`
	By        string        `json:"by" expr:"by" doc:"the phone that parked it, as one dials it: PJSIP/101"`
	Since     time.Time     `json:"since" expr:"since" doc:"when it was parked"`
	Timeout   time.Duration `json:"timeout" expr:"timeout" doc:"how long it may stay in all; 0 means for ever"`
	Duration  time.Duration `json:"duration" expr:"duration" doc:"how long it has been parked, or was"`
	Retriever string        `json:"retriever" expr:"retriever" doc:"the channel that got it back; empty unless one did"`
}

// parked is a call that is parked now.
type parked struct {
	Parked
	ch      *channel
	adopted bool      // found by Resync; its ParkedCall may still be on the way
	entered time.Time // Since by our clock, no earlier: lists are compared by that
}

// at returns the parked call as it is at now.
func (p *parked) at(now time.Time) Parked {
	out := p.Parked
	out.CallID, out.Channel, out.Party = p.ch.CallID, p.ch.Name, p.ch.Caller
	out.Duration = max(0, now.Sub(p.Since))
	return out
}

func (m *Model) raisePark(name string, p *parked, now time.Time, raw ami.Event) {
	m.start(p.ch.call, now, raw)
	if m.wanted(name) {
		parked := p.at(now)
		m.publish(Event{Name: name, Time: now, Call: p.ch.call.at(now), Park: &parked, Raw: raw})
	}
}

// parkedOf returns the parked call that e is about; nil when its channel is not
// known. One that was not seen to be parked is made up from e.
func (m *Model) parkedOf(e ami.Event, now time.Time) *parked {
	id := e.Get("ParkeeUniqueid")
	ch := m.channels[id]
	if ch == nil {
		m.putAside(e, now)
		return nil
	}
	m.touch(aParking, id)
	p := m.parked[id]
	if p == nil {
		p = &parked{ch: ch}
		m.parked[id] = p
		ago := seconds(e.Get("ParkingDuration"))
		p.Since, p.entered = now.Add(-ago), m.heard.Add(-ago)
		// What is told is the time that is left.
		if left, err := strconv.ParseInt(e.Get("ParkingTimeout"), 10, 32); err == nil && left > 0 {
			p.Timeout = seconds(e.Get("ParkingTimeout")) + seconds(e.Get("ParkingDuration"))
		}
	}
	p.Lot = e.Get("Parkinglot")
	p.Space, _ = strconv.Atoi(e.Get("ParkingSpace"))
	p.By = e.Get("ParkerDialString")
	return p
}

func (m *Model) callParked(e ami.Event, now time.Time) {
	id := e.Get("ParkeeUniqueid")
	if ch := m.channels[id]; ch != nil && !ch.told() && !m.again && m.waits(e, id, now) {
		return
	}
	before := m.parked[id]
	told := before != nil && !before.adopted // else Resync was faster, or nobody
	if p := m.parkedOf(e, now); p != nil && !told {
		p.adopted = false
		m.raisePark(ParkParked, p, now, e)
	}
}

// parkSwapped: another channel has taken the place of the parked one.
func (m *Model) parkSwapped(e ami.Event, now time.Time) {
	space, _ := strconv.Atoi(e.Get("ParkingSpace"))
	for id, p := range m.parked {
		if p.Lot == e.Get("Parkinglot") && p.Space == space {
			m.touch(aParking, id)
			delete(m.parked, id)
		}
	}
	m.parkedOf(e, now)
}

func (m *Model) parkTimeout(e ami.Event, now time.Time) { m.unpark(ParkTimeout, e, now) }
func (m *Model) parkGiveUp(e ami.Event, now time.Time)  { m.unpark(ParkAbandoned, e, now) }

// unparked: somebody got the call back. Their channels are bridged already.
func (m *Model) unparked(e ami.Event, now time.Time) { m.unpark(ParkRetrieved, e, now) }

func (m *Model) unpark(name string, e ami.Event, now time.Time) {
	p := m.parkedOf(e, now)
	if p == nil {
		return
	}
	p.Retriever = e.Get("RetrieverChannel")
	delete(m.parked, p.ch.Uniqueid)
	m.raisePark(name, p, now, e)
}

// guess returns what became of a parked call whose channel is gone before Asterisk said:
// its word comes on another thread, and the dialplan may hang up at once after a timeout.
func (p *parked) guess(now time.Time) string {
	if p.Timeout > 0 && now.Sub(p.Since) >= p.Timeout {
		return ParkTimeout
	}
	return ParkAbandoned
}

// seconds reads a number of seconds; what is none is 0.
func seconds(s string) time.Duration {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil || n < 0 {
		return 0
	}
	return time.Duration(n) * time.Second
}
