package live

import (
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// Event is something that happened: a derived event, or one of Asterisk's own that
// was asked for by name. The payloads are immutable and may be kept. A derived event
// has exactly those that its EventType names in Vars; a raw one has none.
type Event struct {
	Name   string    `json:"name"`   // "call.ended", or Asterisk's name
	Server string    `json:"server"` // Options.Server
	Time   time.Time `json:"time"`   // by Asterisk's clock when it sends timestamps

	Call  *Call   `json:"call,omitempty" expr:"call" doc:"the call"`
	Queue *Queue  `json:"queue,omitempty" expr:"queue" doc:"the visit to a queue"`
	Peer  *Server `json:"peer,omitempty" expr:"server" doc:"the Asterisk server"`

	// Raw is the manager event that made this one happen; empty where none did
	// (connects, resync, a timer).
	Raw ami.Event `json:"-"`
}

// EventType describes a derived event.
type EventType struct {
	Name string
	Doc  string
	Vars []string // the payloads it carries, by the expr tags of Event: call, queue, server
}

// Names of the derived events.
const (
	CallStarted  = "call.started"
	CallAnswered = "call.answered"
	CallEnded    = "call.ended"

	QueueJoined    = "queue.joined"
	QueueConnected = "queue.connected"
	QueueAbandoned = "queue.abandoned"
	QueueLeft      = "queue.left"

	ServerConnected    = "server.connected"
	ServerDisconnected = "server.disconnected"
	ServerRestarted    = "server.restarted"
	ServerSynced       = "server.synced"
)

// Events is the table of derived events. It is the only list of them and must not
// be changed.
var Events = []EventType{
	{CallStarted, "A call began: its first channel appeared, and who calls and in which direction is known.", []string{"call"}},
	{CallAnswered, "A person answered the call: a dialled phone or a queue member, not a flow or the dialplan. Once in a call.", []string{"call"}},
	{CallEnded, "The last channel of the call is gone. The reason is gap when it ended while the link to Asterisk was down.", []string{"call"}},
	{QueueJoined, "A caller entered a queue and waits.", []string{"call", "queue"}},
	{QueueConnected, "A waiting caller was connected to a queue member.", []string{"call", "queue"}},
	{QueueAbandoned, "A waiting caller hung up. queue.left follows.", []string{"call", "queue"}},
	{QueueLeft, "A caller no longer waits in a queue, for whatever reason: see the outcome.", []string{"call", "queue"}},
	{ServerConnected, "The manager session to the Asterisk server came up.", []string{"server"}},
	{ServerDisconnected, "The manager session to the Asterisk server was lost, or the first attempt failed.", []string{"server"}},
	{ServerRestarted, "The Asterisk server was restarted since the last session. Its calls are gone.", []string{"server"}},
	{ServerSynced, "The picture of the server is whole again after a connect: calls that ended meanwhile were ended.", []string{"server"}},
}

// LookupEvent returns the description of a derived event.
func LookupEvent(name string) (EventType, bool) {
	for _, t := range Events {
		if t.Name == name {
			return t, true
		}
	}
	return EventType{}, false
}
