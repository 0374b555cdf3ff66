package flows_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// recordingGroup listens to what was recorded.
func recordingGroup() realGroup {
	const says = "\n[scenes]\nexten => rec-says,1,Answer()\n same => n,Playback(4s&4s&4s&4s&4s&4s&4s&4s&4s&4s)\n same => n,Wait(3600)\n"
	two := asterisktest.Play("two&two&two&two&two&two&two&two&two&two")
	// recorded is a call whose caller says two and whom it hears 4s.
	recorded := func(name, step string, run func(t *testing.T, p *realPBX)) realScene {
		return realScene{
			name:  "recording " + name,
			flows: "rec-" + name + ":\n  " + strings.ReplaceAll(lines(step), "\n", "\n  "),
			dialplan: "\n[scenes]\nexten => rec-" + name + ",1,Answer()\n same => n,AGI(agi://ADDR/rec-" + name + ")\n same => n,Hangup()\n" +
				asterisktest.Phone("rec-"+name, asterisktest.Answer(), two, two, asterisktest.Wait(time.Hour)),
			run: func(t *testing.T, p *realPBX) {
				id := p.place(t, "rec-"+name, "scenes", "rec-"+name)
				run(t, p)
				p.gone(t, id)
			},
		}
	}
	talk := "- dial: Local/rec-agent@phones/n\n  on: { else: [] }\n"
	// holds wants sounds in a recording, once it is complete.
	holds := func(t *testing.T, p *realPBX, phone, file, want string) {
		t.Helper()
		if got := tones(p.recording(t, phone, file)); got != want {
			t.Errorf("in %s is %q, want %q", file, got, want)
		}
	}
	const swiss, fours = "- play: [swiss, swiss, swiss, swiss]\n", "- play: [4s, 4s, 4s, 4s]\n"
	scenes := []realScene{
		recorded("both", "- record_call: both-${call.caller.num}\n  as: r\n"+talk+"- log: ${r.file}", func(t *testing.T, p *realPBX) {
			p.ended(t, "rec-both", "record_call\ndial → answered\nlog "+p.inside("monitor")+"/both-5550100.wav\nDONE by dialplan")
			holds(t, p, "rec-both", "both-5550100", "4s two")
		}),
		recorded("apart", "- record_call: apart\n  sides: apart\n"+talk, func(t *testing.T, p *realPBX) {
			p.ended(t, "rec-apart", "record_call\ndial → answered\nDONE by dialplan")
			holds(t, p, "rec-apart", "apart-caller", "two")
			holds(t, p, "rec-apart", "apart-other", "4s")
		}),
		recorded("caller", "- record_call: caller\n  sides: caller\n"+talk, func(t *testing.T, p *realPBX) {
			p.ended(t, "rec-caller", "record_call\ndial → answered\nDONE by dialplan")
			holds(t, p, "rec-caller", "caller", "two")
		}),
		recorded("stopped", "- record_call: stopped\n  as: r\n"+fours+"- stop_recording: ${r.id}\n"+swiss, func(t *testing.T, p *realPBX) {
			p.ended(t, "rec-stopped", "record_call\nplay\nstop_recording\nplay\nDONE by dialplan")
			holds(t, p, "rec-stopped", "stopped", "4s two")
		}),
		recorded("paused", "- record_call: paused\n- pause_recording: on\n"+swiss+"- pause_recording: off\n"+fours+"- stop_recording", func(t *testing.T, p *realPBX) {
			p.ended(t, "rec-paused", "record_call\npause_recording\nplay\npause_recording\nplay\nstop_recording\nDONE by dialplan")
			holds(t, p, "rec-paused", "paused", "4s two")
		}),
		recorded("nothing", "- pause_recording: on\n  on: { not_recording: { log: none } }\n- stop_recording", func(t *testing.T, p *realPBX) {
			p.ended(t, "rec-nothing", "pause_recording → not_recording (on)\n  log none\nstop_recording\nDONE by dialplan")
		}),
		{
			name: "recording another call", flows: `
				rec-other:
				  params: { channel: string }
				  steps:
				    - record_call: other
				      channel: ${channel}
				      as: r
				    - wait: 2s
				    - stop_recording: ${r.id}
				      channel: ${channel}
				    - stop_recording:
				      channel: ${channel}
				    - record_call: nobody
				      channel: PJSIP/nobody-1
				      on: { not_found: { log: gone } }
				    - stop_recording:
				      channel: PJSIP/nobody-1
				      on: { not_found: { log: gone } }`,
			dialplan: asterisktest.Phone("rec-other", asterisktest.Answer(), two, two, asterisktest.Wait(time.Hour)),
			run: func(t *testing.T, p *realPBX) {
				channel, id := p.call(t, "rec-other", "rec-says")
				p.do(t, "rec-other", map[string]any{"channel": channel}, "record_call\nwait\nstop_recording\nstop_recording\n"+
					"record_call → not_found (on)\n  log gone\nstop_recording → not_found (on)\n  log gone\nDONE by flow")
				p.hangUp(t, id)
				holds(t, p, "rec-other", "other", "4s two")
			},
		},
	}
	return realGroup{name: "recording", scenes: scenes, config: asterisktest.Config{
		Dialplan: says + asterisktest.Phone("rec-agent", asterisktest.Answer(), asterisktest.Play("4s&4s&4s&4s&4s&4s")),
	}}
}

// inside is a folder of the spool as Asterisk sees it.
func (p *realPBX) inside(folder string) string {
	_, below, _ := strings.Cut(p.SpoolDir, "/srv/")
	return "/srv/" + below + "/" + folder
}
