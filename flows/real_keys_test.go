package flows_test

import (
	"strings"
	"testing"
)

// keyCalls are asked for keys.
func keyCalls() []realCall {
	calls := listening(typingCalls())
	menu := func(name, keys, want string) realCall {
		return realCall{
			name: "menu_" + name, flow: `
				- menu: [beep, demo-congrats]
				  between: 1s
				  options: { 1: { log: one }, 12: { log: twelve }, "#": { log: hash } }
				  tries: 1
				  on_error: continue`, caller: presses(keys), want: want + "\nDONE by dialplan", status: "DONE",
		}
	}
	read := func(name, keys, want string) realCall {
		return realCall{
			name: "read_" + name, flow: `
				- read: [demo-congrats, beep]
				  digits: 3-4
				  timeout: 2s
				  as: typed
				  on_error: continue
				- log: ${typed.digits}.`, caller: presses(keys), want: want + "\nDONE by dialplan", status: "DONE",
		}
	}
	return append(
		calls,
		menu("one", "1", "menu\n  log one"),
		menu("twelve", "12", "menu\n  log twelve"),
		menu("hash", "#", "menu\n  log hash"),
		menu("other", "3", "menu: menu.give_up: the caller chose none of the options in all tries (on_error: continue)"),
		read("all", "0123", "read → ok\nlog 0123."),
		read("hash", "012#", "read → ok\nlog 012."),
		read("few", "01", "read: read.invalid: "+invalidText+" (on_error: continue)\nlog 01."),
		realCall{
			name: "read_last_prompt", flow: "- read: demo-congrats\n  digits: 4\n  as: typed\n- log: ${typed.digits}",
			caller: presses("0123"), want: "read → ok\nlog 0123\nDONE by dialplan", status: "DONE",
		},
	)
}

// typingCalls hear what they are asked.
func typingCalls() []realCall {
	return []realCall{
		{
			name: "login", caller: presser(0.8, "8150026472#ww8150026471#"), want: "login → ok\n  log again 1\nlog frei\nplay\nDONE by dialplan",
			flow: "- login: one\n  no_match: { log: \"again ${try}\" }\n  timeout: 10s\n  as: me\n  on: { denied: hangup }\n- log: ${me.name}\n- play: two",
			after: func(t *testing.T, p *realPBX) {
				for _, pin := range []string{"8150026471", "8150026472"} {
					if strings.Contains(p.debug.text(), pin) {
						t.Errorf("what is written for debugging tells the PIN %s", pin)
					}
				}
			},
		},
		{
			name: "read_end", caller: presser(1, "12#3*"), want: "read → ok\nlog 12#3\nDONE by dialplan",
			flow: "- read: [one, count]\n  end: \"*\"\n  as: typed\n- log: ${typed.digits}",
		},
		{
			name: "read_between", caller: presser(1, "12"), want: "read → ok\nlog 12\nDONE by dialplan",
			flow: "- read: count\n  digits: 2-9\n  timeout: 20s\n  between: 1s\n  as: typed\n- log: ${typed.digits}",
		},
		{
			name: "read_early", caller: presser(0.7, "1234"), want: "read → ok\nlog 1234\nDONE by dialplan",
			flow: "- read: [count, one]\n  digits: 4\n  as: typed\n- log: ${typed.digits}",
		},
		{
			name: "read_star", caller: presser(1, "1*23"), want: "read → invalid (on)\nlog 1*23\nDONE by dialplan",
			flow: "- read: count\n  digits: 4\n  as: typed\n  on: { invalid: [] }\n- log: ${typed.digits}",
		},
		{
			name: "read_tries", caller: presser(2.5, "12wwww3"), heard: "one two one( one)?",
			want: "read → invalid (on)\n  log nothing 1\n  play\n  log wrong 2\nDONE by dialplan",
			flow: "- read: one\n  digits: 3\n  timeout: 1s\n  tries: 3\n  no_input: [{ log: \"nothing ${try}\" }, { play: two }]\n  no_match: { log: \"wrong ${try}\" }\n  on: { invalid: [] }",
		},
		{
			name: "menu_end", caller: presser(1, "1#"), want: "menu\n  log one\nDONE by dialplan",
			flow: "- menu: count\n  between: 20s\n  timeout: 1s\n  end: \"#\"\n  options: { 1: { log: one }, 12: hangup }",
		},
		{
			name: "menu_at_once", caller: presser(1, "342"), want: "menu\n  log two\nDONE by dialplan",
			flow: "- menu: count\n  between: 0s\n  options: { 342: { log: two }, 3421: hangup }",
		},
		{
			name: "read_nothing", flow: "- read: one\n  timeout: 1s\n  tries: 2\n  on: { timeout: { play: two } }",
			caller: patient(), heard: "one one two", want: "read → timeout (on)\n  play\nDONE by dialplan", status: "DONE",
		},
		{
			name: "login_denied", caller: presser(0.2, "1234#"), heard: "one( one)? two",
			flow: "- login: one\n  tries: 2\n  timeout: 2s\n  lock_after: 100\n  on: { denied: { play: two } }", want: "login → denied (on)\n  play\nDONE by dialplan", status: "DONE",
		},
	}
}
