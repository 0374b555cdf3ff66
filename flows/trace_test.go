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
