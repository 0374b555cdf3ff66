package flowtest_test

import (
	"testing"

	"github.com/pbxflow/pbxflow/flows/flowtest"
)

// TestPass has all that a script can say, each with the steps that do it.
func TestPass(t *testing.T) {
	schema := compileSchema(t)
	for name, test := range map[string]struct{ flow, test string }{
		"sounds": {
			"- play: [a, b]\n- play: c", "script: [{ hear: [a, b] }, { hear: c }]\nexpect: { ended: in dialplan, took: 0s, status: DONE }",
		},
		"sounds with something silent between them": {
			"- play: a\n- log: between\n- play: b", "script: [{ hear: [a, b] }]",
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
		"a request that is sent again": {
			"- http: https://x.example/\n  retry: { times: 2, delay: 2s }\n  as: r\n- log: ${r.json.n}",
			"given: { http: { \"*\": [failed, 503, { json: { n: 3 } }] } }\nscript: { log: \"3\" }\nexpect: { took: 4s }",
		},
		"a step's timeout": {
			"- play: a\n  timeout: 3s\n  on_error: continue\n- play: b", "given: { sounds: { a: 1m } }\nscript: [{ hear: a }, { hear: b }]\nexpect: { took: 3s, errors: [timeout] }",
		},
		"a timeout around what cannot be stopped": {
			"- if: call.dialed == \"100\"\n  timeout: 3s\n  then: { dial: PJSIP/1 }\n  on_error: continue\n- log: on\n- play: b",
			"script: [{ dial: PJSIP/1, answer: 1s, talk: 9s }, { log: on }, { hear: b }]\nexpect: { took: 10s, errors: [timeout] }",
		},
		"notices": {"- notify: ops\n  text: hello ${call.caller.num}", "caller: \"12\"\nscript: { notify: ops, text: \"hello *\" }"},
		"a notice that is lost, which no flow hears of": {
			"- notify: ops\n  text: hello\n- log: on", "given: { notify: { ops: failed } }\nscript: [{ notify: ops }, { log: on }]",
		},
		"a notice to a phone": {
			"- notify: on-call\n  text: help\n  wait: true\n  as: n\n  on: { acknowledged: { log: \"${n.by}\" } }",
			"script: [{ notify: on-call, text: help }, { log: PJSIP/101 }]",
		},
		"a notice that nobody acknowledges": {
			"- notify: on-call\n  text: help\n  wait: true\n  on: { unacknowledged: { play: nobody } }",
			"given: { notify: { on-call: unacknowledged } }\nscript: [{ notify: on-call }, { hear: nobody }]",
		},
		"a notice that nobody can be called for": {
			"- notify: on-call\n  text: help\n  wait: true\n  on_error: continue",
			"given: { notify: { on-call: failed } }\nscript: { notify: on-call }\nexpect: { errors: [notify.failed] }",
		},
		"a notice to a phone that is not waited for": {
			"- notify: on-call\n  text: help\n- play: on", "given: { notify: { on-call: unacknowledged } }\nscript: [{ notify: on-call }, { hear: on }]",
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
			checkSchema(t, schema, oneTest(test.test))
			if got := text(t, oneFlow(test.flow), oneTest(test.test), flowtest.Options{Chaos: true}); got != passed {
				t.Errorf("got:\n%s", got)
			}
		})
	}
}
