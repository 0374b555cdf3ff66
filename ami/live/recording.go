package live

import (
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// Recording is a recording that runs (MixMonitor or Monitor), as it was at one
// moment. Asterisk has no list of them: those that began while the link was down are
// not known.
type Recording struct {
	CallID  string    `json:"call_id" expr:"call_id" doc:"id of the call"`
	Channel string    `json:"channel" expr:"channel" doc:"the channel that is recorded"`
	File    string    `json:"file" expr:"file" doc:"the file on the Asterisk server; needs the read class dialplan"`
	Since   time.Time `json:"since" expr:"since" doc:"when it began"`
}

func (m *Model) recordStart(e ami.Event, now time.Time) {
	ch := m.of(e, now)
	if ch == nil {
		return
	}
	ch.recordings = append(ch.recordings, Recording{File: ch.file, Since: now})
	ch.file = ""
	m.recorded[ch.Uniqueid] = ch
}

// recordStop ends the newest recording: Asterisk does not say which.
func (m *Model) recordStop(e ami.Event, now time.Time) {
	ch := m.of(e, now)
	if ch == nil || len(ch.recordings) == 0 {
		return
	}
	ch.recordings = ch.recordings[:len(ch.recordings)-1]
	if len(ch.recordings) == 0 {
		delete(m.recorded, ch.Uniqueid)
	}
}
