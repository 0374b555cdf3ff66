package flowtest_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/flows/flowtest"
)

// TestFail compares whole messages.
func TestFail(t *testing.T) {
	for _, test := range []struct{ name, flow, test, want string }{
		{"more than the script", "- play: [a, b]", "script: { hear: a }", `
FAILED app/app.test.yaml:2:3: t
    what happened is not what the script says:
        hear: a  app.test.yaml:4:15  app.yaml:6:7
      + hear: b                      app.yaml:6:7

app: 0 passed, 1 failed
`},
		{"less than the script", "- play: a", "script: [{ hear: a }, { queue: support }]", `
FAILED app/app.test.yaml:2:3: t
    what happened is not what the script says:
        hear: a         app.test.yaml:4:16  app.yaml:6:7
      - queue: support  app.test.yaml:4:29

app: 0 passed, 1 failed
`},
		{"a caller who hangs up when the flow has ended", "- play: a", "script: [{ hear: a }, { hangup: caller, after: 3s }]", `
FAILED app/app.test.yaml:2:3: t
    what happened is not what the script says:
        hear: a                    app.test.yaml:4:16  app.yaml:6:7
      - hangup: caller, after: 3s  app.test.yaml:4:29

app: 0 passed, 1 failed
`},
		{"a silence that lasts longer than the call", "- play: a", "script: [hear: a, silence: 5s]", `
FAILED app/app.test.yaml:2:3: t
    what happened is not what the script says:
        hear: a      app.test.yaml:4:14  app.yaml:6:7
      - silence: 5s  app.test.yaml:4:23
          the call was over before

app: 0 passed, 1 failed
`},
		{"something else", "- play: a\n- play: b\n- play: c", "script: [{ hear: a }, { hear: x }, { hear: c, wait: 2s }]", `
FAILED app/app.test.yaml:2:3: t
    what happened is not what the script says:
        hear: a            app.test.yaml:4:16  app.yaml:6:7
      - hear: x            app.test.yaml:4:29
      + hear: b                                app.yaml:7:7
      ! hear: c, wait: 2s  app.test.yaml:4:42  app.yaml:8:7
          nothing happened for 0s

app: 0 passed, 1 failed
`},
		{"another line in the log", "- log: a\n- log: b\n- play: c", "script: [{ log: x }, { hear: c }]", `
FAILED app/app.test.yaml:2:3: t
    what happened is not what the script says:
      - log: x   app.test.yaml:4:16
      + log: a                       app.yaml:6:7
      + log: b                       app.yaml:7:7
        hear: c  app.test.yaml:4:28  app.yaml:8:7

app: 0 passed, 1 failed
`},
		{"a part of the sounds", "- play: a\n- play: c", "script: [{ hear: [a, b] }, { hear: c }]", `
FAILED app/app.test.yaml:2:3: t
    what happened is not what the script says:
      ! hear: [a, b]  app.test.yaml:4:16  app.yaml:6:7
          only a came
        hear: c       app.test.yaml:4:34  app.yaml:7:7

app: 0 passed, 1 failed
`},
		{"another wait", "- menu: m\n  timeout: 7s\n  tries: 1\n  options: { 1: hangup }\n  give_up: { play: bye }", "script: [{ hear: m, wait: 5s }, { hear: bye }]", `
FAILED app/app.test.yaml:2:3: t
    what happened is not what the script says:
      ! hear: m, wait: 5s  app.test.yaml:4:16  app.yaml:6:7
          nothing happened for 7s
        hear: bye          app.test.yaml:4:39  app.yaml:10:18

app: 0 passed, 1 failed
`},
		{"another option", "- queue: support\n  timeout: 2m\n  on: { timeout: { play: bye } }", "script: [{ queue: support, with: { timeout: 3m, prio: 1 } }, { hear: bye }]", `
FAILED app/app.test.yaml:2:3: t
    what happened is not what the script says:
      ! queue: support, with: { timeout: 3m, prio: 1 }  app.test.yaml:4:16  app.yaml:6:7
          queue has no prio; it has queue, timeout; timeout is 2m
        hear: bye                                       app.test.yaml:4:68  app.yaml:8:24

app: 0 passed, 1 failed
`},
		{"another end", "- hangup", "expect: { ended: in dialplan, took: 1s, status: DONE, errors: [x] }", `
FAILED app/app.test.yaml:2:3: t
    app.test.yaml:4:22: ended: in dialplan is expected, and it was by flow
    app.test.yaml:4:41: took: 1s is expected, and it was 0s
    app.test.yaml:4:53: status: DONE is expected, and it was HANGUP
    app.test.yaml:4:67: errors: x is expected, and there were none

app: 0 passed, 1 failed
`},
		{"no answer", "- http: https://x.example/\n  on_error: continue", "expect: { errors: [http.failed] }", `
FAILED app/app.test.yaml:2:3: t
    app.yaml:6:7: the flow asks https://x.example/, and the test does not say what that answers: write
      given: { http: { "https://x.example/": { status: 200, json: {} } } }

app: 0 passed, 1 failed
`},
		{"no end", "- queue: support", "script: { queue: support }", `
FAILED app/app.test.yaml:2:3: t
    app.yaml:6:7: nothing ends the queue at 0s: write answer: 10s, or ends: and an outcome, or hangup: caller below

app: 0 passed, 1 failed
`},
		{"no time", "- log: open\n  when: hours.office.open", "", `
FAILED app/app.test.yaml:2:3: t
    the flow reads the calendar, and the test does not say when the call begins: write
      at: 2026-11-23T10:00:00+01:00

app: 0 passed, 1 failed
`},
		{"an error that is not expected", "- play: a", "given: { missing: [a] }", `
FAILED app/app.test.yaml:2:3: t
    app.test.yaml:2:3: errors: none is expected, and there were play.missing
        app.yaml:6:7 play.missing: asterisk cannot play the sound: there is no such file

app: 0 passed, 1 failed
`},
		{"what nobody asks for", "- play: a\n- db_get: a/b\n- queue: support", `
			given:
			  http: { "*": 200 }
			  queues: { support: { waiting: 1 } }
			  agents: { name: Ann }
			  servers: { pbx1: { calls: 1 } }
			  db: { a/b: c, a/c: d }
			  dial: { "*": busy }
			  queue: { support: timeout }
			  missing: b
			  sounds: { a: 1s, b: 1s }
			  channels: { PJSIP/1-2: up }
			  talking: [PJSIP/1]
			  notify: { ops: failed }
			  callbacks: full
			  ami: { Reload: { error: no } }
			script: [hear: a, { queue: support, answer: 1s, talk: 1s }]`, `
FAILED app/app.test.yaml:2:3: t
    app.test.yaml:5:15: given: http: nothing in this call asks for "*": remove it, or write it as it is asked for
    app.test.yaml:6:17: given: queues: nothing in this call asks for support: remove it, or write it as it is asked for
    app.test.yaml:7:15: given: agents: nothing in this call asks for Ann: remove it, or write it as it is asked for
    app.test.yaml:8:18: given: servers: nothing in this call asks for pbx1: remove it, or write it as it is asked for
    app.test.yaml:9:21: given: db: nothing in this call asks for a/c: remove it, or write it as it is asked for
    app.test.yaml:10:15: given: dial: nothing in this call asks for "*": remove it, or write it as it is asked for
    app.test.yaml:11:16: given: queue: nothing in this call asks for support: remove it, or write it as it is asked for
    app.test.yaml:12:16: given: missing: nothing in this call asks for b: remove it, or write it as it is asked for
    app.test.yaml:13:24: given: sounds: nothing in this call asks for b: remove it, or write it as it is asked for
    app.test.yaml:14:19: given: channels: nothing in this call asks for PJSIP/1-2: remove it, or write it as it is asked for
    app.test.yaml:15:17: given: talking: nothing in this call asks for PJSIP/1: remove it, or write it as it is asked for
    app.test.yaml:16:17: given: notify: nothing in this call asks for ops: remove it, or write it as it is asked for
    app.test.yaml:17:18: given: callbacks: nothing in this call asks for full: remove it, or write it as it is asked for
    app.test.yaml:18:14: given: ami: nothing in this call asks for Reload: remove it, or write it as it is asked for

app: 0 passed, 1 failed
`},
		{"rules", "- play: a", "rules: [r]", `
NOT RUN app/app.test.yaml:2:3: t
    tests of rules (rules, timeline, replay) cannot be run yet: only flows are tested

app: 0 passed, 1 not run
`},
		{"mistakes", "- play: a", "at: tomorrow\nscrip: []\nscript: [{ hera: a }, { hear: a, pres: 1 }, { queue: x, ends: gone }, { hangup: nobody }]\nexpect: { ended: by fow }\nparams: { n: 1 }\ngiven: { notify: { ops: unacknowledged, on-call: late } }", `
app.test.yaml:4:9: "at": "tomorrow" is no time with its zone — write one such as 2026-11-23T10:00:00+01:00 [wrong-type]
    4 |     at: tomorrow
      |         ^
app.test.yaml:5:5: there is no key "scrip" here — did you mean "script"? [unknown-key]
    5 |     scrip: []
      |     ^
app.test.yaml:6:16: nothing in a script is called "hera" — did you mean "hear"? [unknown-event]
    6 |     script: [{ hera: a }, { hear: a, pres: 1 }, { queue: x, ends: gone }, { hangup: nobody }]
      |                ^
app.test.yaml:6:38: there is no key "pres" here — did you mean "press"? [unknown-key]
    6 |     script: [{ hera: a }, { hear: a, pres: 1 }, { queue: x, ends: gone }, { hangup: nobody }]
      |                                      ^
app.test.yaml:6:67: queue never ends in "gone"; it ends in completed, timeout, full, no_agents, left, withdrawn, unknown [unknown-outcome]
    6 |     script: [{ hera: a }, { hear: a, pres: 1 }, { queue: x, ends: gone }, { hangup: nobody }]
      |                                                                   ^
app.test.yaml:6:85: "nobody" cannot hang up [not-one-of]
    6 |     script: [{ hera: a }, { hear: a, pres: 1 }, { queue: x, ends: gone }, { hangup: nobody }]
      |                                                                                     ^
app.test.yaml:7:22: "ended" is "by fow", but can only be by caller, by flow, in dialplan and in error — did you mean "by flow"? [not-one-of]
    7 |     expect: { ended: by fow }
      |                      ^
app.test.yaml:8:15: flow main has no parameter "n" [unknown-param]
    8 |     params: { n: 1 }
      |               ^
app.test.yaml:9:29: only a phone can be unacknowledged, and ops is none [not-one-of]
    9 |     given: { notify: { ops: unacknowledged, on-call: late } }
      |                             ^
app.test.yaml:9:54: a place for notices can only be failed or unacknowledged, not "late" [not-one-of]
    9 |     given: { notify: { ops: unacknowledged, on-call: late } }
      |                                                      ^
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n"), text(t, oneFlow(test.flow), oneTest(test.test), flowtest.Options{})); diff != "" {
				t.Errorf("output differs (-want +got):\n%s", diff)
			}
		})
	}
}
