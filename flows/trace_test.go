package flows_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/flows"
)

// traceText is the trace as people read it.
func traceText(t *testing.T, trace *flows.Trace) string {
	t.Helper()
	var b strings.Builder
	if _, err := trace.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// crashVerb is a verb of a host program that is broken.
var crashVerb = flows.Verb{Name: "crash", Summary: "Crashes.", New: func() flows.Step { return &crashStep{} }}

type crashStep struct {
	Crash string `yaml:"crash"`
}

func (*crashStep) Run(context.Context, *flows.Call) (flows.Outcome, error) { panic("oh") }

func TestTrace(t *testing.T) {
	trace := conversation{
		flow: `
			- answer
			- if: call.dialed == "100"
			  then:
			    - play: welcome
			    - menu: main
			      options: { 1: { dial: PJSIP/101, timeout: 20s } }
			- log: not for us
			  when: call.caller.num == ""`,
		asterisk: `
			> ANSWER
			. 100ms
			< 200 result=0
			> STREAM FILE "welcome" ""
			. 1500ms
			< 200 result=0 endpos=12000
			> GET OPTION "main" "0123456789*#" "5000"
			. 250ms
			< 200 result=49 endpos=2000
			> EXEC "Dial" "PJSIP/101,20,g"
			. 20s
			< 200 result=0
			> GET VARIABLE "DIALSTATUS"
			< 200 result=1 (NOANSWER)
			> GET VARIABLE "HANGUPCAUSE"
			< 200 result=1 (0)
			> STREAM FILE "sorry" ""
			. 1s
			< 200 result=0 endpos=8000`,
		status: "ERROR dial.no_answer",
		want: `
			answer
			if: dial.no_answer: nobody answered in time
			  play
			  menu: dial.no_answer: nobody answered in time
			    dial: dial.no_answer: nobody answered in time
			sorry
			ERROR by error`,
	}.run(t)
	trace.Revision = "r1"
	want := `
		call 1763712000.1 flow main caller "5550100" dialed "100" revision r1: ERROR by error after 22.85s: app.yaml:11:27: dial.no_answer: nobody answered in time
		  +0s      app.yaml:6:7 answer → done 100ms
		      > ANSWER
		      < 200 result=0 100ms
		  +100ms   app.yaml:7:7 if if=true failed: dial.no_answer: nobody answered in time 21.75s
		    +100ms   app.yaml:9:11 play play="welcome" → done 1.5s
		        > STREAM FILE "welcome" ""
		        < 200 result=0 endpos=12000 1.5s
		    +1.6s    app.yaml:10:11 menu tries=3 timeout=5s between=2s menu="main" failed: dial.no_answer: nobody answered in time 20.25s
		        > GET OPTION "main" "0123456789*#" "5000"
		        < 200 result=49 endpos=2000 250ms
		      +1.85s   app.yaml:11:27 dial dial="PJSIP/101" timeout=20s failed: dial.no_answer: nobody answered in time 20s
		          > EXEC "Dial" "PJSIP/101,20,g"
		          < 200 result=0 20s
		          > GET VARIABLE "DIALSTATUS"
		          < 200 result=1 (NOANSWER) 0s
		          > GET VARIABLE "HANGUPCAUSE"
		          < 200 result=1 (0) 0s
		  +21.85s  - sorry sound="sorry" 1s
		      > STREAM FILE "sorry" ""
		      < 200 result=0 endpos=8000 1s`
	if diff := cmp.Diff(lines(want), strings.TrimSpace(traceText(t, trace))); diff != "" {
		t.Errorf("trace differs (-want +got):\n%s", diff)
	}
	if _, err := json.Marshal(trace); err != nil {
		t.Error(err)
	}
}

// chatVerb sends more commands than a trace keeps.
var chatVerb = flows.Verb{Name: "chat", Summary: "Chats.", NeedsCall: true, New: func() flows.Step { return &chatStep{} }}

type chatStep struct {
	Chat string `yaml:"chat"`
}

func (*chatStep) Run(ctx context.Context, c *flows.Call) (flows.Outcome, error) {
	for range 5003 {
		if err := c.Session.Answer(ctx); err != nil {
			return flows.Outcome{}, err
		}
	}
	return flows.Done, nil
}

// TestTraceBounds sees that a trace keeps only so much.
func TestTraceBounds(t *testing.T) {
	a := load(t, "flows: { main: [chat"+strings.Repeat(", log: x", 1001)+"] }", chatVerb)
	var trace *flows.Trace
	call(t, &flows.Engine{
		Program: func() *flows.Program { return a.Program },
		OnTrace: func(done *flows.Trace) { trace = done },
	}, "main")
	if n := len(trace.Steps); n != 1000 || trace.Dropped != 2 {
		t.Errorf("the trace has %d steps and dropped %d, want 1000 and 2", n, trace.Dropped)
	}
	if n := len(trace.Steps[0].AGI); n != 5000 || trace.DroppedAGI != 3 {
		t.Errorf("the trace has %d exchanges and dropped %d, want 5000 and 3", n, trace.DroppedAGI)
	}
	want := "\n  … and 2 steps more\n  … and 3 commands more\n"
	if text := traceText(t, trace); !strings.HasSuffix(text, want) {
		t.Errorf("the text ends in %q, want %q", text[len(text)-len(want):], want)
	}
}

// TestTraceTexts sees that a trace keeps the beginnings of long texts, while the flow
// has all of them.
func TestTraceTexts(t *testing.T) {
	long := strings.Repeat("x", 3000)
	trace := conversation{
		flow: `
			- { getvar: BIG, as: big }
			- log: ${big.value}
			- log: ${len(big.value)}`,
		asterisk: "> GET VARIABLE \"BIG\"\n< 200 result=1 (" + long + ")\n> GET FULL VARIABLE \"${BIG}\"\n< 200 result=1 (" + long + ")",
		want:     "getvar\nlog " + long[:2048] + "…\nlog 3000\nDONE by dialplan",
	}.run(t)
	reply := trace.Steps[0].AGI[0].Reply
	if got, want := reply.Text, "result=1 ("+long[:2038]+"…"; got != want {
		t.Errorf("the reply's text is %q, want %q", got, want)
	}
	if got, want := reply.Data, long[:2048]+"…"; got != want {
		t.Errorf("the reply's data is %q, want %q", got, want)
	}
}
