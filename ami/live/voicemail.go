package live

import (
	"strconv"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// Voicemail is a mailbox in which somebody has left a message.
type Voicemail struct {
	Mailbox string `json:"mailbox" expr:"mailbox" doc:"mailbox and context, such as 100@default"`
	New     int    `json:"new" expr:"new" doc:"how many messages in it have not been heard"`
	Old     int    `json:"old" expr:"old" doc:"how many have"`
	Caller  Party  `json:"caller" expr:"caller" doc:"who left the message; empty when not known"`
	CallID  string `json:"call_id" expr:"call_id" doc:"id of the call that did; empty when not known"`
}

// messageWaiting comes when the messages of a mailbox have changed. A message was left
// when there are more new ones than before; where that is not known, when it was not the
// owner who listened.
func (m *Model) messageWaiting(e ami.Event, now time.Time) {
	v := Voicemail{Mailbox: e.Get("Mailbox")}
	v.New, _ = strconv.Atoi(e.Get("New"))
	v.Old, _ = strconv.Atoi(e.Get("Old"))
	if v.Mailbox == "" {
		return
	}
	before, known := m.mailboxes[v.Mailbox]
	m.mailboxes[strings.Clone(v.Mailbox)] = v.New
	ch := m.channels[e.Get("Uniqueid")]
	left := v.New > before
	if !known {
		left = v.New > 0 && ch != nil && ch.App != "VoiceMailMain"
	}
	if !left {
		return
	}
	if ch != nil {
		m.update(ch, e, now)
		m.start(ch.call, now, e)
		v.Caller, v.CallID = ch.Caller, ch.CallID
	}
	if m.wanted(VoicemailLeft) {
		m.publish(Event{Name: VoicemailLeft, Time: now, Voicemail: &v, Raw: e})
	}
}
