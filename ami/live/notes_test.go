package live_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
	"github.com/pbxflow/pbxflow/ami/live"
)

// What is noted while lists are asked for is forgotten when they are in. When they are not to be
// had, what no list tells of channels that live is all that is kept.
func TestNotesForgotten(t *testing.T) {
	const during = `
		0 Newchannel ch=PJSIP/3 id=3 link=3 state=Up
		0 QueueCallerJoin ch=PJSIP/3 id=3 link=3 q=a pos=1
		0 QueueCallerAbandon ch=PJSIP/3 id=3 link=3 q=a
		0 QueueCallerLeave ch=PJSIP/3 id=3 link=3 q=a
		0 Hangup ch=PJSIP/3 id=3 link=3
		0 MixMonitorStart ch=PJSIP/1 id=1 link=1
		0 MusicOnHoldStart ch=PJSIP/2 id=2 link=2
		0 QueueCallerAbandon ch=PJSIP/2 id=2 link=2 q=a
		0 Hangup ch=PJSIP/2 id=2 link=2`
	const after = "0 Hold ch=PJSIP/1 id=1 link=1\n0 Hold ch=PJSIP/4 id=4 link=4\n0 Unhold ch=PJSIP/4 id=4 link=4\n"
	const ends = "0 Hangup ch=PJSIP/4 id=4 link=4\n"
	for _, test := range []struct {
		name    string
		refused bool
		after   string
		want    int
	}{
		{name: "the lists are in", want: 0},
		{name: "the lists are in, and it goes on", after: after + ends, want: 0},
		{name: "refused", refused: true, want: 1},
		{name: "refused, and it goes on", refused: true, after: after, want: 4},
		{name: "refused, and a channel ends", refused: true, after: after + ends, want: 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := follow(t, queueOf(t, "QueueParams q=a", "1"))
				m := live.New(live.Options{Server: "pbx1"})
				m.HandleState(ami.Connected, nil)
				p.Respond("CoreShowChannels", func(ami.Message) [][]string {
					for _, e := range script(t, during) {
						m.Handle(e)
					}
					if test.refused {
						return [][]string{{"Response", "Error", "Message", "Permission denied"}}
					}
					return amitest.List("CoreShowChannels", row("PJSIP/1", "1", "1", "Up", "1", "00:00:50", ""))
				})
				if err := m.Resync(t.Context(), p.client); (err != nil) != test.refused {
					t.Fatal(err)
				}
				for _, e := range script(t, test.after) {
					m.Handle(e)
				}
				if n := m.Notes(); n != test.want {
					t.Errorf("%d notes, want %d", n, test.want)
				}
			})
		})
	}
}

// What was put aside long ago, of a channel that is gone, does not set the clock back.
func TestClockAfterOldNotes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, nil)
		m := live.New(live.Options{Server: "pbx1"})
		m.HandleState(ami.Connected, nil)
		m.Handle(ami.NewEvent("Hold", "Timestamp", timestamp(time.Now()), "Uniqueid", "1", "Linkedid", "1"))
		m.HandleState(ami.Disconnected, nil)
		time.Sleep(time.Hour)
		m.HandleState(ami.Connected, nil)
		if err := m.Resync(t.Context(), p.client); err != nil {
			t.Fatal(err)
		}
		if late := time.Since(m.Snapshot().Time); late != 0 {
			t.Errorf("the clock is late by %v", late)
		}
	})
}
