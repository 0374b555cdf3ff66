package live

import (
	"cmp"
	"slices"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// Kinds of a transfer.
const (
	Attended = "attended" // who transfers spoke with the new party before
	Blind    = "blind"    // the call was sent on to an extension
)

// Transfer is a transfer that succeeded.
type Transfer struct {
	Kind     string `json:"kind" expr:"kind" doc:"attended or blind"`
	By       Party  `json:"by" expr:"by" doc:"who transferred"`
	Channel  string `json:"channel" expr:"channel" doc:"the channel of who transferred"`
	Party    Party  `json:"party" expr:"party" doc:"who was transferred"`
	Leg      string `json:"leg" expr:"leg" doc:"the channel of who was transferred; empty when it is a whole conference"`
	To       string `json:"to" expr:"to" doc:"where to: the extension of a blind transfer, the number or application of an attended one"`
	Context  string `json:"context" expr:"context" doc:"the context of that extension; empty when attended"`
	Target   string `json:"target" expr:"target" doc:"the channel of the new party; empty when blind or not known"`
	External bool   `json:"external" expr:"external" doc:"whether a phone or a manager did it, not a feature code of Asterisk"`
}

// attendedTransfer comes when the bridges are joined, before the transferring
// channels end. Two calls may have become one by then.
func (m *Model) attendedTransfer(e ami.Event, now time.Time) {
	if e.Get("Result") != "Success" {
		return
	}
	t := Transfer{
		Kind:    Attended,
		By:      Party{known(e.Get("OrigTransfererCallerIDNum")), known(e.Get("OrigTransfererCallerIDName"))},
		Channel: e.Get("OrigTransfererChannel"), To: e.Get("DestApp"),
		Target: e.Get("TransferTargetChannel"),
	}
	target := m.channels[e.Get("TransferTargetUniqueid")]
	if b := m.bridges[e.Get("DestBridgeUniqueid")]; b != nil && target == nil {
		target = b.except(e.Get("TransfereeUniqueid"), e.Get("OrigTransfererUniqueid"), e.Get("SecondTransfererUniqueid"))
	}
	if target != nil {
		t.Target, t.To = target.Name, target.Caller.Num
	}
	if t.To == "" || t.To == "Dial" { // the new party rings, or has answered just now
		t.To = cmp.Or(known(e.Get("SecondTransfererConnectedLineNum")), t.To)
	}
	m.transferred(t, e, now, "TransfereeUniqueid", "OrigTransfererUniqueid", "SecondTransfererUniqueid")
}

// except returns a channel of the bridge that is none of these; nil if there is not
// exactly one.
func (b *bridge) except(uniqueids ...string) (found *channel) {
	for id, ch := range b.channels {
		if slices.Contains(uniqueids, id) {
			continue
		}
		if found != nil {
			return nil
		}
		found = ch
	}
	return found
}

// blindTransfer comes when the call leaves for the extension.
func (m *Model) blindTransfer(e ami.Event, now time.Time) {
	if e.Get("Result") != "Success" {
		return
	}
	m.transferred(Transfer{
		Kind:    Blind,
		By:      Party{known(e.Get("TransfererCallerIDNum")), known(e.Get("TransfererCallerIDName"))},
		Channel: e.Get("TransfererChannel"), To: e.Get("Extension"), Context: e.Get("Context"),
	}, e, now, "TransfereeUniqueid", "TransfererUniqueid")
}

// transferred tells of a transfer. The call is that of the first channel that lives,
// by the headers of their ids.
func (m *Model) transferred(t Transfer, e ami.Event, now time.Time, headers ...string) {
	t.Party = Party{known(e.Get("TransfereeCallerIDNum")), known(e.Get("TransfereeCallerIDName"))}
	t.Leg = e.Get("TransfereeChannel")
	t.External = e.Get("IsExternal") == "Yes"
	for _, header := range headers {
		ch := m.channels[e.Get(header)]
		if ch == nil {
			continue
		}
		c := ch.call
		c.Transfers++
		m.start(c, now, e)
		if m.wanted(CallTransferred) {
			m.publish(Event{Name: CallTransferred, Time: now, Call: c.at(now), Transfer: &t, Raw: e})
		}
		return
	}
	m.putAside(e, now)
}
