package live

// EventType describes a derived event.
type EventType struct {
	Name string   // such as "call.started"
	Doc  string   // when it is raised, in full sentences
	Vars []string // the payloads it carries, by the expr tags of Event: call, queue, server
}

// Names of the derived events.
const (
	CallStarted     = "call.started"
	CallRinging     = "call.ringing"
	CallAnswered    = "call.answered"
	CallHeld        = "call.held"
	CallUnheld      = "call.unheld"
	CallTransferred = "call.transferred"
	CallEnded       = "call.ended"

	QueueJoined    = "queue.joined"
	QueueConnected = "queue.connected"
	QueueAbandoned = "queue.abandoned"
	QueueLeft      = "queue.left"

	AgentRinging   = "agent.ringing"
	AgentNoAnswer  = "agent.no_answer"
	AgentConnected = "agent.connected"
	AgentCompleted = "agent.completed"
	AgentPaused    = "agent.paused"
	AgentUnpaused  = "agent.unpaused"
	AgentAdded     = "agent.added"
	AgentRemoved   = "agent.removed"

	SpyStarted = "spy.started"
	SpyStopped = "spy.stopped"

	ParkParked    = "park.parked"
	ParkTimeout   = "park.timeout"
	ParkRetrieved = "park.retrieved"
	ParkAbandoned = "park.abandoned"

	VoicemailLeft   = "voicemail.left"
	DeviceChanged   = "device.changed"
	EndpointChanged = "endpoint.changed"
	CDRWritten      = "cdr.written"

	ServerConnected    = "server.connected"
	ServerDisconnected = "server.disconnected"
	ServerRestarted    = "server.restarted"
	ServerSynced       = "server.synced"
)

// Events is the table of derived events. It is the only list of them and must not
// be changed.
var Events = []EventType{
	{CallStarted, "A call began: its first channel appeared, and who calls and in which direction is known.", []string{"call"}},
	{CallRinging, "A dialled phone rings, or a line is dialled that tells its ringing as sound. Once in a call, and not after the answer.", []string{"call", "leg"}},
	{CallAnswered, "A person answered the call: a dialled phone or a queue member, not a flow or the dialplan. Once in a call.", []string{"call"}},
	{CallHeld, "A phone put the call on hold.", []string{"call", "leg"}},
	{CallUnheld, "A phone took the call back from hold, or left it: leg.held_for tells how long the hold took.", []string{"call", "leg"}},
	{CallTransferred, "The call was transferred.", []string{"call", "transfer"}},
	{CallEnded, "The last channel of the call is gone. The reason is gap when it ended while the link to Asterisk was down.", []string{"call"}},
	{QueueJoined, "A caller entered a queue and waits.", []string{"call", "queue"}},
	{QueueConnected, "A waiting caller was connected to a queue member.", []string{"call", "queue"}},
	{QueueAbandoned, "A waiting caller hung up. queue.left follows.", []string{"call", "queue"}},
	{QueueLeft, "A caller no longer waits in a queue, for whatever reason: see the outcome. When the queue refused the caller, there was no queue.joined.", []string{"call", "queue"}},
	{AgentRinging, "A queue rings an agent for a caller.", []string{"call", "queue", "agent"}},
	{AgentNoAnswer, "The agent did not answer in time: agent.rang tells how long it rang.", []string{"call", "queue", "agent"}},
	{AgentConnected, "The agent took the call of a queue.", []string{"call", "queue", "agent"}},
	{AgentCompleted, "The talk of an agent with the caller of a queue is over: see queue.talked and queue.ended_by.", []string{"call", "queue", "agent"}},
	{AgentPaused, "The agent is paused now in all queues. Pauses in some of them are in agent.paused_in.", []string{"agent"}},
	{AgentUnpaused, "The agent is no longer paused in all queues: agent.paused_for tells how long that was. Not raised when the agent left the last queue.", []string{"agent"}},
	{AgentAdded, "The agent became a member of a queue.", []string{"agent", "member"}},
	{AgentRemoved, "The agent is no longer a member of a queue.", []string{"agent", "member"}},
	{SpyStarted, "Somebody listens in to the call, whoever started that.", []string{"call", "spy"}},
	{SpyStopped, "Somebody no longer listens in to the call: spy.duration tells how long it was.", []string{"call", "spy"}},
	{ParkParked, "The call was parked.", []string{"call", "park"}},
	{ParkTimeout, "Nobody got the parked call back in time. It goes on in the dialplan.", []string{"call", "park"}},
	{ParkRetrieved, "Somebody got the parked call back.", []string{"call", "park"}},
	{ParkAbandoned, "The parked caller hung up.", []string{"call", "park"}},
	{VoicemailLeft, "Somebody left a message in a mailbox.", []string{"voicemail"}},
	{DeviceChanged, "The state of a device changed.", []string{"device"}},
	{EndpointChanged, "A phone or a trunk can be reached, or no longer.", []string{"endpoint"}},
	{CDRWritten, "Asterisk wrote a call detail record.", []string{"cdr"}},
	{ServerConnected, "The manager session to the Asterisk server came up.", []string{"server"}},
	{ServerDisconnected, "The manager session to the Asterisk server was lost, or the first attempt failed.", []string{"server"}},
	{ServerRestarted, "The Asterisk server was restarted since the last session. Its calls are gone.", []string{"server"}},
	{ServerSynced, "The picture of the server is whole again after a connect: what ended meanwhile was ended. server.gap tells how long the link was down.", []string{"server"}},
}

// LookupEvent returns the description of a derived event; it is false for any other name.
func LookupEvent(name string) (EventType, bool) {
	for _, t := range Events {
		if t.Name == name {
			return t, true
		}
	}
	return EventType{}, false
}
