package flows_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

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
	// config is pbxflow.yaml.
	config string
	// asterisk is the transcript, without the end where the dialplan is told.
	asterisk string
	// want is the trace's summary.
	want string
	// status is what the dialplan is told: FLOWSTATUS, FLOWERROR and FLOWRESULT, with
	// spaces between. Empty: DONE.
	status string

	verbs []flows.Verb
	http  http.Handler
}

const named = `
queues: { support: {} }
notify: { ops: { webhook: "https://hooks.example/ops" } }
`

// namedPeople is the end of a file.
const namedPeople = `
people:
  meier: { pin: "$2a$04$nt79dJeIQU6PxrTc8TBWB.sdnHbAUVYBvF1snZpzFD1RUO8X2RBLm", can: [listen, barge], over: [support, 101] } # 4711
  frei: { pin: "${env.PIN_FREI}", can: listen, over: support }
`

// namedEnv is the environment of what is named.
var namedEnv = map[string]string{"PIN_FREI": "8150026471"}

// run plays the call in a bubble of its own and returns the trace.
func (c conversation) run(t *testing.T) (trace *flows.Trace) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		t.Helper()
		a := loadFiles(t, map[string]string{
			"app.yaml":     named + c.top + "flows:\n  main:\n    " + strings.ReplaceAll(lines(c.flow), "\n", "\n    ") + "\n" + c.indented() + namedPeople,
			"pbxflow.yaml": c.config,
		}, c.verbs...)
		if _, err := a.Resolve("", namedEnv); err != nil {
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
	status, rest, _ := strings.Cut(c.status, " ")
	id, result, _ := strings.Cut(rest, " ")
	if status == "" {
		status = "DONE"
	}
	told := "\n> SET VARIABLE \"FLOWSTATUS\" \"" + status + "\"\n< 200 result=1\n" +
		"> SET VARIABLE \"FLOWERROR\" \"" + id + "\"\n< 200 result=1\n"
	if status == "RETURN" {
		told += "> SET VARIABLE \"FLOWRESULT\" \"" + result + "\"\n< 200 result=1\n"
	}
	return told
}

func runAll(t *testing.T, tests []conversation) {
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) { c.run(t) })
	}
}

// missing is the conversation about a sound that does not exist.
func missing(sound string) string {
	return "\n> STREAM FILE \"" + sound + "\" \"\"\n< 200 result=-1 endpos=0\n> CHANNEL STATUS\n< 200 result=6\n"
}

const missingText = "asterisk cannot play the sound: there is no such file"
