package live_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
	"github.com/pbxflow/pbxflow/ami/live"
)

// What follows is what the proof and the rerun found about lists and events that do not know
// of each other.

// A word on a channel may come after its Hangup, which was lost.
func TestToldAfterHangup(t *testing.T) {
	const word = "0 NewCallerid ch=PJSIP/1 id=1 link=1\n"
	for _, test := range []struct {
		name, during, after, reason string
		wait                        time.Duration
	}{
		{name: "the Hangup was lost", during: word, wait: 3 * time.Second, reason: "gap"},
		{name: "it was lost, and the clock of events tells", during: word, after: "0 Newchannel ch=PJSIP/2 id=2 link=2", wait: 3 * time.Second, reason: "gap"},
		{name: "the list was faster", during: word, after: "0 Hangup ch=PJSIP/1 id=1 link=1 cause=16 txt=bye", reason: "bye"},
		{name: "it began after the list", during: "0 Newchannel ch=PJSIP/3 id=3 link=3\n0 Hangup ch=PJSIP/1 id=1 link=1 cause=16 txt=bye", wait: 3 * time.Second, reason: "bye"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := follow(t, func(s *amitest.Server) { channelRows(s, "1") })
				sub := p.model.Subscribe(10, live.CallEnded)
				defer sub.Close()
				p.Respond("ParkedCalls", func(ami.Message) [][]string {
					for _, e := range script(t, test.during) {
						p.EmitEvent(e)
					}
					time.Sleep(100 * time.Millisecond)
					return amitest.List("ParkedCalls")
				})
				channelRows(p.Server)
				p.Drop()
				time.Sleep(1200 * time.Millisecond) // the list is in
				p.play(t, test.after)
				time.Sleep(test.wait)
				synctest.Wait()
				if len(sub.C()) != 1 {
					t.Fatalf("%d calls ended; channels %+v", len(sub.C()), p.model.Channels())
				}
				if c := (<-sub.C()).Call; c.Reason != test.reason || c.Linkedid != "1" {
					t.Errorf("call %+v", c)
				}
			})
		})
	}
}

// Who leaves a conference, or is muted, while the lists are under way, does not end it.
func TestConferenceGoesOn(t *testing.T) {
	const end, left = "0 ConfbridgeEnd Conference=7\n", "0 ConfbridgeLeave Conference=7 ch=PJSIP/1 id=1 link=1\n"
	const join = "0 ConfbridgeJoin Conference=7 ch=PJSIP/1 id=1 link=1\n"
	for _, test := range []struct {
		during string
		known  bool
		want   int
	}{
		{during: "0 ConfbridgeLeave Conference=7 ch=PJSIP/9 id=9 link=9", want: 1},
		{during: "0 ConfbridgeMute Conference=7 ch=PJSIP/9 id=9 link=9", want: 1},
		{during: "0 Hangup ch=PJSIP/2 id=2 link=2", known: true, want: 1},
		{during: end + join, known: true, want: 1},
		{during: left + end},
		{during: join + end},
		{during: left + end, known: true},
		{during: left},
		{during: left + "0 Hangup ch=PJSIP/2 id=2 link=2", known: true},
	} {
		t.Run(test.during, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := follow(t, func(s *amitest.Server) {
					channelRows(s, "1", "2")
					if test.known {
						s.AnswerList("ConfbridgeListRooms", rowsOf(t, "ConfbridgeListRooms Conference=7")...)
						s.AnswerList("ConfbridgeList", rowsOf(t, "ConfbridgeList Conference=7 ch=PJSIP/2 id=2")...)
					}
				})
				p.gap(t, test.during, func(s *amitest.Server) {
					s.AnswerList("ConfbridgeListRooms", rowsOf(t, "ConfbridgeListRooms Conference=7")...)
					s.AnswerList("ConfbridgeList", rowsOf(t, "ConfbridgeList Conference=7 ch=PJSIP/1 id=1")...)
				})
				if c := p.model.Conferences(); len(c) != test.want || test.want > 0 && len(c[0].Participants) != 1 {
					t.Errorf("conferences %+v", c)
				}
			})
		})
	}
}

// Who leaves a bridge is counted, though neither was known when it was told.
func TestLeavesUnknownBridge(t *testing.T) {
	const leaves, destroyed = "0 BridgeLeave BridgeUniqueid=b BridgeNumChannels=1 ch=PJSIP/2 id=2 link=2", "0 BridgeDestroy BridgeUniqueid=b\n"
	for during, want := range map[string]int{leaves: 1, destroyed + leaves: 0} {
		synctest.Test(t, func(t *testing.T) {
			p := follow(t, nil)
			p.gap(t, during, func(s *amitest.Server) {
				s.AnswerList("CoreShowChannels", row("PJSIP/1", "1", "1", "Up", "1", "00:00:50", "b"), row("PJSIP/2", "2", "2", "Up", "2", "00:00:50", "b"))
				s.AnswerList("BridgeList", rowsOf(t, "BridgeListItem BridgeUniqueid=b BridgeNumChannels=2")...)
			})
			if b := p.model.Bridges(); len(b) != want || want > 0 && (b[0].Size != 1 || len(b[0].Channels) != 1) {
				t.Errorf("after %s: bridges %+v", during, b)
			}
		})
	}
}
