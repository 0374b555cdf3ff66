package flows_test

import "testing"

func TestPlay(t *testing.T) {
	const flow = `
		- play: [a, b, c]
		  interrupt: "12"
		  as: heard
		  on_error: continue
		- log: key ${heard.key} at ${heard.position}`
	const tape = `
		- play: [a, b]
		  keys: { pause: "5", rewind: "4", forward: "6", restart: "0", stop: "#" }
		  skip: 5s
		  from: 1500ms
		  interrupt: "9"
		  as: heard
		  on_error: continue
		- log: key ${heard.key} at ${heard.position}`
	const first = `> CONTROL STREAM FILE "a" "#09" "5000" "6" "4" "5" "1500"`
	runAll(t, []conversation{
		{
			name: "all", flow: flow, asterisk: `
				> STREAM FILE "a" "12"
				< 200 result=0 endpos=8000
				> STREAM FILE "b" "12"
				< 200 result=0 endpos=8000
				> STREAM FILE "c" "12"
				< 200 result=0 endpos=8000`,
			want: "play\nlog key  at 0s\nDONE by dialplan",
		},
		{
			name: "stopped", flow: flow, asterisk: `
				> STREAM FILE "a" "12"
				< 200 result=0 endpos=8000
				> STREAM FILE "b" "12"
				< 200 result=50 endpos=4000`,
			want: "play → stopped\nlog key 2 at 500ms\nDONE by dialplan",
		},
		{
			name: "missing", flow: flow, asterisk: `
				> STREAM FILE "a" "12"
				< 200 result=-1 endpos=0
				> CHANNEL STATUS
				< 200 result=6`,
			want: "play: play.missing: " + missingText + " (on_error: continue)\nlog key  at 0s\nDONE by dialplan",
		},
		{
			name: "a part that leads elsewhere", flow: "- play: custom/${call.caller.num}\n  on_error: continue",
			asterisk: "env agi_callerid: ../../secret",
			want:     "play: expression: app.yaml:6:22: call.caller.num: \"../../secret\" cannot be part of the name of a sound (on_error: continue)\nDONE by dialplan",
		},
		{
			name: "from a place in the first sound", flow: "- play: [a, b]\n  from: 2s", asterisk: `
				> STREAM FILE "a" "" "16000"
				< 200 result=0 endpos=24000
				> STREAM FILE "b" ""
				< 200 result=0 endpos=8000`,
			want: "play\nDONE by dialplan",
		},
		{
			name: "a tape to its end", flow: tape, asterisk: first + `
				< 200 result=0 endpos=-1
				> CONTROL STREAM FILE "b" "#09" "5000" "6" "4" "5"
				< 200 result=0 endpos=-1`,
			want: "play\nlog key  at 0s\nDONE by dialplan",
		},
		{
			name: "a tape that is started again and then stopped", flow: tape, asterisk: first + `
				< 200 result=48 endpos=4200
				> CONTROL STREAM FILE "a" "#09" "5000" "6" "4" "5"
				< 200 result=35 endpos=3210`,
			want: "play → stopped\nlog key # at 3s\nDONE by dialplan",
		},
		{
			name: "a tape that is missing", flow: tape, asterisk: first + `
				< 200 result=-1 endpos=0
				> CHANNEL STATUS
				< 200 result=6`,
			want: "play: play.missing: " + missingText + " (on_error: continue)\nlog key  at 0s\nDONE by dialplan",
		},
		{
			name: "a tape with one key", flow: "- play: a\n  keys: { pause: \"12\" }", asterisk: `
				> CONTROL STREAM FILE "a" "" "3000" "-" "-" "12"
				< 200 result=0 endpos=-1`,
			want: "play\nDONE by dialplan",
		},
	})
}
