package live

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// States of an endpoint.
const (
	Reachable   = "reachable"   // it answers Asterisk's questions
	Registered  = "registered"  // it has an address, which Asterisk does not question
	Unreachable = "unreachable" // it has an address, and does not answer
	Offline     = "offline"     // it has no address
)

// Endpoint is a phone or a trunk as it was at one moment: an endpoint of PJSIP, or a
// peer of another channel driver that tells PeerStatus.
type Endpoint struct {
	Name     string    `json:"name" expr:"name" doc:"its name, such as PJSIP/101"`
	State    string    `json:"state" expr:"state" enum:"reachable,registered,unreachable,offline" doc:"reachable, registered, unreachable or offline"`
	Was      string    `json:"was" expr:"was" doc:"the state before; empty when not known"`
	Since    time.Time `json:"since" expr:"since" doc:"when the state was first seen"`
	Device   string    `json:"device" expr:"device" doc:"state of its device, in Asterisk's words: NOT_INUSE, INUSE, …; empty when not known"`
	AORs     string    `json:"aors" expr:"aors" doc:"its address records, joined by commas"`
	Contacts []Contact `json:"contacts" expr:"contacts" doc:"its addresses, sorted"`
	Channels int       `json:"channels" expr:"channels" doc:"how many channels it has"`
}

// Contact is an address of an endpoint.
type Contact struct {
	URI       string        `json:"uri" expr:"uri" doc:"the SIP address"`
	Status    string        `json:"status" expr:"status" doc:"Asterisk's word: Reachable, Unreachable, NonQualified, Created, Unknown"`
	RoundTrip time.Duration `json:"round_trip" expr:"round_trip" doc:"time that an answer took last; 0 when not known"`
}

// endpoint is an endpoint that the picture holds.
type endpoint struct {
	Endpoint
	contacts map[string]Contact // by URI
}

// endpoint returns the endpoint of a name with its technology.
func (m *Model) endpoint(name string) *endpoint {
	p := m.endpoints[name]
	if p == nil {
		p = &endpoint{Endpoint: Endpoint{Name: strings.Clone(name)}, contacts: make(map[string]Contact)}
		m.endpoints[p.Name] = p
	}
	return p
}

// at returns the endpoint as it is now, with the state of its device and the number of
// its channels.
func (p *endpoint) at(device string, channels int) Endpoint {
	out := p.Endpoint
	out.Device, out.Channels = device, channels
	out.Contacts = slices.SortedFunc(maps.Values(p.contacts), func(a, b Contact) int { return strings.Compare(a.URI, b.URI) })
	return out
}

// endpointName returns the name of the endpoint of a channel: that of the channel up to
// the last dash.
func endpointName(channel string) string {
	if i := strings.LastIndexByte(channel, '-'); i >= 0 {
		return channel[:i]
	}
	return channel
}

// contactStatus: PJSIP tells of an address.
func (m *Model) contactStatus(e ami.Event, now time.Time) {
	name, uri := e.Get("EndpointName"), e.Get("URI")
	if name == "" || uri == "" {
		return
	}
	p := m.endpoint("PJSIP/" + name)
	m.touch(anEndpoint, p.Name)
	m.touch(aContact, p.Name+"\x00"+uri)
	if status := e.Get("ContactStatus"); status == "Removed" {
		delete(p.contacts, uri)
	} else {
		p.set(uri, status, e.Get("RoundtripUsec"))
	}
	m.weigh(p, now, e, m.news())
}

// set takes in what is known of an address.
func (p *endpoint) set(uri, status, usec string) {
	micros, err := strconv.ParseInt(usec, 10, 64)
	if err != nil || micros < 0 {
		micros = 0
	}
	p.contacts[uri] = Contact{URI: uri, Status: status, RoundTrip: time.Duration(micros) * time.Microsecond}
}

// peerStatus: another channel driver tells of a peer. What PJSIP says here it also says
// of the contact, and better.
func (m *Model) peerStatus(e ami.Event, now time.Time) {
	name := e.Get("Peer")
	if name == "" || e.Get("ChannelType") == "PJSIP" {
		return
	}
	state := Unreachable
	switch e.Get("PeerStatus") {
	case "Registered":
		state = Registered
	case "Reachable", "Lagged":
		state = Reachable
	case "Unregistered":
		state = Offline
	}
	p := m.endpoint(name)
	m.touch(anEndpoint, p.Name)
	m.setEndpoint(p, state, now, e, true)
}

// weigh finds the state of an endpoint from its addresses: the best one counts.
func (m *Model) weigh(p *endpoint, now time.Time, raw ami.Event, tell bool) {
	state := Offline
	for _, c := range p.contacts {
		switch {
		case c.Status == "Reachable" || c.Status == "Avail":
			state = Reachable
		case c.Status == "Unreachable" || c.Status == "Unavail":
			if state == Offline {
				state = Unreachable
			}
		case state != Reachable:
			state = Registered
		}
	}
	m.setEndpoint(p, state, now, raw, tell)
}

func (m *Model) setEndpoint(p *endpoint, state string, now time.Time, raw ami.Event, tell bool) {
	if p.State == state {
		return
	}
	p.Was, p.State, p.Since = p.State, state, now
	if tell && m.wanted(EndpointChanged) {
		channels := 0
		for _, ch := range m.channels {
			if endpointName(ch.Name) == p.Name {
				channels++
			}
		}
		endpoint := p.at(m.devices[p.Name].State, channels)
		m.publish(Event{Name: EndpointChanged, Time: now, Endpoint: &endpoint, Raw: raw})
	}
}
