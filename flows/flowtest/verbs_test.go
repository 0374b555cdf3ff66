package flowtest_test

import (
	"testing"
	"testing/fstest"

	"github.com/pbxflow/pbxflow/flows/flowtest"
)

// TestVerbsInScripts has the verbs whose names scripts know.
func TestVerbsInScripts(t *testing.T) {
	schema := compileSchema(t)
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
			checkSchema(t, schema, oneTest(test.test))
			files := folder(app+"flows:\n  main:\n"+indent(test.flow, "    ")+"\n", "env: { PIN_MEIER: \"482915\" }\n"+oneTest(test.test))
			files["pbxflow.yaml"] = &fstest.MapFile{Data: []byte("asterisk: { pbx1: { address: \"127.0.0.1:5038\", username: u, secret: \"${env.S}\" } }")}
			if got := textOf(t, files, flowtest.Options{Chaos: true}); got != passed {
				t.Errorf("got:\n%s", got)
			}
		})
	}
}
