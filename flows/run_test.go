package flows_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/flows"
)

func TestErrors(t *testing.T) {
	sorry := "\n> STREAM FILE \"sorry\" \"\"\n< 200 result=0 endpos=1"
	runAll(t, []conversation{
		{
			name: "built-in handler", flow: `
			- play: a
			- log: not reached`,
			asterisk: missing("a") + sorry,
			status:   "ERROR play.missing",
			want:     "play: play.missing: " + missingText + "\nsorry\nERROR by error",
		},
		{
			name: "the sorry sound is missing too", flow: `- play: a`,
			asterisk: missing("a") + missing("sorry"),
			status:   "ERROR play.missing",
			want:     "play: play.missing: " + missingText + "\nsorry: agi: STREAM FILE: 200 result=-1 endpos=0\nERROR by error",
		},
		{
			name: "on_error", flow: `
			steps:
			  - if: call.dialed == "100"
			    then: { play: a }
			  - log: not reached
			on_error: { log: "${error.id} at ${error.at}: ${error.message}" }`,
			asterisk: missing("a"),
			want: `
				if: play.missing: ` + missingText + `
				  play: play.missing: ` + missingText + `
				log play.missing at app.yaml:8:17: ` + missingText + `
				DONE by dialplan`,
		},
		{
			name: "on_error fails itself", flow: `
			steps: { play: a }
			on_error: { play: b }`,
			asterisk: missing("a") + missing("b") + sorry,
			status:   "ERROR play.missing",
			want:     "play: play.missing: " + missingText + "\nplay: play.missing: " + missingText + "\nsorry\nERROR by error",
		},
		{
			name: "on_error goes elsewhere", flow: `
			steps: { play: a }
			on_error: { goto: other }`,
			more:     `other: { log: here }`,
			asterisk: missing("a"),
			want:     "play: play.missing: " + missingText + "\ngoto (goes on in flow other)\nlog here\nDONE by dialplan",
		},
		{
			name: "a cycle ends", flow: `
			steps: { goto: main }
			on_error: { log: "${error.id}: ${error.message}" }
			finally: { log: finally }`,
			want: cycle("log limit: more than 10000 steps: the flow runs in circles\n", "DONE by dialplan"),
		},
		{
			name: "a cycle whose on_error goes round as well ends", flow: `
			steps: { goto: main }
			on_error: { goto: main }`,
			asterisk: sorry,
			status:   "ERROR limit",
			want:     strings.Repeat("goto (goes on in flow main)\n", 1000) + "ERROR by error",
		},
		{
			name: "Asterisk refuses a command", flow: `- answer`,
			asterisk: "> ANSWER\n< 510 Invalid or unknown command" + sorry,
			status:   "ERROR agi",
			want:     "answer: agi: agi: ANSWER: 510 Invalid or unknown command\nsorry\nERROR by error",
		},
		{
			name: "a panic", flow: `
			- crash:
			  on_error: { log: "${error.id}: ${error.message}" }`,
			verbs: []flows.Verb{crashVerb},
			want:  "crash: panic: crash panicked: oh (on_error)\n  log panic: crash panicked: oh\nDONE by dialplan",
		},
	})
}

// cycle is the summary of a flow that went round until it was stopped: only the
// first thousand steps are kept.
func cycle(_, end string) string {
	return strings.Repeat("goto (goes on in flow main)\nlog finally\n", 500) + end
}

func TestHandlersAfterTheCall(t *testing.T) {
	const flow = `
		steps:
		  - play: a
		  - log: not reached
		on_error: { log: not an error }
		on_hangup: { log: "hung up after ${call.duration}" }
		finally: { log: finally }`
	const hungUp = "log hung up after 3s\nlog finally\nHANGUP by caller"
	runAll(t, []conversation{
		{
			name: "the end", flow: flow, asterisk: "> STREAM FILE \"a\" \"\"\n< 200 result=0 endpos=1",
			want: "play\nlog not reached\nlog finally\nDONE by dialplan",
		},
		{
			name: "an error", flow: flow, asterisk: missing("a"),
			want: "play: play.missing: " + missingText + "\nlog not an error\nlog finally\nDONE by dialplan",
		},
		{
			name: "hangup in a prompt", flow: flow, asterisk: `
				> STREAM FILE "a" ""
				. 3s
				< 200 result=-1 endpos=10
				! hangup`,
			status: "HANGUP", want: "play: agi: the call was hung up\n" + hungUp,
		},
		{
			name: "hangup just before a prompt", flow: flow, asterisk: `
				> STREAM FILE "a" ""
				< 511 Command Not Permitted on a dead channel or intercept routine
				! hangup`,
			status: "HANGUP", want: "play: agi: the call was hung up\n" + strings.Replace(hungUp, "3s", "0s", 1),
		},
		{
			name: "hangup in a queue", flow: strings.Replace(flow, "play: a", "queue: support", 1), asterisk: queued("support,c") + `
				. 3s
				< 200 result=-1
				! hangup`,
			status: "HANGUP", want: "queue: agi: the call was hung up\n" + hungUp,
		},
		{
			name: "hangup during http", flow: strings.Replace(flow, "play: a", "http: https://slow.example/", 1), asterisk: `
				. 3s
				! hangup`,
			http:   hang,
			status: "HANGUP", want: "http: agi: the call was hung up\n" + hungUp,
		},
		{
			name: "hangup by the flow", flow: strings.Replace(flow, "play: a", "hangup", 1), asterisk: `
				> HANGUP
				< 200 result=1
				! hangup`,
			status: "HANGUP", want: "hangup (hung up by the flow)\nlog finally\nHANGUP by flow",
		},
		{
			name: "goto", flow: strings.Replace(flow, "play: a", "goto: other", 1),
			more: "other: { steps: { log: other }, finally: { log: other's end } }",
			want: "goto (goes on in flow other)\nlog finally\nlog other\nlog other's end\nDONE by dialplan",
		},
		{
			name: "handlers have five seconds", flow: `
			steps: { play: a }
			on_hangup: [{ http: https://slow.example/ }, { log: not reached }]
			finally: { log: not reached either }`,
			asterisk: `
				> STREAM FILE "a" ""
				< 200 result=-1 endpos=10
				! hangup
				. 5s`,
			http:   hang,
			status: "HANGUP",
			want:   "play: agi: the call was hung up\nhttp: context deadline exceeded\nHANGUP by caller",
		},
		{
			name: "a failing handler changes nothing", flow: `
			steps: { log: works }
			finally: [{ crash: , on_error: continue }, { log: on }, crash, { log: not reached }]`,
			verbs: []flows.Verb{crashVerb},
			want:  "log works\ncrash: panic: crash panicked: oh (on_error: continue)\nlog on\ncrash: panic: crash panicked: oh\nDONE by dialplan",
		},
	})
}

func TestTimes(t *testing.T) {
	c := conversation{
		flow: `
		steps: [{ play: a }]
		finally: { http: https://slow.example/, on_error: continue }`,
		asterisk: "> STREAM FILE \"a\" \"\"\n. 2s\n< 200 result=0 endpos=1\n. 5s",
		http:     hang,
		want:     "play\nhttp: context deadline exceeded\nDONE by dialplan",
	}
	if trace := c.run(t); trace.Took != 7*time.Second {
		t.Errorf("the call took %v, want 2 s and the 5 s of finally", trace.Took)
	}
}
