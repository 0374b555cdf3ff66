package flows_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow/agi/agitest"
	"github.com/pbxflow/pbxflow/flows"
)

const deniedText = "the PIN was wrong, or none was typed, in all tries; or there were too many wrong ones lately"

func TestLogin(t *testing.T) {
	const flow = `
		- login: pin
		  tries: 2
		  no_match: { play: wrong }
		  as: me
		  on_error: continue
		- log: ${me?.name ?? "nobody"} can ${join(me?.can ?? [], "+")} over ${join(me?.over ?? [], "+")}`
	const asked = "\n> GET DATA \"pin\" \"5000\" \"32\"\n< 200 result="
	const wrong = "\n> STREAM FILE \"wrong\" \"\"\n< 200 result=0 endpos=8"
	runAll(t, []conversation{
		{
			name: "a hash", flow: flow, asterisk: asked + "4711",
			want: "login → ok\nlog meier can listen+barge over support+101\nDONE by dialplan",
		},
		{
			name: "from the environment", flow: flow, asterisk: asked + "0815" + wrong + asked + "8150026471",
			want: "login → ok\n  play\nlog frei can listen over support\nDONE by dialplan",
		},
		{
			name: "wrong, then nothing", flow: flow, asterisk: asked + "9876" + wrong + asked + " (timeout)",
			want: "login: login.denied: " + deniedText + " (on_error: continue)\n  play\nlog nobody can  over \nDONE by dialplan",
		},
		{
			name: "the one who has to", flow: "- login: pin\n  person: ${call.caller.name}\n  digits: 4-12\n  as: me\n- log: ${me.name}",
			asterisk: "env agi_calleridname: frei\n> GET DATA \"pin\" \"5000\" \"12\"\n< 200 result=4711\n> GET DATA \"pin\" \"5000\" \"12\"\n< 200 result=8150026471",
			want:     "login → ok\nlog frei\nDONE by dialplan",
		},
		{
			name: "somebody who is nobody", flow: "- login: pin\n  person: ${call.caller.name}\n  tries: 1\n  on: { denied: hangup }",
			asterisk: "env agi_calleridname: fritz" + asked + "4711\n> HANGUP\n< 200 result=1\n! hangup",
			status:   "HANGUP", want: "login → denied (on)\n  hangup (hung up by the flow)\nHANGUP by flow",
		},
		{
			name: "people in expressions", flow: "- log: ${people.meier.over[0]}\n  when: '\"barge\" in people.meier.can'",
			want: "log support\nDONE by dialplan",
		},
	})
}

// TestLoginHidden finds no PIN in trace or log.
func TestLoginHidden(t *testing.T) {
	trace := conversation{
		flow:     "- login: [hello, pin]\n  as: me\n- log: ${me.name} 4711",
		asterisk: "> STREAM FILE \"hello\" \"0123456789*#\"\n< 200 result=52\n> GET DATA \"\" \"5000\" \"31\"\n< 200 result=711",
		want:     "login → ok\nlog meier ***\nDONE by dialplan",
	}.run(t)
	text := traceText(t, trace)
	if strings.Contains(text, "711") || strings.Contains(text, "=52") || !strings.Contains(text, "meier") {
		t.Errorf("the trace tells the PIN, or not who signed in:\n%s", text)
	}
}

// TestLockout signs in again and again, by one engine.
func TestLockout(t *testing.T) {
	type attempt struct {
		after          time.Duration
		caller, person string
		typed, want    string
	}
	for name, attempts := range map[string][]attempt{
		"a caller": {
			{0, "1", "", "9876", "denied"},
			{0, "1", "", "4711", "ok"}, // which forgives
			{0, "1", "", "9876", "denied"},
			{0, "1", "", "9877", "denied"},
			{0, "1", "", "4711", "denied"}, // locked out
			{0, "2", "", "4711", "ok"},     // another caller is not
			{59 * time.Second, "1", "", "4711", "denied"},
			{time.Second, "1", "", "4711", "ok"}, // trying has not made it longer
		},
		"a person": {
			{0, "1", "frei", "9876", "denied"},
			{0, "2", "frei", "4711", "denied"}, // the PIN of another
			{0, "3", "frei", "8150026471", "denied"},
			{0, "3", "meier", "4711", "ok"},
			{time.Minute, "3", "frei", "8150026471", "ok"},
		},
		"withheld numbers are one caller": {
			{0, "", "", "1111", "denied"},
			{0, "", "", "2222", "denied"},
			{0, "", "", "4711", "denied"},
		},
		"old mistakes": {
			{0, "1", "", "9876", "denied"},
			{time.Minute, "1", "", "9876", "denied"},
			{0, "1", "", "4711", "ok"},
		},
		"typing nothing is no mistake": {
			{0, "1", "", "", "denied"},
			{0, "1", "", "", "denied"},
			{0, "1", "", "4711", "ok"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := load(t, named+`
flows:
  anybody: { login: pin, tries: 1, lock_after: 2, lock_for: 1m, on: { denied: [] } }
  one: { login: pin, person: "${call.caller.name}", tries: 1, lock_after: 2, lock_for: 1m, on: { denied: [] } }
`+namedPeople)
				if _, err := a.Resolve("", namedEnv); err != nil {
					t.Fatal(err)
				}
				got, log := "", &strings.Builder{}
				engine := &flows.Engine{
					Logger:  hclog.New(&hclog.LoggerOptions{Output: log}),
					Program: func() *flows.Program { return a.Program },
					OnTrace: func(trace *flows.Trace) { got = trace.Steps[0].Outcome },
				}
				for i, try := range attempts {
					time.Sleep(try.after)
					flow := "anybody"
					if try.person != "" {
						flow = "one"
					}
					agitest.Run(t, engine, "env agi_request: agi://127.0.0.1/"+flow+"\nenv agi_callerid: "+try.caller+
						"\nenv agi_calleridname: "+try.person+"\n> GET DATA \"pin\" \"5000\" \"32\"\n< 200 result="+try.typed+conversation{}.told())
					if got != try.want {
						t.Errorf("attempt %d, %+v, ended in %q", i+1, try, got)
					}
				}
				for _, pin := range []string{"4711", "8150026471", "9876", "2222"} {
					if strings.Contains(log.String(), pin) {
						t.Errorf("the log tells a PIN:\n%s", log)
					}
				}
			})
		})
	}
}
