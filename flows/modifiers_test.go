package flows_test

import "testing"

func TestModifiers(t *testing.T) {
	runAll(t, []conversation{
		{
			name: "when", flow: `
			- log: yes
			  when: call.caller.num == "5550100"
			- log: no
			  when: call.caller.num == ""`,
			want: "log yes\nlog skipped: call.caller.num == \"\" is false\nDONE by dialplan",
		},
		{
			name: "when fails", flow: `
			- log: no
			  when: int(call.caller.name) > 1`,
			asterisk: "> STREAM FILE \"sorry\" \"\"\n< 200 result=0 endpos=1",
			status:   "ERROR expression",
			want: `
				log: expression: app.yaml:7:13: int(call.caller.name) > 1: "Alice" is not a whole number
				sorry
				ERROR by error`,
		},
		{
			name: "on", flow: `
			- play: a
			  on: { missing: { log: gone } }`,
			asterisk: missing("a"),
			want:     "play → missing (on)\n  log gone\nDONE by dialplan",
		},
		{
			name: "else takes failures only", flow: `
			- play: a
			  interrupt: "1"
			  on: { else: { log: bad } }
			- play: b
			  on: { else: { log: bad } }`,
			asterisk: "> STREAM FILE \"a\" \"1\"\n< 200 result=49 endpos=1" + missing("b"),
			want:     "play → stopped\nplay → missing (on)\n  log bad\nDONE by dialplan",
		},
		{
			name: "continue", flow: `
			- play: a
			  on_error: continue
			- log: on`,
			asterisk: missing("a"),
			want:     "play: play.missing: asterisk cannot play the sound: there is no such file (on_error: continue)\nlog on\nDONE by dialplan",
		},
		{
			name: "steps that know the error", flow: `
			- play: a
			  on_error: { log: "${error.id} at ${error.at}: ${error.message}" }`,
			asterisk: missing("a"),
			want: `
				play: play.missing: asterisk cannot play the sound: there is no such file (on_error)
				  log play.missing at app.yaml:6:7: asterisk cannot play the sound: there is no such file
				DONE by dialplan`,
		},
		{
			name: "retry succeeds", flow: `
			- play: a
			  on_error: { retry: { times: 2, delay: 3s } }`,
			asterisk: missing("a") + missing("a") + "\n> STREAM FILE \"a\" \"\"\n< 200 result=0 endpos=1",
			want:     "play\nDONE by dialplan",
		},
		{
			name: "retries are used up", flow: `
			steps:
			  - play: a
			    on_error: { retry: { times: 1, delay: 1s } }
			on_error: { log: "${error.id}" }`,
			asterisk: missing("a") + missing("a"),
			want:     "play: play.missing: asterisk cannot play the sound: there is no such file\nlog play.missing\nDONE by dialplan",
		},
		{
			name: "timeout stops a prompt", flow: `
			- play: long
			  timeout: 5s
			  on_error: { log: "${error.id}: ${error.message}" }`,
			asterisk: `
				> STREAM FILE "long" ""
				. 5s
				> GET FULL VARIABLE "agi-sync-1"
				< 200 result=1 (agi-sync-1)`,
			want: `
				play: timeout: the step took longer than its timeout of 5s (on_error)
				  log timeout: the step took longer than its timeout of 5s
				DONE by dialplan`,
		},
		{
			name: "timeout bounds nested steps", flow: `
			- if: call.dialed == "100"
			  timeout: 5s
			  then:
			    - play: long
			    - log: not reached
			  on_error: continue`,
			asterisk: `
				> STREAM FILE "long" ""
				. 5s
				> GET FULL VARIABLE "agi-sync-1"
				< 200 result=1 (agi-sync-1)`,
			want: `
				if: timeout: the step took longer than its timeout of 5s (on_error: continue)
				  play: the step took longer than its timeout
				DONE by dialplan`,
		},
		{
			name: "a result of a nested step stays its own", flow: `
			- menu: m
			  as: choice
			  tries: 1
			  options: { 1: { play: a } }
			  no_input: { play: b }
			  on_error: continue
			- log: chose ${choice.keys}.`,
			asterisk: `
				> GET OPTION "m" "0123456789*#" "5000"
				< 200 result=0 endpos=1
				> STREAM FILE "b" ""
				< 200 result=0 endpos=1`,
			want: `
				menu: menu.give_up: the caller chose none of the options in all tries (on_error: continue)
				  play
				log chose .
				DONE by dialplan`,
		},
	})
}
