package live

import (
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// EventsLost is the name of what stands in a subscription where events are missing because
// it was full. It is no derived event: the subscription makes it.
const EventsLost = ami.EventsLost

// Event is something that happened: a derived event, or one of Asterisk's own that
// was asked for by name. The payloads are immutable and may be kept. A derived event
// has exactly those that its EventType names in Vars; a raw one has none.
type Event struct {
	Name   string    `json:"name"`   // "call.ended", or Asterisk's name
	Server string    `json:"server"` // Options.Server
	Time   time.Time `json:"time"`   // by Asterisk's clock when it sends timestamps

	Call      *Call      `json:"call,omitempty" expr:"call" doc:"the call"`
	Leg       *Leg       `json:"leg,omitempty" expr:"leg" doc:"the leg of the call"`
	Transfer  *Transfer  `json:"transfer,omitempty" expr:"transfer" doc:"the transfer"`
	Queue     *Queue     `json:"queue,omitempty" expr:"queue" doc:"the visit to a queue"`
	Agent     *Agent     `json:"agent,omitempty" expr:"agent" doc:"the agent"`
	Member    *Member    `json:"member,omitempty" expr:"member" doc:"the agent's membership in a queue"`
	Spy       *ListenIn  `json:"spy,omitempty" expr:"spy" doc:"who listens in to whom"`
	Park      *Parked    `json:"park,omitempty" expr:"park" doc:"the parked call"`
	Voicemail *Voicemail `json:"voicemail,omitempty" expr:"voicemail" doc:"the mailbox"`
	Device    *Device    `json:"device,omitempty" expr:"device" doc:"the device"`
	Endpoint  *Endpoint  `json:"endpoint,omitempty" expr:"endpoint" doc:"the endpoint"`
	CDR       *CDR       `json:"cdr,omitempty" expr:"cdr" doc:"the call detail record"`
	Peer      *Server    `json:"peer,omitempty" expr:"server" doc:"the Asterisk server"`

	// Lost is how many events are missing at the place of this one, whose name is EventsLost
	// then; 0 in all others.
	Lost uint64 `json:"lost,omitempty"`

	// Raw is the manager event that made this one happen; empty where none did
	// (connects, resync, a timer).
	Raw ami.Event `json:"-"`
}

// Payload returns the payload with that expr tag, a nil pointer where the event has
// none; it is nil for a name that is no payload's.
func (e *Event) Payload(name string) any {
	switch name {
	case "call":
		return e.Call
	case "leg":
		return e.Leg
	case "transfer":
		return e.Transfer
	case "queue":
		return e.Queue
	case "agent":
		return e.Agent
	case "member":
		return e.Member
	case "spy":
		return e.Spy
	case "park":
		return e.Park
	case "voicemail":
		return e.Voicemail
	case "device":
		return e.Device
	case "endpoint":
		return e.Endpoint
	case "cdr":
		return e.CDR
	case "server":
		return e.Peer
	}
	return nil
}
