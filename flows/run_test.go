package flows_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/agi/agitest"
	"github.com/pbxflow/pbxflow/flows"
)

// conversation is a call that a scripted Asterisk plays to a flow.
type conversation struct {
	name string
	// flow is the flow main, in YAML.
	flow string
	// more are further flows, and top further keys at the top of the file.
	more, top string
	// asterisk is the transcript, without the end where the dialplan is told.
	asterisk string
	// want is the trace's summary.
	want string
	// status is what the dialplan is told: FLOWSTATUS and FLOWERROR. Empty: DONE.
	status string

	verbs []flows.Verb
	http  http.Handler
}

const named = `
queues: { support: {} }
notify: { ops: { webhook: "https://hooks.example/ops" } }
`

// run plays the call in a bubble of its own and returns the trace.
func (c conversation) run(t *testing.T) (trace *flows.Trace) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		t.Helper()
		a := load(t, named+c.top+"flows:\n  main:\n    "+strings.ReplaceAll(lines(c.flow), "\n", "\n    ")+"\n"+c.indented(), c.verbs...)
		if _, err := a.Resolve(nil); err != nil {
			t.Fatal(err)
		}
		a.Program.Sorry = "sorry"
		engine := &flows.Engine{
			Program: func() *flows.Program { return a.Program },
			OnTrace: func(done *flows.Trace) { trace = done },
			HTTP:    clientOf(c.http),
		}
		agitest.Run(t, engine, "env agi_request: agi://127.0.0.1/main\n"+c.asterisk+c.told())
		if trace == nil {
			t.Fatal("the engine gave no trace")
		}
		if diff := cmp.Diff(lines(c.want), summary(trace)); diff != "" {
			t.Errorf("trace differs (-want +got):\n%s", diff)
		}
	})
	return trace
}

// indented is more, as further flows.
func (c conversation) indented() string {
	if c.more == "" {
		return ""
	}
	return "  " + strings.ReplaceAll(lines(c.more), "\n", "\n  ")
}

// told is the end of the transcript.
func (c conversation) told() string {
	status, id, _ := strings.Cut(c.status, " ")
	if status == "" {
		status = "DONE"
	}
	return "\n> SET VARIABLE \"FLOWSTATUS\" \"" + status + "\"\n< 200 result=1\n" +
		"> SET VARIABLE \"FLOWERROR\" \"" + id + "\"\n< 200 result=1\n"
}

func runAll(t *testing.T, tests []conversation) {
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) { c.run(t) })
	}
}

func TestModifiers(t *testing.T) {
	runAll(t, []conversation{
		{name: "when", flow: `
			- log: yes
			  when: call.caller.num == "5550100"
			- log: no
			  when: call.caller.num == ""`,
			want: "log yes\nlog skipped: call.caller.num == \"\" is false\nDONE by dialplan"},
		{name: "when fails", flow: `
			- play: a
			  as: heard
			  when: call.caller.num == ""
			- log: no
			  when: heard.key == "1"`,
			asterisk: "> STREAM FILE \"sorry\" \"\"\n< 200 result=0 endpos=1",
			status:   "ERROR expression",
			want: `
				play skipped: call.caller.num == "" is false
				log: expression: app.yaml:10:13: heard.key == "1": "key" of nothing: the value before it was not set on this path
				sorry
				ERROR by error`},
		{name: "on", flow: `
			- play: a
			  on: { missing: { log: gone } }`,
			asterisk: missing("a"),
			want:     "play → missing (on)\n  log gone\nDONE by dialplan"},
		{name: "else takes failures only", flow: `
			- play: a
			  interrupt: "1"
			  on: { else: { log: bad } }
			- play: b
			  on: { else: { log: bad } }`,
			asterisk: "> STREAM FILE \"a\" \"1\"\n< 200 result=49 endpos=1" + missing("b"),
			want:     "play → stopped\nplay → missing (on)\n  log bad\nDONE by dialplan"},
		{name: "continue", flow: `
			- play: a
			  on_error: continue
			- log: on`,
			asterisk: missing("a"),
			want:     "play: play.missing: asterisk cannot play the sound: there is no such file (on_error: continue)\nlog on\nDONE by dialplan"},
		{name: "steps that know the error", flow: `
			- play: a
			  on_error: { log: "${error.id} at ${error.at}: ${error.message}" }`,
			asterisk: missing("a"),
			want: `
				play: play.missing: asterisk cannot play the sound: there is no such file (on_error)
				  log play.missing at app.yaml:6:7: asterisk cannot play the sound: there is no such file
				DONE by dialplan`},
		{name: "retry succeeds", flow: `
			- play: a
			  on_error: { retry: { times: 2, delay: 3s } }`,
			asterisk: missing("a") + missing("a") + "\n> STREAM FILE \"a\" \"\"\n< 200 result=0 endpos=1",
			want:     "play\nDONE by dialplan"},
		{name: "retries are used up", flow: `
			steps:
			  - play: a
			    on_error: { retry: { times: 1, delay: 1s } }
			on_error: { log: "${error.id}" }`,
			asterisk: missing("a") + missing("a"),
			want:     "play: play.missing: asterisk cannot play the sound: there is no such file\nlog play.missing\nDONE by dialplan"},
		{name: "timeout stops a prompt", flow: `
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
				DONE by dialplan`},
		{name: "timeout bounds nested steps", flow: `
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
				DONE by dialplan`},
		{name: "a result of a nested step stays its own", flow: `
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
				DONE by dialplan`},
	})
}

// missing is the conversation about a sound that does not exist.
func missing(sound string) string {
	return "\n> STREAM FILE \"" + sound + "\" \"\"\n< 200 result=-1 endpos=0\n> CHANNEL STATUS\n< 200 result=6\n"
}

const missingText = "asterisk cannot play the sound: there is no such file"

func TestErrors(t *testing.T) {
	sorry := "\n> STREAM FILE \"sorry\" \"\"\n< 200 result=0 endpos=1"
	runAll(t, []conversation{
		{name: "built-in handler", flow: `
			- play: a
			- log: not reached`,
			asterisk: missing("a") + sorry,
			status:   "ERROR play.missing",
			want:     "play: play.missing: " + missingText + "\nsorry\nERROR by error"},
		{name: "the sorry sound is missing too", flow: `- play: a`,
			asterisk: missing("a") + missing("sorry"),
			status:   "ERROR play.missing",
			want:     "play: play.missing: " + missingText + "\nsorry: agi: STREAM FILE: 200 result=-1 endpos=0\nERROR by error"},
		{name: "on_error", flow: `
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
				DONE by dialplan`},
		{name: "on_error fails itself", flow: `
			steps: { play: a }
			on_error: { play: b }`,
			asterisk: missing("a") + missing("b") + sorry,
			status:   "ERROR play.missing",
			want:     "play: play.missing: " + missingText + "\nplay: play.missing: " + missingText + "\nsorry\nERROR by error"},
		{name: "on_error goes elsewhere", flow: `
			steps: { play: a }
			on_error: { goto: other }`,
			more:     `other: { log: here }`,
			asterisk: missing("a"),
			want:     "play: play.missing: " + missingText + "\ngoto (goes on in flow other)\nlog here\nDONE by dialplan"},
		{name: "a cycle ends", flow: `
			steps: { goto: main }
			on_error: { log: "${error.id}: ${error.message}" }
			finally: { log: finally }`,
			want: cycle("log limit: more than 10000 steps: the flow runs in circles\n", "DONE by dialplan")},
		{name: "a cycle whose on_error goes round as well ends", flow: `
			steps: { goto: main }
			on_error: { goto: main }`,
			asterisk: sorry,
			status:   "ERROR limit",
			want:     strings.Repeat("goto (goes on in flow main)\n", 1000) + "ERROR by error"},
		{name: "Asterisk refuses a command", flow: `- answer`,
			asterisk: "> ANSWER\n< 510 Invalid or unknown command" + sorry,
			status:   "ERROR agi",
			want:     "answer: agi: agi: ANSWER: 510 Invalid or unknown command\nsorry\nERROR by error"},
		{name: "a panic", flow: `
			- crash:
			  on_error: { log: "${error.id}: ${error.message}" }`,
			verbs: []flows.Verb{crashVerb},
			want:  "crash: panic: crash panicked: oh (on_error)\n  log panic: crash panicked: oh\nDONE by dialplan"},
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
		{name: "the end", flow: flow, asterisk: "> STREAM FILE \"a\" \"\"\n< 200 result=0 endpos=1",
			want: "play\nlog not reached\nlog finally\nDONE by dialplan"},
		{name: "an error", flow: flow, asterisk: missing("a"),
			want: "play: play.missing: " + missingText + "\nlog not an error\nlog finally\nDONE by dialplan"},
		{name: "hangup in a prompt", flow: flow, asterisk: `
				> STREAM FILE "a" ""
				. 3s
				< 200 result=-1 endpos=10
				! hangup`,
			status: "HANGUP", want: "play: agi: the call was hung up\n" + hungUp},
		{name: "hangup in a queue", flow: strings.Replace(flow, "play: a", "queue: support", 1), asterisk: queued("support,c") + `
				. 3s
				< 200 result=-1
				! hangup`,
			status: "HANGUP", want: "queue: agi: the call was hung up\n" + hungUp},
		{name: "hangup during http", flow: strings.Replace(flow, "play: a", "http: https://slow.example/", 1), asterisk: `
				. 3s
				! hangup`,
			http:   hang,
			status: "HANGUP", want: "http: agi: the call was hung up\n" + hungUp},
		{name: "hangup by the flow", flow: strings.Replace(flow, "play: a", "hangup", 1), asterisk: `
				> HANGUP
				< 200 result=1
				! hangup`,
			status: "HANGUP", want: "hangup (hung up by the flow)\nlog finally\nHANGUP by flow"},
		{name: "goto", flow: strings.Replace(flow, "play: a", "goto: other", 1),
			more: "other: { steps: { log: other }, finally: { log: other's end } }",
			want: "goto (goes on in flow other)\nlog finally\nlog other\nlog other's end\nDONE by dialplan"},
		{name: "handlers have five seconds", flow: `
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
			want:   "play: agi: the call was hung up\nhttp: context deadline exceeded\nHANGUP by caller"},
		{name: "a failing handler changes nothing", flow: `
			steps: { log: works }
			finally: [{ crash: , on_error: continue }, { log: on }, crash, { log: not reached }]`,
			verbs: []flows.Verb{crashVerb},
			want:  "log works\ncrash: panic: crash panicked: oh (on_error: continue)\nlog on\ncrash: panic: crash panicked: oh\nDONE by dialplan"},
	})
}

func TestTimes(t *testing.T) {
	c := conversation{flow: `
		steps: [{ play: a }]
		finally: { http: https://slow.example/, on_error: continue }`,
		asterisk: "> STREAM FILE \"a\" \"\"\n. 2s\n< 200 result=0 endpos=1\n. 5s",
		http:     hang,
		want:     "play\nhttp: context deadline exceeded\nDONE by dialplan"}
	if trace := c.run(t); trace.Took != 7*time.Second {
		t.Errorf("the call took %v, want 2 s and the 5 s of finally", trace.Took)
	}
}
