package flowtest_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/flows/flowtest"
)

// folder is an app with a file of tests.
func folder(app, tests string) fstest.MapFS {
	return fstest.MapFS{"app.yaml": {Data: []byte(app)}, "app.test.yaml": {Data: []byte(tests)}}
}

// text runs tests and returns what is printed of them.
func text(t testing.TB, app, tests string, o flowtest.Options) string {
	t.Helper()
	return textOf(t, folder(app, tests), o)
}

func textOf(t testing.TB, files fstest.MapFS, o flowtest.Options) string {
	t.Helper()
	report, err := flowtest.Test(files, o)
	if err != nil {
		return err.Error() + "\n"
	}
	var b strings.Builder
	if err := report.WriteText(&b, "app"); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// oneFlow is an app whose flow main has these steps.
func oneFlow(steps string) string {
	return "hours: { office: { timezone: UTC, open: { mon: 08:00-12:00 } } }\nqueues: { support: {}, sales: {} }\n" +
		"notify: { ops: { webhook: \"${env.HOOK}\" } }\nflows:\n  main:\n" + indent(steps, "    ") + "\n"
}

// oneTest is a file with a test of flow main.
func oneTest(keys string) string {
	return "tests:\n  t:\n    flow: main\n" + indent(keys, "    ") + "\n"
}

func indent(text, by string) string {
	text = strings.Trim(text, "\n")
	tabs := text[:len(text)-len(strings.TrimLeft(text, "\t"))]
	return by + strings.ReplaceAll(strings.ReplaceAll(text, "\n"+tabs, "\n"), "\n", "\n"+by)[len(tabs):]
}

const passed = "app: 1 passed\n"

// TestPass has all that a script can say, each with the steps that do it.
func TestPass(t *testing.T) {
	for name, test := range map[string]struct{ flow, test string }{
		"sounds": {
			"- play: [a, b]\n- play: c", "script: [{ hear: [a, b] }, { hear: c }]\nexpect: { ended: in dialplan, took: 0s, status: DONE }",
		},
		"globs": {"- play: [a1, a2]", `script: [{ hear: "a?" }, { hear: "*2" }]`},
		"a key that interrupts": {
			"- play: a\n  interrupt: \"1\"\n  as: heard\n- log: ${heard.key}.",
			"given: { sounds: { a: 10s } }\nscript: [{ hear: a, press: 1, after: 2s }, { log: 1. }]\nexpect: { took: 2s }",
		},
		"a key that does not": {
			"- play: a\n  interrupt: \"1\"\n  as: heard\n- log: ${heard.key}.",
			"given: { sounds: { a: 10s } }\nscript: [{ hear: a, press: 2, after: 2s }, { log: . }]\nexpect: { took: 10s }",
		},
		"an option of two keys": {
			"- menu: m\n  options: { 1: { play: one }, 12: { play: twelve } }", "script: [{ hear: m, press: 12 }, { hear: twelve }]",
		},
		"a key too late": {
			"- menu: m\n  tries: 1\n  options: { 1: { play: one } }\n  give_up: { play: bye }",
			"script: [{ hear: m, wait: 5s }, { hear: bye }]",
		},
		"a key while the menu waits": {
			"- menu: m\n  options: { 1: { play: one } }", "script: [{ hear: m, wait: 4s, press: 1 }, { hear: one }]\nexpect: { took: 4s }",
		},
		"digits": {
			"- read: m\n  digits: 3-5\n  as: typed\n- log: ${typed.digits}", "script: [{ hear: m, press: \"0123#\" }, { log: \"0123\" }]",
		},
		"too few digits": {
			"- read: m\n  digits: 3\n  timeout: 4s\n  on: { invalid: { log: few } }", "script: [{ hear: m, press: 12 }, { log: few }]\nexpect: { took: 4.25s }",
		},
		"a missing sound": {
			"- play: a\n  on: { missing: { log: gone } }", "given: { missing: [a] }\nscript: { log: gone }",
		},
		"an answered call": {
			"- dial: [PJSIP/1, PJSIP/2]\n  as: d\n- log: ${d.answered} ${d.peer}",
			"script: [{ dial: [PJSIP/1, PJSIP/2], answer: 3s, talk: 1m, peer: PJSIP/2-7 }, { log: 1m PJSIP/2-7 }]\nexpect: { took: 1m3s }",
		},
		"who was called hangs up": {
			"- dial: PJSIP/1\n- play: bye", "script: [{ dial: PJSIP/1, answer: 3s }, { hangup: peer, after: 5s }, { hear: bye }]\nexpect: { took: 8s }",
		},
		"nobody answers": {
			"- dial: PJSIP/1\n  timeout: 7s\n  on: { no_answer: { play: sorry } }", "script: [{ dial: PJSIP/1, with: { timeout: 7s } }, { hear: sorry }]\nexpect: { took: 7s }",
		},
		"an answer that comes too late": {
			"- dial: PJSIP/1\n  timeout: 7s\n  on: { no_answer: { play: sorry } }", "script: [{ dial: PJSIP/1, answer: 10s }, { hear: sorry }]\nexpect: { took: 7s }",
		},
		"busy": {
			"- dial: PJSIP/1\n  on: { busy: { play: sorry } }", "script: [{ dial: PJSIP/1, ends: busy }, { hear: sorry }]",
		},
		"busy in general": {
			"- dial: PJSIP/1\n  on: { busy: { play: sorry } }", "given: { dial: { PJSIP/*: busy } }\nscript: [{ dial: PJSIP/1 }, { hear: sorry }]",
		},
		"an agent": {
			"- queue: support\n  music: calm\n  as: q\n- log: ${q.agent}",
			"script: [{ queue: support, with: { music: calm }, answer: 3s, talk: 1m, peer: PJSIP/7 }, { log: PJSIP/7 }]",
		},
		"a full queue": {"- queue: support\n  on: { full: { play: sorry } }", "script: [{ queue: support, ends: full }, { hear: sorry }]"},
		"the caller hangs up in a queue": {
			"steps: { queue: support }\non_hangup: { log: gone }", "script: [queue, { hangup: caller, after: 20s }, { log: gone }]\nexpect: { ended: by caller, took: 20s, status: HANGUP }",
		},
		"the caller hangs up at once": {"- play: a", "script: { hangup: caller }\nexpect: { ended: by caller }"},
		"the caller hangs up in a sound": {
			"- play: a\n- play: b", "given: { sounds: { a: 5s } }\nscript: { hear: a, hangup: 2s }\nexpect: { ended: by caller, took: 2s }",
		},
		"the caller hangs up while a web server is asked": {
			"- http: https://x.example/\n- play: b",
			"given: { http: { \"*\": { status: 200, after: 5s } } }\nscript: { hangup: caller, after: 2s }\nexpect: { ended: by caller, took: 2s }",
		},
		"the flow hangs up": {"- hangup", "script: { hangup: flow }\nexpect: { ended: by flow }"},
		"web servers": {
			"- http: https://x.example/1\n  as: a\n- http: https://x.example/2\n  as: b\n- log: ${a.json.n} ${b.body}",
			"given: { http: { \"*/1\": { json: { n: 3 } }, \"*/2\": { status: 202, body: text, after: 3s } } }\nscript: [{ http: \"*/1\", with: { method: GET } }, { log: 3 text }]\nexpect: { took: 3s }",
		},
		"web servers at the same time": {
			"- parallel: [{ http: https://x.example/1 }, { http: https://x.example/2 }]",
			"given: { http: { \"*/1\": { status: 200, after: 3s }, \"*/2\": { status: 200, after: 5s } } }\nexpect: { took: 5s }",
		},
		"a web server that does not answer beside one that fails": {
			"- parallel: [{ http: https://x.example/1 }, { http: https://x.example/2 }]\n  on_error: continue",
			"given: { http: { \"*/1\": timeout, \"*/2\": { status: 500, after: 4s } } }\nexpect: { took: 4s, errors: [http.status_5xx] }",
		},
		"retries": {
			"- http: https://x.example/\n  on_error: { retry: { times: 2, delay: 10s } }", "given: { http: { \"*\": failed } }\nexpect: { took: 20s, ended: in error, errors: [http.failed] }",
		},
		"a step's timeout": {
			"- play: a\n  timeout: 3s\n  on_error: continue\n- play: b", "given: { sounds: { a: 1m } }\nscript: [{ hear: a }, { hear: b }]\nexpect: { took: 3s, errors: [timeout] }",
		},
		"a timeout around what cannot be stopped": {
			"- if: call.dialed == \"100\"\n  timeout: 3s\n  then: { dial: PJSIP/1 }\n  on_error: continue\n- log: on\n- play: b",
			"script: [{ dial: PJSIP/1, answer: 1s, talk: 9s }, { log: on }, { hear: b }]\nexpect: { took: 10s, errors: [timeout] }",
		},
		"notices": {"- notify: ops\n  text: hello ${call.caller.num}", "caller: \"12\"\nscript: { notify: ops, text: \"hello *\" }"},
		"a notice that is refused": {
			"- notify: ops\n  text: hello\n  on_error: continue", "given: { notify: { ops: failed } }\nscript: { notify: ops }\nexpect: { errors: [notify.failed] }",
		},
		"hours":            {"- play: closed\n  when: not hours.office.open", "at: 2026-11-23T11:59:00Z"},
		"closed":           {"- play: closed\n  when: not hours.office.open", "at: 2026-11-23T12:00:00Z\nscript: { hear: closed }"},
		"queues":           {"- log: ${queues.support.waiting}", "given: { queues: { support: { waiting: 3 } } }\nscript: { log: \"3\" }"},
		"params":           {"params: { n: int }\nreturns: { m: int }\nsteps: { return: { m: \"${n + 1}\" } }", "params: { n: 3 }\nexpect: { status: RETURN, result: 4 }"},
		"a call":           {"- log: ${call.caller.num} ${call.caller.name} ${call.dialed} ${call.args[0]}", "caller: { num: 1, name: Ann }\ndialed: 2\nargs: [x]\nscript: { log: 1 Ann 2 x }"},
		"keys at any time": {"- menu: m\n  options: { 1: { play: one } }", "script: [hear: m, { press: 1, after: 3s }, { hear: one }]\nexpect: { took: 3s }"},
		"silence":          {"- menu: m\n  tries: 1\n  options: { 1: { play: one } }\n  give_up: { play: bye }", "script: [hear: m, silence: 5s, hear: bye]"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := text(t, oneFlow(test.flow), oneTest(test.test), flowtest.Options{Chaos: true}); got != passed {
				t.Errorf("got:\n%s", got)
			}
		})
	}
}

// TestVerbsInScripts has the verbs whose names scripts know.
func TestVerbsInScripts(t *testing.T) {
	const app = "queues: { support: {} }\npeople: { meier: { pin: \"${env.PIN_MEIER}\", can: [listen], over: [support] } }\n"
	for name, test := range map[string]struct{ flow, test string }{
		"say":    {"- say: 42\n  type: number\n- say: 14:30\n  type: time", "script: [{ say: 42, type: number }, { say: \"14:30\" }]"},
		"tone":   {"- tone: busy\n  for: 3s", "script: { tone: busy }\nexpect: { took: 3s }"},
		"music":  {"- music: calm\n- music: off", "script: [{ music: calm }, { music: off }]"},
		"record": {"- record: m\n  as: r\n- log: ${r.reason} ${r.duration} ${r.key}", "script: [{ record: m, press: \"#\", after: 7s }, { log: \"ok 7s #\" }]"},
		"record, and the caller hangs up": {
			"- record: m\n  on: { hangup: { log: kept } }", "script: [{ record: m, hangup: 7s }, { log: kept }]\nexpect: { ended: by caller }",
		},
		"transport keys": {
			"- play: a\n  keys: { pause: \"5\", forward: \"6\", stop: \"#\" }\n  skip: 5s\n  as: heard\n- log: ${heard.position}",
			"given: { sounds: { a: 1m } }\nscript: [{ hear: a, press: { 10s: 6, 13s: 5, 73s: 5, 75s: \"#\" } }, { log: 20s }]\nexpect: { took: 1m15s }",
		},
		"conference":                 {"- conference: room\n  on: { kicked: { log: out } }", "script: [{ conference: room, ends: kicked, talk: 1m }, { log: out }]\nexpect: { took: 1m }"},
		"voicemail":                  {"- voicemail: 100", "script: { voicemail: 100, talk: 20s }\nexpect: { took: 20s }"},
		"transfer":                   {"- transfer: PJSIP/200", "script: { transfer: PJSIP/200 }\nexpect: { ended: by flow }"},
		"a transfer that is refused": {"- transfer: PJSIP/200\n  on: { failed: { log: stays } }", "script: [{ transfer: PJSIP/200, ends: failed }, { log: stays }]"},
		"pickup":                     {"- pickup: 200@internal\n  on: { nothing: { log: none } }", "script: { pickup: 200@internal }\nexpect: { ended: by flow }"},
		"no pickup":                  {"- pickup: 200@internal\n  on: { nothing: { log: none } }", "script: [{ pickup: 200@internal, ends: nothing }, { log: none }]"},
		"park":                       {"- park:\n- log: back", "script: [{ park, ends: retrieved, talk: 1m }, { log: back }]"},
		"page":                       {"- page: [PJSIP/1, PJSIP/2]", "script: [page, { hangup: caller, after: 1m }]\nexpect: { ended: by caller }"},
		"busy":                       {"- busy", "script: busy\nexpect: { ended: by flow }"},
		"wait":                       {"- ring: 3s\n- wait: 5s\n- play: a", "script: [ring, { silence: 8s }, { hear: a }]\nexpect: { took: 8s }"},
		"dialplan":                   {"- dialplan: internal,200", "script: { dialplan: \"internal,200,1\" }\nexpect: { ended: in dialplan }"},
		"login": {
			"- login: enter-pin\n  as: me\n  tries: 2\n  on: { denied: hangup }\n- log: ${me.name}",
			"script: [{ hear: enter-pin, press: \"111111#\" }, { hear: enter-pin, press: \"482915#\" }, { log: meier }]",
		},
		"originate": {"- originate: PJSIP/1\n  context: internal\n  on: { else: { log: nobody } }", "script: { originate: PJSIP/1, with: { Context: internal } }"},
		"originate, and nobody answers": {
			"- originate: PJSIP/1\n  context: internal\n  on: { no_answer: { log: nobody } }",
			"given: { ami: { Originate: { fields: { Reason: 3 }, after: 20s } } }\nscript: [{ originate: PJSIP/1 }, { log: nobody }]\nexpect: { took: 20s }",
		},
		"mute":      {"- mute: PJSIP/1-2\n  on: { else: { log: gone } }", "given: { ami: { MuteAudio: { error: No such channel } } }\nscript: [{ mute: PJSIP/1-2 }, { log: gone }]"},
		"queue_add": {"- queue_add: PJSIP/1\n  queue: support", "script: { queue_add: PJSIP/1, with: { Queue: support } }"},
	} {
		t.Run(name, func(t *testing.T) {
			files := folder(app+"flows:\n  main:\n"+indent(test.flow, "    ")+"\n", "env: { PIN_MEIER: \"482915\" }\n"+oneTest(test.test))
			files["pbxflow.yaml"] = &fstest.MapFile{Data: []byte("asterisk: { pbx1: { address: \"127.0.0.1:5038\", username: u, secret: \"${env.S}\" } }")}
			if got := textOf(t, files, flowtest.Options{Chaos: true}); got != passed {
				t.Errorf("got:\n%s", got)
			}
		})
	}
}

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
		{"something else", "- play: a\n- play: b\n- play: c", "script: [{ hear: a }, { hear: x }, { hear: c, wait: 2s }]", `
FAILED app/app.test.yaml:2:3: t
    what happened is not what the script says:
        hear: a            app.test.yaml:4:16  app.yaml:6:7
      - hear: x            app.test.yaml:4:29
      + hear: b                                app.yaml:7:7
        hear: c, wait: 2s  app.test.yaml:4:42  app.yaml:8:7

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
    expect errors: x, and there were none

app: 0 passed, 1 failed
`},
		{"no answer", "- http: https://x.example/\n  on_error: continue", "expect: { errors: [http.failed] }", `
FAILED app/app.test.yaml:2:3: t
    the flow asks https://x.example/ and the test does not say what it answers: write given: { http: { "https://x.example/": { status: 200, json: {} } } }

app: 0 passed, 1 failed
`},
		{"no end", "- queue: support", "script: { queue: support }", `
FAILED app/app.test.yaml:2:3: t
    nothing ends the queue at 0s: write answer: 10s, or ends: and an outcome, or hangup: caller below

app: 0 passed, 1 failed
`},
		{"no time", "- log: open\n  when: hours.office.open", "", `
FAILED app/app.test.yaml:2:3: t
    the flow reads the calendar: write when the call begins, such as at: 2026-11-23T10:00:00+01:00

app: 0 passed, 1 failed
`},
		{"an error that is not expected", "- play: a", "given: { missing: [a] }", `
FAILED app/app.test.yaml:2:3: t
    expect errors: none, and there were play.missing
        app.yaml:6:7 play.missing: asterisk cannot play the sound: there is no such file

app: 0 passed, 1 failed
`},
		{"rules", "- play: a", "rules: [r]", `
NOT RUN app/app.test.yaml:2:3: t
    tests of rules (rules, timeline, replay) cannot be run yet: only flows are tested

app: 0 passed, 1 not run
`},
		{"mistakes", "- play: a", "at: tomorrow\nscrip: []\nscript: [{ hera: a }, { hear: a, pres: 1 }, { queue: x, ends: gone }, { hangup: nobody }]\nexpect: { ended: by fow }\nparams: { n: 1 }", `
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
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n"), text(t, oneFlow(test.flow), oneTest(test.test), flowtest.Options{})); diff != "" {
				t.Errorf("output differs (-want +got):\n%s", diff)
			}
		})
	}
}

// TestUpdate rewrites scripts; what has happened stays as it was written.
func TestUpdate(t *testing.T) {
	tests := oneTest(`
		script:   # of the call
		  # first
		  - hear: a
		  - hear: x       # no more
		  - hear: c
		    press: 1
		  - hear: d       # it stays
		    wait: 3s

		expect: { ended: in dialplan }   # of course`) + `
  without a script:
    flow: main
    expect: { ended: in dialplan }
`
	app := oneFlow("- play: [a, b]\n- play: c\n- play: d\n- dial: PJSIP/1\n  timeout: 5s\n  on: { else: { log: nobody } }")
	want := strings.Replace(oneTest(`
		script:   # of the call
		  # first
		  - hear: a
		  - hear: b
		  - hear: c
		    press: 1
		  - { hear: d, wait: 0s }
		  - dial: PJSIP/1

		expect: { ended: in dialplan }   # of course`)+`
  without a script:
    flow: main
    script:
      - hear: a
      - hear: b
      - hear: c
      - hear: d
      - dial: PJSIP/1
    expect: { ended: in dialplan }
`, "", "", 1)
	report, err := flowtest.Test(folder(app, tests), flowtest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := report.Update()["app.test.yaml"]
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the file differs (-want +got):\n%s", diff)
	}
	if got := text(t, app, got, flowtest.Options{}); got != "app: 2 passed\n" {
		t.Errorf("after the update:\n%s", got)
	}
}

func TestRunSelects(t *testing.T) {
	tests := oneTest("script: { hear: a }") + "  other:\n    flow: main\n"
	if got := text(t, oneFlow("- play: a"), tests, flowtest.Options{Run: regexp.MustCompile("^t$")}); got != passed {
		t.Errorf("got:\n%s", got)
	}
}

func TestCoverage(t *testing.T) {
	report, err := flowtest.Test(folder(oneFlow("- play: a\n- queue: support\n  on: { full: { play: b }, else: hangup }"),
		oneTest("script: [{ hear: a }, { queue: support, ends: full }, { hear: b }]")), flowtest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if _, err := report.Coverage.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	want := `3 of 4 steps ran, 3 of 13 outcomes happened
  app.yaml:6:7: play of flow main never ended in stopped or missing
  app.yaml:7:7: queue of flow main never ended in completed, timeout, no_agents, left, withdrawn or unknown
  app.yaml:8:21: play of flow main never ended in stopped or missing
  app.yaml:8:38: hangup of flow main never ran
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("coverage differs (-want +got):\n%s", diff)
	}
}

// BenchmarkTests runs 1,000 small tests.
func BenchmarkTests(b *testing.B) {
	app := oneFlow(`
		- answer
		- http: https://x.example/
		  as: crm
		- menu: m
		  options:
		    1: { queue: support }
		  no_input: { play: again }
		- hangup`)
	var tests strings.Builder
	tests.WriteString("tests:\n")
	for i := range 1000 {
		fmt.Fprintf(&tests, "  test %d:\n    flow: main\n    given: { http: { \"*\": { json: { vip: true } } } }\n"+
			"    script: [{ hear: m, wait: 5s }, { hear: again }, { hear: m, press: 1 }, { queue: support, answer: 12s, talk: 3m }]\n"+
			"    expect: { ended: by flow }\n", i)
	}
	for b.Loop() {
		if got := text(b, app, tests.String(), flowtest.Options{}); got != "app: 1000 passed\n" {
			b.Fatal(got[:min(len(got), 2000)])
		}
	}
}
