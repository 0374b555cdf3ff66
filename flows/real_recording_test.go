package flows_test

import (
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// TestRealRecording listens to what was recorded, and looks into Asterisk's database.
func TestRealRecording(t *testing.T) {
	const says = "\n[scenes]\nexten => rec-says,1,Answer()\n same => n,Playback(4s&4s&4s&4s&4s&4s&4s&4s&4s&4s)\n same => n,Wait(3600)\n"
	two := asterisktest.Play("two&two&two&two&two&two&two&two&two&two")
	// recorded is a call whose caller says two and whom it hears 4s.
	recorded := func(name, step string, run func(t *testing.T, p *realPBX)) realScene {
		return realScene{
			name:  "recording " + name,
			flows: "rec-" + name + ":\n  " + strings.ReplaceAll(lines(step), "\n", "\n  "),
			dialplan: "\n[scenes]\nexten => rec-" + name + ",1,Answer()\n same => n,AGI(agi://%s/rec-" + name + ")\n same => n,Hangup()\n" +
				asterisktest.Phone("rec-"+name, asterisktest.Answer(), two, asterisktest.Wait(time.Hour)),
			run: func(t *testing.T, p *realPBX) {
				id := p.place(t, "rec-"+name, "rec-"+name)
				run(t, p)
				p.gone(t, id)
			},
		}
	}
	talk := "- dial: Local/rec-agent@phones/n\n  on: { else: [] }\n"
	hears := func(t *testing.T, p *realPBX, file, want string) {
		t.Helper()
		// The file is complete when the call is over.
		if got := p.tones(t, file); got != want {
			t.Errorf("in %s is %q, want %q", file, got, want)
		}
	}
	// file is the recording as record_call told it, below the folder of recordings.
	file := func(t *testing.T, p *realPBX, flow, want string) string {
		t.Helper()
		trace := p.ended(t, flow, want)
		told, _ := trace.Steps[len(trace.Steps)-1].Args[0].Value.(string)
		return strings.TrimSuffix(path.Base(told), ".wav")
	}
	scenes := []realScene{
		recorded("both", "- record_call: both-${call.caller.num}\n  as: r\n"+talk+"- log: ${r.file}", func(t *testing.T, p *realPBX) {
			trace := <-p.traces["rec-both"]
			told, _ := trace.Steps[len(trace.Steps)-1].Args[0].Value.(string)
			if !strings.HasSuffix(told, "/monitor/both-5550100.wav") {
				t.Errorf("the file is told to be %s", told)
			}
			p.complete(t, "rec-both")
			hears(t, p, "both-5550100", "4s two")
		}),
		recorded("apart", "- record_call: apart\n  sides: apart\n"+talk, func(t *testing.T, p *realPBX) {
			p.ended(t, "rec-apart", "record_call\ndial → answered\nDONE by dialplan")
			p.complete(t, "rec-apart")
			hears(t, p, "apart-caller", "two")
			hears(t, p, "apart-other", "4s")
		}),
		recorded("caller", "- record_call: caller\n  sides: caller\n"+talk, func(t *testing.T, p *realPBX) {
			p.ended(t, "rec-caller", "record_call\ndial → answered\nDONE by dialplan")
			p.complete(t, "rec-caller")
			hears(t, p, "caller", "two")
		}),
		recorded("stopped", "- record_call: stopped\n  as: r\n- wait: 1500ms\n- stop_recording: ${r.id}\n- wait: 2s\n- log: ${r.file}", func(t *testing.T, p *realPBX) {
			name := file(t, p, "rec-stopped", "record_call\nwait\nstop_recording\nwait\nlog "+filepath.Join(p.inside("monitor"), "stopped.wav")+"\nDONE by dialplan")
			p.complete(t, "rec-stopped")
			wave, err := readWAV(filepath.Join(p.SpoolDir, "monitor", name+".wav"))
			if took := time.Duration(len(wave)) * time.Second / rate; err != nil || took < 500*time.Millisecond || took > 2500*time.Millisecond {
				t.Errorf("the recording lasts %v, %v, want 1.5 s", took, err)
			}
		}),
		recorded("paused", "- record_call: paused\n- pause_recording: on\n- wait: 3s\n- pause_recording: off\n- stop_recording", func(t *testing.T, p *realPBX) {
			p.ended(t, "rec-paused", "record_call\npause_recording\nwait\npause_recording\nstop_recording\nDONE by dialplan")
			p.complete(t, "rec-paused")
			hears(t, p, "paused", "")
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
			dialplan: says + asterisktest.Phone("rec-other", asterisktest.Answer(), two, asterisktest.Wait(time.Hour)),
			run: func(t *testing.T, p *realPBX) {
				channel, id := p.call(t, "rec-other", "rec-says")
				p.do(t, "rec-other", map[string]any{"channel": channel}, "record_call\nwait\nstop_recording\nstop_recording\n"+
					"record_call → not_found (on)\n  log gone\nstop_recording → not_found (on)\n  log gone\nDONE by flow")
				p.hangUp(t, id)
				hears(t, p, "other", "4s two")
			},
		},
		{
			name: "data of the call", flows: `
				data:
				  - setvar: GREETING
				    value: 'hello, "you"'
				  - setvar: CALLERID(name)
				    value: VIP
				  - getvar: GREETING
				    as: greeting
				  - getvar: CALLERID(name)
				    as: name
				  - getvar: NOTHING
				    as: nothing
				  - db_put: family/${call.caller.num}
				    value: a, b
				  - db_get: family/${call.caller.num}
				    as: stored
				  - db_get: family/other
				    on: { missing: { log: none } }
				  - db_del: family/${call.caller.num}
				  - db_get: family/${call.caller.num}
				    on: { missing: { log: deleted } }
				  - channel_status: ${call.channel}
				    as: own
				  - channel_status: PJSIP/nobody-1
				    on: { not_found: { log: gone } }
				  - log: ${greeting.value} ${name.value} ${nothing.set} ${stored.value} ${own.state}`,
			dialplan: "\n[scenes]\nexten => data,1,Answer()\n same => n,AGI(agi://%s/data)\n same => n,Hangup()\n" +
				asterisktest.Phone("data", asterisktest.Answer(), asterisktest.Wait(time.Hour)),
			run: func(t *testing.T, p *realPBX) {
				p.place(t, "data", "data")
				p.ended(t, "data", "setvar\nsetvar\ngetvar\ngetvar\ngetvar\ndb_put\ndb_get → found\ndb_get → missing (on)\n  log none\n"+
					"db_del\ndb_get → missing (on)\n  log deleted\nchannel_status\nchannel_status → not_found (on)\n  log gone\n"+
					"log hello, \"you\" VIP false a, b up\nDONE by dialplan")
			},
		},
		{
			name: "data by the manager", flows: `
				asked:
				  params: { channel: string }
				  steps:
				    - setvar: GREETING
				      value: 'hello, "you"'
				      channel: ${channel}
				    - getvar: GREETING
				      channel: ${channel}
				      as: greeting
				    - getvar: GREETING
				      channel: PJSIP/nobody-1
				      on: { not_found: { log: gone } }
				    - setvar: GREETING
				      value: x
				      channel: PJSIP/nobody-1
				      on: { not_found: { log: gone } }
				    - db_put: asked/one
				      value: a, b
				    - db_get: asked/one
				      as: stored
				    - db_del: asked/one
				    - db_del: asked/one
				    - db_get: asked/one
				      on: { missing: { log: deleted } }
				    - channel_status: ${channel}
				      as: other
				    - channel_status: PJSIP/nobody-1
				      on: { not_found: { log: gone } }
				    - log: ${greeting.value} ${stored.value} ${other.state}`,
			dialplan: asterisktest.Phone("asked", asterisktest.Answer(), asterisktest.Wait(time.Hour)),
			run: func(t *testing.T, p *realPBX) {
				channel, id := p.call(t, "asked", "rec-says")
				p.do(t, "asked", map[string]any{"channel": channel}, "setvar\ngetvar\ngetvar → not_found (on)\n  log gone\nsetvar → not_found (on)\n  log gone\n"+
					"db_put\ndb_get → found\ndb_del\ndb_del\ndb_get → missing (on)\n  log deleted\nchannel_status\nchannel_status → not_found (on)\n  log gone\n"+
					"log hello, \"you\" a, b up\nDONE by flow")
				p.hangUp(t, id)
			},
		},
	}
	runScenes(t, asterisktest.Config{
		ManagerRead: allRights, ManagerWrite: allRights, Sounds: sounds.files(),
		Dialplan: asterisktest.Phone("rec-agent", asterisktest.Answer(), asterisktest.Play("4s&4s&4s&4s&4s&4s")),
	}, "", scenes)
}

// inside is a folder of the spool as Asterisk sees it.
func (p *realPBX) inside(folder string) string {
	_, below, _ := strings.Cut(p.SpoolDir, "/srv/")
	return "/srv/" + below + "/" + folder
}
