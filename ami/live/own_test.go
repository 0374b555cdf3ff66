package live_test

import (
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
)

// A rule wants to know of the listen-ins that nobody asked this program for.
func TestOwn(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	m := live.New(live.Options{Server: "pbx1", Now: func() time.Time { return now }})
	sub := m.Subscribe(10, live.SpyStarted)
	defer sub.Close()
	channel := func(name, id string) {
		m.Handle(ami.NewEvent("Newchannel", "Channel", name, "Uniqueid", id, "Linkedid", id))
	}
	listen := func(name, id string) *live.ListenIn {
		m.Handle(ami.NewEvent("ChanSpyStart", "SpyerChannel", name, "SpyerUniqueid", id, "SpyeeChannel", "PJSIP/101-1", "SpyeeUniqueid", "1.1"))
		return (<-sub.C()).Spy
	}
	channel("PJSIP/101-1", "1.1")

	m.Own("ours")
	channel("PJSIP/sup-desk-2", "ours")
	if l := listen("PJSIP/sup-desk-2", "ours"); !l.Ours || l.Spyer != "PJSIP/sup-desk" {
		t.Errorf("our listen-in is %+v", l)
	}
	if l := listen("PJSIP/other-3", "3.1"); l.Ours || l.Spyer != "PJSIP/other" {
		t.Errorf("a foreign listen-in by an unknown channel is %+v", l)
	}
	if l := m.ListenIns(); len(l) != 2 || l[0].Ours == l[1].Ours {
		t.Errorf("listen-ins %+v", l)
	}

	// The id is forgotten with its channel, or when that does not come.
	m.Handle(ami.NewEvent("Hangup", "Channel", "PJSIP/sup-desk-2", "Uniqueid", "ours"))
	if l := listen("PJSIP/sup-4", "ours"); l.Ours {
		t.Errorf("the id is still ours: %+v", l)
	}
	m.Own("never")
	now = now.Add(2 * time.Minute)
	m.Own("later")
	if l := listen("PJSIP/sup-5", "never"); l.Ours {
		t.Errorf("an id without a channel is still ours: %+v", l)
	}
	if l := listen("PJSIP/sup-6", "later"); !l.Ours {
		t.Errorf("the newest id is not ours: %+v", l)
	}
}
