package flows_test

import (
	"regexp"
	"testing"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// TestRealDial looks at Dial from the side that is called.
func TestRealDial(t *testing.T) {
	phone, press := asterisktest.Phone, asterisktest.Press
	sees := func(call string) string {
		return phone("sees_"+call, tell(call, "${CALLERID(num)} ${CALLERID(name)} ${CALLERID(pres)}"), "Answer()", "Wait(0.5)")
	}
	plan := confirmLines(t) +
		phone("presses1", "Answer()", "Wait(1)", press("1"), "Wait(1)") +
		phone("presses2", "Answer()", "Wait(1)", press("222"), "Wait(30)") +
		phone("mailbox", "Answer()", "Wait(60)") +
		phone("leaves", "Answer()", "Wait(1)") +
		phone("talks", tell("limit", "rings"), "Answer()", "WaitForNoise(100,1,12)", tell("limit", "${WAITSTATUS}"), "Wait(60)") +
		phone("first", tell("in_turn", "first rings"), "Ringing()", "Wait(60)") +
		phone("second", tell("in_turn", "second rings"), "Busy(20)") +
		phone("third", tell("in_turn", "third rings"), "Answer()", "Read(KEY,,1,,1,10)", tell("in_turn", "third heard ${KEY}")) +
		phone("announces", "Progress()", "Playback(demo-congrats,noanswer)", "Wait(30)") +
		sees("own") + sees("other") + sees("hidden") + sees("all_hidden")
	runFar(t, "", dialCalls(), asterisktest.Config{Dialplan: plan})
}

// confirmLines are the lines that the reference tells people to write.
func confirmLines(t *testing.T) string {
	verbs, err := flows.NewVerbs()
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile("(?s)```ini\n(.*?)```").FindStringSubmatch(verbs.Lookup("dial").Doc)
	if lines == nil {
		t.Fatal("the doc of dial has no dialplan")
	}
	return lines[1]
}

func dialCalls() []farCall {
	confirm := func(name, want string) farCall {
		return farCall{
			name: "confirm_" + name, flow: "- dial: Local/" + name + "@phones\n  confirm: [beep, beep]\n  timeout: 2s\n  as: d\n  on: { else: { log: \"${d.status}\" } }",
			caller: stays(60), want: want + "\nDONE by dialplan", status: "DONE",
		}
	}
	sees := func(name, callerID, told string) farCall {
		return farCall{
			name: name, flow: "- dial: Local/sees_" + name + "@phones\n  caller_id: " + callerID + "",
			caller: stays(20), want: "dial → answered\nDONE by dialplan", status: "DONE", told: []string{told},
		}
	}
	return []farCall{
		confirm("presses1", "dial → answered"),
		confirm("presses2", "dial → declined (on)\n  log BUSY"),
		confirm("mailbox", "dial → declined (on)\n  log BUSY"),
		confirm("leaves", "dial → declined (on)\n  log BUSY"),
		confirm("busy", "dial → busy (on)\n  log BUSY"),
		confirm("ring", "dial → no_answer (on)\n  log NOANSWER"),
		{
			name: "limit", flow: "- dial: Local/talks@phones\n  limit: 5s\n  warning: { at: 3s, every: 1s }\n  as: d\n- log: ${d.answered >= \"4s\"} ${d.cause}",
			caller: stays(60), want: "dial → answered\nlog true 16\nDONE by dialplan", status: "DONE", told: []string{"NOISE", "rings"},
		},
		{
			name: "in_turn", flow: "- dial: [Local/first@phones, Local/second@phones, Local/third@phones, Local/busy@phones]\n  strategy: in turn\n  timeout: 1s\n  as: d\n- log: ${split(d.peer, \"@\")[0]}",
			caller: keepsPressing("4"), want: "dial → answered\nlog Local/third\nDONE by dialplan", status: "DONE",
			told: []string{"first rings", "second rings", "third heard 4", "third rings"},
		},
		{
			name: "early", flow: "- dial: Local/announces@phones\n  timeout: 8s\n  on_error: continue",
			caller: append([]asterisktest.Step{"Answer()"}, append(hears("early"), "Wait(20)")...),
			want:   "dial: dial.no_answer: nobody answered in time (on_error: continue)\nDONE by dialplan", status: "DONE", told: []string{"NOISE"},
		},
		sees("own", "{}", "5550100 Ann allowed_not_screened"),
		sees("other", "{ number: \"+4144\", name: \"B, (C)\" }", "+4144 B C allowed_passed_screen"),
		sees("hidden", "{ private: true }", "5550100 Ann prohib"),
		sees("all_hidden", "{ number: \"+4144\", name: Firm, private: true }", "+4144 Firm prohib"),
	}
}
