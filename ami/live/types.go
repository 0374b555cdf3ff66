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

// Gap is the reason of a call, or of a visit to a queue, that ended while the link to Asterisk
// was down.
const Gap = "gap"

// Merged is the reason of a call whose channels became part of another one, as
// after an attended transfer.
const Merged = "merged"

// Call is a call as it was at one moment. It is never changed once handed out.
type Call struct {
	ID           string        `json:"id" expr:"id" doc:"server and linkedid: unique among all servers"`
	Linkedid     string        `json:"linkedid" expr:"linkedid" doc:"Asterisk's id that all channels of the call share"`
	Server       string        `json:"server" expr:"server" doc:"name of the Asterisk server"`
	Channel      string        `json:"channel" expr:"channel" doc:"name of the first channel, the caller's"`
	Caller       Party         `json:"caller" expr:"caller" doc:"who calls"`
	Dialed       string        `json:"dialed" expr:"dialed" doc:"the extension that the first channel dialled"`
	Context      string        `json:"context" expr:"context" doc:"the dialplan context in which the first channel began"`
	Account      string        `json:"account" expr:"account" doc:"account code of the first channel"`
	Language     string        `json:"language" expr:"language" doc:"language of the first channel"`
	Direction    string        `json:"direction" expr:"direction" enum:"in,out,internal" doc:"in, out or internal, by the trunks of the configuration"`
	DirectionWhy string        `json:"direction_why" expr:"direction_why" doc:"why that is its direction, in words: which channel is a trunk, by which pattern"`
	Started      time.Time     `json:"started" expr:"started" doc:"when the first channel appeared"`
	Answered     bool          `json:"answered" expr:"answered" doc:"whether a person answered; a flow that picked up does not count"`
	AnsweredAt   time.Time     `json:"answered_at" expr:"answered_at" doc:"when a person first answered; zero if none did or it was not seen"`
	Duration     time.Duration `json:"duration" expr:"duration" doc:"time from the start until now, or until the end"`
	Rang         time.Duration `json:"rang" expr:"rang" doc:"time from the first dialling of a person until the answer, now or the end; 0 if none was dialled"`
	Reason       string        `json:"reason" expr:"reason" doc:"why it ended: Asterisk's text of the hangup cause, gap or merged; empty while it lasts"`
	Cause        int           `json:"cause" expr:"cause" doc:"the hangup cause (Q.850), 0 while it lasts or when unknown"`
	Held         bool          `json:"held" expr:"held" doc:"whether somebody keeps it on hold"`
	HeldFor      time.Duration `json:"held_for" expr:"held_for" doc:"how long it has been on hold so far, all holds together"`
	Transfers    int           `json:"transfers" expr:"transfers" doc:"how often it was transferred"`
	Legs         int           `json:"legs" expr:"legs" doc:"how many channels it has had"`
	Channels     []Leg         `json:"channels" expr:"channels" doc:"its legs in the order in which they appeared; of those that ended only the newest are kept"`
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
	Refused    = "refused"    // the queue did not let the caller in: full, or nobody to answer
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
	Outcome   string        `json:"outcome" expr:"outcome" enum:"answered,abandoned,timeout,empty,withdrawn,redirected,exit_key,refused,unknown" doc:"answered, abandoned, timeout, empty, withdrawn, redirected, exit_key, refused or unknown; empty while the caller waits"`
	Reason    string        `json:"reason" expr:"reason" doc:"gap when the visit ended while the link to Asterisk was down; else empty"`
	Member    string        `json:"member" expr:"member" doc:"name of the queue member who took the call"`
	Interface string        `json:"interface" expr:"interface" doc:"the member's interface, such as PJSIP/101"`
	Talked    time.Duration `json:"talked" expr:"talked" doc:"how long the caller and the member talked, once that is over"`
	EndedBy   string        `json:"ended_by" expr:"ended_by" doc:"who ended the talk: caller, agent or transfer; empty until then"`
}
