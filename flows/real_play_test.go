package flows_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// playCalls listen to sounds.
func playCalls() []realCall {
	tape := func(name, options string, caller []asterisktest.Step, heard, log string) realCall {
		return realCall{
			name: name, caller: caller, heard: heard,
			flow: `
				- play: count
				  ` + options + `
				  keys: { pause: "5", rewind: "4", forward: "6", restart: "0", stop: "#" }
				  as: heard
				- log: key ${heard.key}, ${heard.position > "` + log + `"}`,
			want: "play → stopped\nlog key #, true\nDONE by dialplan",
		}
	}
	return listening([]realCall{
		{
			name: "play_stopped", flow: "- play: count\n  interrupt: \"*\"\n  as: heard\n- log: ${heard.key}", caller: presser(0, "1*"),
			heard: "0s( 1s)?( 2s)?", want: "play → stopped\nlog *\nDONE by dialplan", status: "DONE",
		},
		{
			name: "play_missing", flow: "play: no-such-sound", caller: patient(), heard: "beep",
			want: "play: play.missing: " + missingText + "\nsorry\nERROR by error", status: "ERROR play.missing",
		},
		{
			name: "play_timeout", flow: "- play: count\n  timeout: 1s\n  on_error: { log: \"${error.id}\" }\n- play: two", caller: patient(),
			want: "play: timeout: the step took longer than its timeout of 1s (on_error)\n  log timeout\nplay\nDONE by dialplan", status: "DONE",
		},
		{
			name: "hangup", flow: "- play: one\n- hangup", caller: patient(), heard: "one",
			want: "play\nhangup (hung up by the flow)\nHANGUP by flow", status: "HANGUP",
		},
		{name: "play_two", flow: "- play: [one, two]", caller: patient(), heard: "one two", want: "play\nDONE by dialplan"},
		{
			name: "play_from", flow: "- play: [count, two]\n  from: 8s", caller: patient(), heard: "8s 9s two", want: "play\nDONE by dialplan",
		},
		{
			name: "play_position", flow: "- play: count\n  interrupt: \"7\"\n  as: heard\n- play: count\n  from: ${heard.position}\n- log: ${heard.key}",
			caller: presser(1.5, "7"), want: "play → stopped\nplay\nlog 7\nDONE by dialplan",
			after: func(t *testing.T, p *realPBX) {
				// Every second was heard once: it went on where it had stopped.
				heard := p.heard(t, "play_position")
				names := strings.Fields(heard)
				if len(names) < 10 || names[0] != "0s" || names[len(names)-1] != "9s" || len(names) > 11 {
					t.Errorf("the caller heard %q, want each second once", heard)
				}
			},
		},
		tape("tape_forward", "skip: 5s", presser(1.5, "6", asterisktest.Wait(time.Second), asterisktest.Press("#")), "0s 1s( 2s)? (6s )?7s( 8s)?", "7s"),
		tape("tape_rewind", "skip: 2s\n				  from: 6500ms", presser(1, "4", asterisktest.Wait(800*time.Millisecond), asterisktest.Press("#")), "6s 7s( 8s)? 5s 6s( 7s)?", "5s"),
		tape("tape_restart", "from: 6s", presser(1.3, "0", asterisktest.Wait(1400*time.Millisecond), asterisktest.Press("#")), "6s 7s 0s 1s( 2s)?", "1s"),
		tape("tape_pause", "from: 3s", presser(1.4, "5", asterisktest.Wait(2*time.Second), asterisktest.Press("5"), asterisktest.Wait(time.Second), asterisktest.Press("#")), "3s 4s( 4s)? 5s( 6s)?", "4s"),
		{
			name: "tape_other_keys", flow: "- play: count\n  from: 7s\n  keys: { pause: \"5\" }", caller: presser(1, "#*0"),
			heard: "7s 8s 9s", want: "play\nDONE by dialplan",
		},
		{
			name: "tape_missing", flow: "- play: no-such-sound\n  keys: { stop: \"5\" }\n  on: { missing: { play: two } }", caller: patient(),
			heard: "two", want: "play → missing (on)\n  play\nDONE by dialplan",
		},
	})
}
