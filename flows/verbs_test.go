package flows_test

import (
	"strings"
	"testing"
)

func TestMenu(t *testing.T) {
	const flow = `
		- menu: [hello, main]
		  as: choice
		  timeout: 4s
		  between: 1s
		  tries: 2
		  options: { 1: { log: one }, 12: { log: twelve }, "*": { log: star } }
		  no_input: { log: "nothing in try ${try}" }
		  no_match: { log: "no option in try ${try}" }
		  on_error: continue
		- log: chose ${choice.keys}.`
	const (
		hello = `
				> STREAM FILE "hello" "0123456789*#"
				< 200 result=0 endpos=8000`
		ask = hello + `
				> GET OPTION "main" "0123456789*#" "4000"`
		nothing = ask + "\n. 10s\n< 200 result=0 endpos=8000"
		gaveUp  = "menu: menu.give_up: the caller chose none of the options in all tries (on_error: continue)\n"
	)
	runAll(t, []conversation{
		{
			name: "an option", flow: flow, asterisk: ask + "\n< 200 result=42 endpos=8000",
			want: "menu\n  log star\nlog chose *.\nDONE by dialplan",
		},
		{
			name: "a key during the first prompt", flow: flow, asterisk: `
				> STREAM FILE "hello" "0123456789*#"
				< 200 result=42 endpos=8000`,
			want: "menu\n  log star\nlog chose *.\nDONE by dialplan",
		},
		{
			name: "an option of two keys", flow: flow, asterisk: ask + `
				< 200 result=49 endpos=8000
				> WAIT FOR DIGIT "1000"
				< 200 result=50`,
			want: "menu\n  log twelve\nlog chose 12.\nDONE by dialplan",
		},
		{
			name: "the option that begins another", flow: flow, asterisk: ask + `
				< 200 result=49 endpos=8000
				> WAIT FOR DIGIT "1000"
				. 1s
				< 200 result=0`,
			want: "menu\n  log one\nlog chose 1.\nDONE by dialplan",
		},
		{
			name: "two keys that are no option", flow: flow, asterisk: ask + `
				< 200 result=49 endpos=8000
				> WAIT FOR DIGIT "1000"
				< 200 result=51` + ask + "\n< 200 result=42 endpos=8000",
			want: "menu\n  log no option in try 1\n  log star\nlog chose *.\nDONE by dialplan",
		},
		{
			name: "silence, then a wrong key", flow: flow, asterisk: nothing + ask + "\n< 200 result=57 endpos=8000",
			want: gaveUp + "  log nothing in try 1\n  log no option in try 2\nlog chose .\nDONE by dialplan",
		},
		{
			name: "give_up", flow: strings.Replace(flow, "on_error: continue", "give_up: { log: given up }", 1),
			asterisk: nothing + nothing,
			want:     "menu\n  log nothing in try 1\n  log nothing in try 2\n  log given up\nlog chose .\nDONE by dialplan",
		},
		{
			name: "a prompt is missing", flow: flow, asterisk: ask + `
				< 200 result=-1 endpos=0
				> CHANNEL STATUS
				< 200 result=6`,
			want: "menu: play.missing: a prompt is missing in Asterisk's sound folder (on_error: continue)\nlog chose .\nDONE by dialplan",
		},
	})
}

func TestControl(t *testing.T) {
	runAll(t, []conversation{
		{
			name: "set", flow: `
			- set: { n: 3, text: "${call.caller.num}", vip: "${n == 3}" }
			- log: "${n + 1} ${text} ${vip}"
			- set: { n: three }
			- log: ${n}`,
			want: "set\nlog 4 5550100 true\nset\nlog three\nDONE by dialplan",
		},
		{
			name: "if", flow: `
			- if: call.caller.num == "5550100"
			  then: { log: a }
			  else: { log: b }
			- if: call.caller.num == ""
			  then: { log: a }
			  else: [{ log: b }, { log: c }]
			- if: call.caller.num == ""
			  then: { log: a }`,
			want: "if\n  log a\nif\n  log b\n  log c\nif\nDONE by dialplan",
		},
		{
			name: "goto", flow: `
			- set: { name: Ann }
			- goto: other
			  with: { who: "${name}", times: "2", wait: 90s }`,
			more: `
				other:
				  params: { who: string, times: int = 1, wait: duration, more: number = 1.5, vip: bool = true }
				  steps:
				    - log: ${who} ${times + 1} ${wait} ${more} ${vip}`,
			want: "set\ngoto (goes on in flow other)\nlog Ann 3 1m30s 1.5 true\nDONE by dialplan",
		},
		{
			name: "answer and hangup", flow: "- answer\n- hangup:\n- log: not reached", asterisk: `
				> ANSWER
				< 200 result=0
				> HANGUP
				< 200 result=1
				! hangup`,
			status: "HANGUP", want: "answer\nhangup (hung up by the flow)\nHANGUP by flow",
		},
	})
}
