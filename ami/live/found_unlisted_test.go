package live_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
	"github.com/pbxflow/pbxflow/ami/live"
)

// What Asterisk has no list of, and tells of a channel that is not known yet, is remembered
// until a list shows the channel, though the session breaks before, or a list is not to be
// had. It says nothing of what the list tells.
func TestUnlistedUntilSynced(t *testing.T) {
	ends := map[string]func(p *pbx, first func()){
		"the session breaks": func(p *pbx, first func()) {
			p.Respond("CoreShowChannels", func(ami.Message) [][]string {
				first()
				p.Drop()
				return nil
			})
		},
		"a list is not to be had": func(p *pbx, first func()) {
			p.Respond("CoreShowChannels", func(ami.Message) [][]string {
				first()
				return [][]string{{"Response", "Error", "Message", "not yet"}}
			})
		},
	}
	tests := []struct{ name, told, want string }{
		{name: "a recording", told: "0 MixMonitorStart ch=PJSIP/1 id=1 link=1 state=Ring", want: "recorded a.wav\n"},
		{name: "one that is over", told: "0 MixMonitorStart ch=PJSIP/1 id=1 link=1\n0 MixMonitorStop ch=PJSIP/1 id=1 link=1"},
		{name: "a hold", told: "0 Hold ch=PJSIP/1 id=1 link=1 state=Ring", want: "held\n"},
		{name: "music", told: "0 MusicOnHoldStart ch=PJSIP/1 id=1 link=1 state=Ring Class=waltz", want: "hears waltz\n"},
		{name: "who listens", told: "0 ChanSpyStart SpyerUniqueid=2 SpyerChannel=PJSIP/2 SpyeeUniqueid=1 SpyeeChannel=PJSIP/1", want: "heard by PJSIP/2\n"},
		{name: "who listened and is gone", told: "0 ChanSpyStart SpyerUniqueid=3 SpyerChannel=PJSIP/3 SpyeeUniqueid=1 SpyeeChannel=PJSIP/1"},
		{name: "a channel that is gone", told: "0 MixMonitorStart ch=PJSIP/3 id=3 link=3\n0 Hold ch=PJSIP/3 id=3 link=3"},
	}
	for how, end := range ends {
		for _, test := range tests {
			t.Run(how+"/"+test.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p := follow(t, nil)
					end(p, func() {
						p.Emit("VarSet", "Channel", "PJSIP/1", "Uniqueid", "1", "Linkedid", "1", "Variable", "MIXMONITOR_FILENAME", "Value", "a.wav")
						for _, e := range script(t, test.told) {
							p.EmitEvent(e)
						}
						time.Sleep(100 * time.Millisecond) // let them be handled first
						channelRows(p.Server, "1", "2")
					})
					p.Drop()
					time.Sleep(10 * time.Second)
					synctest.Wait()
					s := p.model.Snapshot()
					if got := unlistedOf(s); got != test.want || len(s.Channels) != 2 || s.Channels[0].State != "Up" {
						t.Errorf("got %q, want %q; %+v", got, test.want, s.Channels)
					}
				})
			})
		}
	}
}

// unlistedOf tells what no list has.
func unlistedOf(s live.Snapshot) (text string) {
	for _, r := range s.Recordings {
		text += "recorded " + r.File + "\n"
	}
	for _, l := range s.ListenIns {
		text += "heard by " + l.Channel + "\n"
	}
	for _, ch := range s.Channels {
		if ch.Held {
			text += "held\n"
		}
		if ch.Music != "" {
			text += "hears " + ch.Music + "\n"
		}
	}
	return text
}

// Who listens may hear another by the time of the list.
func TestOldListenIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, nil)
		p.Respond("CoreShowChannels", func(ami.Message) [][]string {
			for _, e := range script(t, "0 ChanSpyStart SpyerUniqueid=2 SpyerChannel=PJSIP/2 SpyeeUniqueid=1 SpyeeChannel=PJSIP/1") {
				p.EmitEvent(e)
			}
			time.Sleep(100 * time.Millisecond)
			rows := [][]string{row("PJSIP/1", "1", "1", "Up", "1", "00:00:50", ""), row("PJSIP/3", "3", "3", "Up", "3", "00:00:50", "")}
			spyer := row("PJSIP/2", "2", "2", "Up", "2", "00:00:50", "")
			spyer[slices.Index(spyer, "Dial")] = "ChanSpy"
			spyer = append(spyer, "ApplicationData", "PJSIP/3,q")
			p.AnswerList("CoreShowChannels", append(rows, spyer)...)
			p.Drop()
			return nil
		})
		p.Drop()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if l := p.model.ListenIns(); len(l) != 1 || l[0].Target != "PJSIP/3" {
			t.Errorf("listen-ins %+v", l)
		}
	})
}

// The end of a listening is news, though the list of channels still has it.
func TestListenInEndsWhileAsking(t *testing.T) {
	const start = "0.5 ChanSpyStart SpyerUniqueid=2 SpyerChannel=PJSIP/2 SpyerContext=main SpyerExten=9 SpyerPriority=1 SpyeeUniqueid=1 SpyeeChannel=PJSIP/1\n"
	const stop = "1 ChanSpyStop SpyerUniqueid=2 SpyerChannel=PJSIP/2 SpyeeUniqueid=1 SpyeeChannel=PJSIP/1\n"
	const dialplan = "0 Newexten ch=PJSIP/2 id=2 link=2 Context=main exten=9 Priority=0 Application=Answer\n"
	const goesOn = "1 Newexten ch=PJSIP/2 id=2 link=2 Context=main exten=9 Priority=2 Application=Wait"
	rows := func(app string) func(s *amitest.Server) {
		return func(s *amitest.Server) {
			spyer := row("PJSIP/2", "2", "2", "Up", "2", "00:00:50", "")
			spyer[slices.Index(spyer, "Dial")] = app
			s.AnswerList("CoreShowChannels", row("PJSIP/1", "1", "1", "Up", "1", "00:00:50", ""), append(spyer, "ApplicationData", "PJSIP/1,q"))
		}
	}
	tests := []struct {
		name, known, before, during, after, app string
		want                                    int
	}{
		{name: "it began before", known: "1 2", before: start, during: stop, app: "ChanSpy"},
		{name: "it began in the gap", during: stop, app: "ChanSpy"},
		{name: "it began in the gap and goes on", app: "ChanSpy", want: 1},
		{name: "it begins and ends", during: start + stop, app: "ChanSpy"},
		{name: "its dialplan was put aside", known: "1", during: dialplan + start, app: "ChanSpy", want: 1},
		{name: "it begins after the list", during: start, app: "AppDial2", want: 1},
		{name: "it ended in the gap", known: "1 2", before: start, app: "Wait"},
		{name: "it ended in the gap, and the dialplan goes on", known: "1 2", before: start, after: goesOn, app: "ChanSpy"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := follow(t, func(s *amitest.Server) {
					channelRows(s, strings.Fields(test.known)...)
				})
				p.play(t, test.before)
				p.gap(t, test.during, rows(test.app))
				p.play(t, test.after)
				if l := p.model.ListenIns(); len(l) != test.want {
					t.Errorf("listen-ins %+v, want %d", l, test.want)
				}
			})
		})
	}
}
