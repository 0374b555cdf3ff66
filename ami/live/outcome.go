package live

import (
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// What follows finds out why a caller left a queue, or was not let in.

// watched are the variables that say something about calls. Three events of four set
// some other.
var watched = []string{"QUEUESTATUS", "ABANDONED", "MIXMONITOR_FILENAME"}

// varSet looks for QUEUESTATUS, which the Queue application sets as it ends.
func (m *Model) varSet(e ami.Event, now time.Time) {
	name, value := e.Get("Variable"), e.Get("Value")
	if name == "MIXMONITOR_FILENAME" {
		if ch := m.of(e, now); ch != nil {
			ch.file = value
		}
		return
	}
	v := m.visits[e.Get("Uniqueid")]
	if name == "QUEUESTATUS" && refusals[value] && (v == nil || v.left && !v.abandoned) {
		if v != nil { // it tells of the next queue
			m.decide(v, v.guess(), now, e)
		}
		m.refused(e, now)
		return
	}
	if v == nil {
		return
	}
	v.varsSeen = true
	if name != "QUEUESTATUS" || !v.abandoned || v.Outcome != "" {
		return
	}
	switch value {
	case "TIMEOUT":
		v.Outcome = Timeout
	case "LEAVEEMPTY", "LEAVEUNAVAIL":
		v.Outcome = Empty
	case "WITHDRAW":
		v.Outcome = Withdrawn
	default:
		return
	}
	if v.left {
		m.decide(v, v.Outcome, now, e)
	}
}

// newexten: the dialplan goes on with a caller who has left. Without QUEUESTATUS,
// somebody sent the call elsewhere, or the caller pressed the key for it.
func (m *Model) newexten(e ami.Event, now time.Time) {
	ch := m.of(e, now)
	if ch == nil {
		return
	}
	m.touch(anApp, ch.Uniqueid)
	ch.App, ch.AppData = e.Get("Application"), e.Get("AppData")
	if ch.App == "Queue" {
		ch.queue = firstArgument(ch.AppData)
	}
	if l := m.listens[ch.Uniqueid]; l != nil && l.left(ch) && !now.Before(l.Since) { // else it was put aside
		m.endListenIn(l, now, e)
	}
	v := m.visits[ch.Uniqueid]
	if v == nil || !v.left {
		return
	}
	switch {
	case e.Get("Exten") == "h" || v.abandoned && !v.varsSeen:
		m.decide(v, Unknown, now, e)
	case v.abandoned:
		m.decide(v, Redirected, now, e)
	case !v.picked:
		m.decide(v, ExitKey, now, e)
	}
}

// guess returns the outcome when no more word comes.
func (v *visit) guess() string {
	switch {
	case v.Outcome != "":
		return v.Outcome
	case !v.left || v.abandoned:
		return Unknown
	case v.picked:
		return Answered
	default:
		return ExitKey
	}
}

// gap notes that the end of a visit was not seen.
func (v *visit) gap() {
	if !v.left {
		v.Reason = Gap
	}
}

// refusals are the values of QUEUESTATUS when a queue does not let a caller in.
var refusals = map[string]bool{"JOINEMPTY": true, "JOINUNAVAIL": true, "FULL": true}

// refused: a queue did not let a caller in. Of the whole visit this is all that Asterisk
// tells.
func (m *Model) refused(e ami.Event, now time.Time) {
	ch := m.of(e, now)
	if ch == nil {
		return
	}
	m.raiseVisit(QueueLeft, &visit{
		Queue:    Queue{Name: ch.queue, CallID: ch.CallID, Channel: ch.Name, Outcome: Refused},
		uniqueid: ch.Uniqueid, call: ch.call, left: true,
	}, now, e)
}

// agiExec notes the queue that an AGI sends a caller to: the dialplan's own applications
// come with Newexten.
func (m *Model) agiExec(e ami.Event, now time.Time) {
	words := strings.Fields(e.Get("Command"))
	if len(words) < 3 || !strings.EqualFold(words[0], "EXEC") || !strings.EqualFold(strings.Trim(words[1], `"`), "Queue") {
		return
	}
	if ch := m.of(e, now); ch != nil {
		ch.queue = firstArgument(strings.Trim(words[2], `"`))
	}
}

// firstArgument returns the first argument of an application.
func firstArgument(data string) string {
	first, _, _ := strings.Cut(data, ",")
	return first
}
