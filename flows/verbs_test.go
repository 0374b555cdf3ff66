package flows_test

import (
	"strings"
	"testing"
)

func TestPlay(t *testing.T) {
	const flow = `
		- play: [a, b, c]
		  interrupt: "12"
		  as: heard
		  on_error: continue
		- log: key ${heard.key}.`
	runAll(t, []conversation{
		{
			name: "all", flow: flow, asterisk: `
				> STREAM FILE "a" "12"
				< 200 result=0 endpos=8000
				> STREAM FILE "b" "12"
				< 200 result=0 endpos=8000
				> STREAM FILE "c" "12"
				< 200 result=0 endpos=8000`,
			want: "play\nlog key .\nDONE by dialplan",
		},
		{
			name: "stopped", flow: flow, asterisk: `
				> STREAM FILE "a" "12"
				< 200 result=0 endpos=8000
				> STREAM FILE "b" "12"
				< 200 result=50 endpos=4000`,
			want: "play → stopped\nlog key 2.\nDONE by dialplan",
		},
		{
			name: "missing", flow: flow, asterisk: `
				> STREAM FILE "a" "12"
				< 200 result=-1 endpos=0
				> CHANNEL STATUS
				< 200 result=6`,
			want: "play: play.missing: " + missingText + " (on_error: continue)\nlog key .\nDONE by dialplan",
		},
		{
			name: "a part that leads elsewhere", flow: "- play: custom/${call.caller.num}\n  on_error: continue",
			asterisk: "env agi_callerid: ../../secret",
			want:     "play: expression: app.yaml:6:22: call.caller.num: \"../../secret\" cannot be part of the name of a sound (on_error: continue)\nDONE by dialplan",
		},
	})
}

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

func TestRead(t *testing.T) {
	const flow = `
		- read: [hello, number]
		  as: typed
		  digits: 3-5
		  timeout: 4s
		  tries: 2
		  on_error: continue
		- log: typed ${typed.digits}.`
	const hello = `
				> STREAM FILE "hello" "0123456789*#"
				< 200 result=0 endpos=8000`
	const ask = hello + `
				> GET DATA "number" "4000" "5"`
	const early = `
				> STREAM FILE "hello" "0123456789*#"
				< 200 result=48 endpos=800`
	const digit = "\n> WAIT FOR DIGIT \"4000\"\n< 200 result="
	runAll(t, []conversation{
		{
			name: "a leading zero", flow: flow, asterisk: ask + "\n< 200 result=0123 (timeout)",
			want: "read → ok\nlog typed 0123.\nDONE by dialplan",
		},
		{
			name: "too few, then nothing", flow: flow,
			asterisk: ask + "\n< 200 result=01" + ask + "\n. 4s\n< 200 result= (timeout)",
			want:     "read: read.timeout: the caller typed nothing in all tries (on_error: continue)\nlog typed .\nDONE by dialplan",
		},
		{
			name: "too few at last", flow: flow,
			asterisk: ask + "\n< 200 result=" + ask + "\n< 200 result=01",
			want:     "read: read.invalid: the caller typed too few digits in the last try (on_error: continue)\nlog typed 01.\nDONE by dialplan",
		},
		{
			name: "during the first prompt", flow: flow,
			asterisk: early + digit + "49" + digit + "50" + digit + "35",
			want:     "read → ok\nlog typed 012.\nDONE by dialplan",
		},
		{
			name: "during the first prompt, as many as there can be", flow: flow,
			asterisk: early + digit + "49" + digit + "50" + digit + "51" + digit + "52",
			want:     "read → ok\nlog typed 01234.\nDONE by dialplan",
		},
		{
			name: "# during the first prompt is nothing", flow: flow,
			asterisk: strings.Replace(early, "48", "35", 1) + ask + "\n< 200 result=123",
			want:     "read → ok\nlog typed 123.\nDONE by dialplan",
		},
		{
			name: "hangup", flow: flow, asterisk: ask + "\n< 200 result=-1\n! hangup",
			status: "HANGUP", want: "read: agi: the call was hung up\nHANGUP by caller",
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
