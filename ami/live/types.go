package live

import "time"

// Party is one end of a call.
type Party struct {
	Num  string `json:"num" expr:"num" doc:"the number; empty when unknown or withheld"`
	Name string `json:"name" expr:"name" doc:"the name that came with the number; chosen by the other side, so not to be trusted"`
}

// Directions of a call.
const (
	In       = "in"       // it came in by a trunk
	Out      = "out"      // it goes out by a trunk
	Internal = "internal" // no trunk takes part, or none has yet
)

// Gap is the reason of a call that ended while the link to Asterisk was down.
const Gap = "gap"

// Merged is the reason of a call whose channels became part of another one, as
// after an attended transfer.
const Merged = "merged"

// Call is a call as it was at one moment. It is never changed once handed out.
type Call struct {
	ID         string        `json:"id" expr:"id" doc:"server and linkedid: unique among all servers"`
	Linkedid   string        `json:"linkedid" expr:"linkedid" doc:"Asterisk's id that all channels of the call share"`
	Server     string        `json:"server" expr:"server" doc:"name of the Asterisk server"`
	Channel    string        `json:"channel" expr:"channel" doc:"name of the first channel, the caller's"`
	Caller     Party         `json:"caller" expr:"caller" doc:"who calls"`
	Dialed     string        `json:"dialed" expr:"dialed" doc:"the extension that the first channel dialled"`
	Context    string        `json:"context" expr:"context" doc:"the dialplan context in which the first channel began"`
	Account    string        `json:"account" expr:"account" doc:"account code of the first channel"`
	Language   string        `json:"language" expr:"language" doc:"language of the first channel"`
	Direction  string        `json:"direction" expr:"direction" doc:"in, out or internal, by the trunks of the configuration"`
	Started    time.Time     `json:"started" expr:"started" doc:"when the first channel appeared"`
	Answered   bool          `json:"answered" expr:"answered" doc:"whether a person answered; a flow that picked up does not count"`
	AnsweredAt time.Time     `json:"answered_at" expr:"answered_at" doc:"when a person first answered; zero if none did or it was not seen"`
	Duration   time.Duration `json:"duration" expr:"duration" doc:"time from the start until now, or until the end"`
	Rang       time.Duration `json:"rang" expr:"rang" doc:"time from the first dialling of a person until the answer, now or the end; 0 if none was dialled"`
	Reason     string        `json:"reason" expr:"reason" doc:"why it ended: Asterisk's text of the hangup cause, gap or merged; empty while it lasts"`
	Cause      int           `json:"cause" expr:"cause" doc:"the hangup cause (Q.850), 0 while it lasts or when unknown"`
	Legs       int           `json:"legs" expr:"legs" doc:"how many channels it has had"`
}

// Outcomes of a visit to a queue.
const (
	Answered   = "answered"   // a member took the call
	Abandoned  = "abandoned"  // the caller hung up
	Timeout    = "timeout"    // the queue's or the step's time was up
	Empty      = "empty"      // no members were left (leavewhenempty)
	Withdrawn  = "withdrawn"  // taken out by QueueWithdrawCaller
	Redirected = "redirected" // taken to another extension
	ExitKey    = "exit_key"   // the caller pressed a key that leads out
	Unknown    = "unknown"    // hung up by the system, or not seen
)

// Queue is a caller's visit to a queue as it was at one moment. It is never changed
// once handed out.
type Queue struct {
	Name      string        `json:"name" expr:"name" doc:"name of the queue"`
	CallID    string        `json:"call_id" expr:"call_id" doc:"id of the caller's call"`
	Channel   string        `json:"channel" expr:"channel" doc:"name of the waiting channel"`
	Position  int           `json:"position" expr:"position" doc:"place in the queue, 1 is next"`
	Joined    time.Time     `json:"joined" expr:"joined" doc:"when the caller entered"`
	Waited    time.Duration `json:"waited" expr:"waited" doc:"how long the caller has waited, or did"`
	Outcome   string        `json:"outcome" expr:"outcome" doc:"answered, abandoned, timeout, empty, withdrawn, redirected, exit_key or unknown; empty while the caller waits"`
	Member    string        `json:"member" expr:"member" doc:"name of the queue member who took the call"`
	Interface string        `json:"interface" expr:"interface" doc:"the member's interface, such as PJSIP/101"`
}

// Server is an Asterisk server as it was at one moment.
type Server struct {
	Name      string    `json:"name" expr:"name" doc:"name of the server in the configuration"`
	Connected bool      `json:"connected" expr:"connected" doc:"whether the manager session is up"`
	Reason    string    `json:"reason" expr:"reason" doc:"why the session is down; empty while it is up"`
	Since     time.Time `json:"since" expr:"since" doc:"since when the session is up or down"`
}

// Channel is a channel as it was at one moment.
type Channel struct {
	Name      string    `json:"name" expr:"name" doc:"its name, such as PJSIP/101-00000007"`
	Uniqueid  string    `json:"uniqueid" expr:"uniqueid" doc:"its id, unique in its server"`
	CallID    string    `json:"call_id" expr:"call_id" doc:"id of the call it belongs to"`
	State     string    `json:"state" expr:"state" doc:"Asterisk's word: Down, Ring, Ringing, Up, …"`
	Caller    Party     `json:"caller" expr:"caller" doc:"caller id of the channel"`
	Connected Party     `json:"connected" expr:"connected" doc:"the party it is connected with, as shown to it"`
	Created   time.Time `json:"created" expr:"created" doc:"when it appeared"`
}
