package live

import (
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// CDR is a call detail record. Asterisk writes one or more for a call, after its end;
// they do not tell whether a person answered.
type CDR struct {
	Uniqueid    string        `json:"uniqueid" expr:"uniqueid" doc:"id of the channel"`
	Linkedid    string        `json:"linkedid" expr:"linkedid" doc:"id that all channels of the call share; needs linkedid => LinkedID in cdr_manager.conf"`
	Account     string        `json:"account" expr:"account" doc:"account code"`
	Source      string        `json:"source" expr:"source" doc:"the caller's number"`
	Destination string        `json:"destination" expr:"destination" doc:"the extension"`
	Context     string        `json:"context" expr:"context" doc:"the context of the extension"`
	CallerID    string        `json:"caller_id" expr:"caller_id" doc:"name and number of the caller"`
	Channel     string        `json:"channel" expr:"channel" doc:"the channel"`
	Peer        string        `json:"peer" expr:"peer" doc:"the channel at the other end; empty when none"`
	App         string        `json:"app" expr:"app" doc:"the last application"`
	AppData     string        `json:"app_data" expr:"app_data" doc:"its arguments"`
	Started     time.Time     `json:"started" expr:"started" doc:"when it began, to the second"`
	AnsweredAt  time.Time     `json:"answered_at" expr:"answered_at" doc:"when Asterisk answered; zero if it did not"`
	Ended       time.Time     `json:"ended" expr:"ended" doc:"when it ended"`
	Duration    time.Duration `json:"duration" expr:"duration" doc:"time from the start to the end"`
	Billable    time.Duration `json:"billable" expr:"billable" doc:"time from the answer to the end"`
	Disposition string        `json:"disposition" expr:"disposition" doc:"Asterisk's word: ANSWERED, NO ANSWER, BUSY, FAILED or CONGESTION"`
	AMAFlags    string        `json:"ama_flags" expr:"ama_flags" doc:"Asterisk's word: DOCUMENTATION, BILLING or OMIT"`
	UserField   string        `json:"user_field" expr:"user_field" doc:"what the dialplan put there"`
}

// cdr tells of a record. Its times have no zone: they are those of Options.Location.
func (m *Model) cdr(e ami.Event, now time.Time) {
	if !m.wanted(CDRWritten) {
		return
	}
	at := func(header string) time.Time {
		t, err := time.ParseInLocation(time.DateTime, e.Get(header), m.location)
		if err != nil { // an empty AnswerTime
			return time.Time{}
		}
		return t
	}
	m.publish(Event{Name: CDRWritten, Time: now, Raw: e, CDR: &CDR{
		Uniqueid: e.Get("UniqueID"), Linkedid: e.Get("LinkedID"), Account: e.Get("AccountCode"),
		Source: e.Get("Source"), Destination: e.Get("Destination"), Context: e.Get("DestinationContext"),
		CallerID: e.Get("CallerID"), Channel: e.Get("Channel"), Peer: e.Get("DestinationChannel"),
		App: e.Get("LastApplication"), AppData: e.Get("LastData"),
		Started: at("StartTime"), AnsweredAt: at("AnswerTime"), Ended: at("EndTime"),
		Duration: seconds(e.Get("Duration")), Billable: seconds(e.Get("BillableSeconds")),
		Disposition: e.Get("Disposition"), AMAFlags: e.Get("AMAFlags"), UserField: e.Get("UserField"),
	}})
}
