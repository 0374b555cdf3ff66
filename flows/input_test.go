package flows_test

import (
	"strings"
	"testing"
)

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
	runAll(t, []conversation{
		{
			name: "a leading zero", flow: flow, asterisk: ask + "\n< 200 result=0123 (timeout)",
			want: "read → ok\nlog typed 0123.\nDONE by dialplan",
		},
		{
			name: "too few, then nothing", flow: flow,
			asterisk: ask + "\n< 200 result=01" + ask + "\n. 4s\n< 200 result= (timeout)",
			want:     "read: read.timeout: the caller typed nothing in the last try (on_error: continue)\nlog typed .\nDONE by dialplan",
		},
		{
			name: "too few at last", flow: flow,
			asterisk: ask + "\n< 200 result=" + ask + "\n< 200 result=01",
			want:     "read: read.invalid: " + invalidText + " (on_error: continue)\nlog typed 01.\nDONE by dialplan",
		},
		{
			name: "enough keys, and one is no digit", flow: flow,
			asterisk: ask + "\n< 200 result=1*23" + ask + "\n< 200 result=012*",
			want:     "read: read.invalid: " + invalidText + " (on_error: continue)\nlog typed 012*.\nDONE by dialplan",
		},
		{
			name: "during the first prompt", flow: flow,
			asterisk: early + "\n> GET DATA \"\" \"4000\" \"4\"\n< 200 result=12",
			want:     "read → ok\nlog typed 012.\nDONE by dialplan",
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
		{
			name: "what is done between the tries", flow: `
				- repeat: 1
				  do:
				    - read: a
				      digits: 2
				      tries: 3
				      no_input: { log: "nothing in try ${try}" }
				      no_match:
				        - log: wrong in try ${try}
				        - again
				      as: typed
				      on_error: continue
				    - log: turn ${try}, typed ${typed.digits}`,
			asterisk: `
				> GET DATA "a" "5000" "2"
				< 200 result= (timeout)
				> GET DATA "a" "5000" "2"
				< 200 result=1
				> GET DATA "a" "5000" "2"
				< 200 result=1
				> GET DATA "a" "5000" "2"
				< 200 result= (timeout)
				> GET DATA "a" "5000" "2"
				< 200 result=3`,
			want: `
				repeat
				  read: read.invalid: ` + invalidText + ` (on_error: continue)
				    log nothing in try 1
				    log wrong in try 2
				    again (asks again)
				    log wrong in try 2
				    again (asks again)
				    log nothing in try 2
				  log turn 1, typed 3
				DONE by dialplan`,
		},
		{
			name: "anything", flow: "- read: a\n  as: typed\n- log: typed ${typed.digits}", asterisk: `
				> GET DATA "a" "5000" "1023"
				< 200 result=*21*5`,
			want: "read → ok\nlog typed *21*5\nDONE by dialplan",
		},
		{
			name: "less time between keys", flow: "- read: a\n  digits: 1-4\n  between: 1s\n  as: typed\n- log: typed ${typed.digits}", asterisk: `
				> GET OPTION "a" "0123456789*#" "5000"
				< 200 result=52 endpos=8000
				> GET DATA "" "1000" "3"
				< 200 result=2 (timeout)`,
			want: "read → ok\nlog typed 42\nDONE by dialplan",
		},
		{
			name: "another key that ends", flow: "- read: a\n  end: \"*\"\n  as: typed\n- log: typed ${typed.digits}", asterisk: `
				> GET OPTION "a" "0123456789*#" "5000"
				< 200 result=52 endpos=8000
				> WAIT FOR DIGIT "5000"
				< 200 result=35
				> WAIT FOR DIGIT "5000"
				< 200 result=42`,
			want: "read → ok\nlog typed 4#\nDONE by dialplan",
		},
		{
			name: "no key that ends", flow: "- read: a\n  digits: 2-3\n  end: \"\"\n  as: typed\n- log: typed ${typed.digits}", asterisk: `
				> GET OPTION "a" "0123456789*#" "5000"
				< 200 result=52 endpos=8000
				> WAIT FOR DIGIT "5000"
				< 200 result=53
				> WAIT FOR DIGIT "5000"
				< 200 result=54`,
			want: "read → ok\nlog typed 456\nDONE by dialplan",
		},
		{
			name: "the key that ends comes first", flow: "- read: a\n  end: \"*\"\n  on_error: continue", asterisk: `
				> GET OPTION "a" "0123456789*#" "5000"
				< 200 result=42 endpos=8000`,
			want: "read: read.timeout: the caller typed nothing in the last try (on_error: continue)\nDONE by dialplan",
		},
		{
			name: "a prompt is missing", flow: "- read: a\n  end: \"*\"\n  on_error: continue", asterisk: `
				> GET OPTION "a" "0123456789*#" "5000"
				< 200 result=-1 endpos=0
				> CHANNEL STATUS
				< 200 result=6`,
			want: "read: play.missing: a prompt is missing in Asterisk's sound folder (on_error: continue)\nDONE by dialplan",
		},
	})
}

const invalidText = "the caller typed too few digits in the last try, or other keys than digits"

func TestAgainWithoutEnd(t *testing.T) {
	const asked = "\n> GET DATA \"a\" \"5000\" \"1\"\n< 200 result= (timeout)"
	conversation{
		flow:     "- read: a\n  digits: 1\n  tries: 2\n  no_input: again",
		asterisk: strings.Repeat(asked, 100) + "\n> STREAM FILE \"sorry\" \"\"\n< 200 result=0 endpos=8",
		status:   "ERROR limit",
		want: "read: limit: the caller was asked 100 times and would be asked again\n" +
			strings.Repeat("  again (asks again)\n", 100) + "sorry\nERROR by error",
	}.run(t)
}

func TestMenuKeys(t *testing.T) {
	const flow = `
		- menu: main
		  between: 0s
		  timeout: 4s
		  end: "#"
		  options: { 1: { log: one }, 23: { log: twenty-three }, 234: { log: more }, "#": { log: hash } }
		  on_error: continue`
	const ask = `> GET OPTION "main" "0123456789*#" "4000"` + "\n< 200 result="
	const more = "\n> WAIT FOR DIGIT \"4000\"\n< 200 result="
	runAll(t, []conversation{
		{name: "an option is taken at once", flow: flow, asterisk: ask + "50 endpos=8" + more + "51", want: "menu\n  log twenty-three\nDONE by dialplan"},
		{name: "the key that ends can be an option", flow: flow, asterisk: ask + "35 endpos=8", want: "menu\n  log hash\nDONE by dialplan"},
		{
			name: "a key ends the waiting", flow: strings.Replace(flow, "between: 0s", "between: 4s", 1),
			asterisk: ask + "50 endpos=8" + more + "51" + more + "35", want: "menu\n  log twenty-three\nDONE by dialplan",
		},
		{
			name: "a loop around keeps its turn", flow: `
				- repeat: 1
				  do:
				    - menu: main
				      timeout: 4s
				      options: { 1: { log: "turn ${try}" } }
				      no_match: { log: "try ${try}" }
				    - log: turn ${try}`,
			asterisk: ask + "50 endpos=8\n" + ask + "50 endpos=8\n" + ask + "49 endpos=8",
			want:     "repeat\n  menu\n    log try 1\n    log try 2\n    log turn 1\n  log turn 1\nDONE by dialplan",
		},
	})
}

// TestHidden finds a PIN nowhere in the trace, whatever the flow does with it.
func TestHidden(t *testing.T) {
	trace := conversation{
		flow: `
			- read: [hello, pin]
			  digits: 4
			  hidden: true
			  as: typed
			- log: pin ${typed.digits}
			- set: { copy: "${typed.digits}", number: "${int(typed.digits)}" }
			- say: ${copy}
			  type: digits
			- say: x${copy}x
			  type: number
			  on_error: continue
			- if: copy == "0"
			  then: answer
			- read: again
			  hidden: true
			  between: 1s
			  as: second
			- log: ${second.digits}
			- send_dtmf: "98765"
			  hidden: true
			- send_dtmf: "12"
			  hidden: true
			- return`,
		asterisk: `
			> STREAM FILE "hello" "0123456789*#"
			< 200 result=52 endpos=8000
			> GET DATA "" "5000" "3"
			< 200 result=711
			> SAY DIGITS "4711" ""
			< 200 result=0
			> GET OPTION "again" "0123456789*#" "5000"
			< 200 result=53 endpos=77
			> GET DATA "" "1000" "1022"
			< 200 result=54 (timeout)
			> EXEC "SendDTMF" "98765,250"
			< 200 result=0
			> EXEC "SendDTMF" "12,250"
			< 200 result=0`,
		want: `
			read → ok
			log pin ***
			set
			say
			say: say.text: "x***x" cannot be said as number (on_error: continue)
			if
			read → ok
			log ***
			send_dtmf
			send_dtmf
			return (returns)
			RETURN by dialplan`,
		status: "RETURN",
	}.run(t)
	text := traceText(t, trace)
	for _, secret := range []string{"4711", "711", "98765", "=52", "=53", `"12`} {
		if strings.Contains(text, secret) {
			t.Errorf("the trace tells %s:\n%s", secret, text)
		}
	}
	if !strings.Contains(text, "result=***") {
		t.Errorf("the trace does not tell that something was pressed:\n%s", text)
	}
}
