package flows_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// realOutward is what may be called outside, where everybody answers and tells of it.
const realOutward = "trunks: [Local/outside*]\ndialing: { allow: [CH] }\n"

// dialGroup looks at Dial from the side that is called.
func dialGroup(t *testing.T) realGroup {
	phone, press := asterisktest.Phone, asterisktest.Press
	sees := func(call string) string {
		return phone("sees_"+call, tell(call, "${CALLERID(num)} ${CALLERID(name)} ${CALLERID(pres)}"), "Answer()", "Wait(0.5)")
	}
	plan := realEnds + confirmLines(t) +
		"\n[outside]\nexten => _X.,1,AGI(agi://ADDR/tell,${CALLERID(name)},${EXTEN} rings)\n same => n,Answer()\n" +
		phone("talker", "Answer()", asterisktest.Play("two")) +
		phone("congested", "Congestion(1)") +
		phone("declines", "Hangup(21)") +
		phone("presses1", "Answer()", "Wait(1)", press("1"), "Wait(1)") +
		phone("presses2", "Answer()", "Wait(1)", press("222"), "Wait(60)") +
		phone("mailbox", "Answer()", "Wait(60)") +
		phone("leaves", "Answer()", "Wait(1)") +
		phone("talks", tell("limit", "rings"), "Answer()", "WaitForNoise(100,1,12)", tell("limit", "${WAITSTATUS}"), "Wait(60)") +
		phone("first", tell("in_turn", "first rings"), "Ringing()", "Wait(60)") +
		phone("second", tell("in_turn", "second rings"), "Busy(20)") +
		phone("third", tell("in_turn", "third rings"), "Answer()", "Read(KEY,,1,,1,60)", tell("in_turn", "third heard ${KEY}")) +
		phone("announces", "Progress()", "Playback(demo-congrats,noanswer)", "Wait(60)") +
		sees("own") + sees("other") + sees("hidden") + sees("all_hidden")
	return realGroup{name: "dial", app: realOutward, scenes: callScenes(append(dialStatuses(), dialCalls()...)), config: asterisktest.Config{Dialplan: plan}}
}

// dialStatuses are the ways in which Dial ends.
func dialStatuses() []realCall {
	dial := func(name, target, log, want string) realCall {
		return realCall{
			name: "dial_" + name, flow: `
				- dial: ` + target + `
				  as: d
				  timeout: 3s
				  on_error: continue
				- log: ` + log, caller: patient(), listens: true, want: want + "\nDONE by dialplan", status: "DONE",
		}
	}
	answered := func(name, target string) realCall {
		c := dial(name, target, "${d.status} ${d.answered > \"0s\"} ${split(d.peer, \"-\")[0]}.", "dial → answered\nlog ANSWER true Local/talker@phones.")
		c.flow, c.heard = strings.Replace(c.flow, "3s", "30s", 1), "two"
		return c
	}
	failed := func(name, target, outcome, text, status string) realCall {
		return dial(name, target, "${d.status} ${d.answered}.", "dial: dial."+outcome+": "+text+" (on_error: continue)\nlog "+status+" 0s.")
	}
	outside := func(name, number, want string) realCall {
		return realCall{
			name: name, flow: `
				params: { number: string = "` + number + `" }
				steps:
				  - dial: Local/${number}@outside
				    caller_id: { number: "100", name: ` + name + ` }
				    on: { forbidden: { play: two } }`, caller: patient(), listens: true, want: want + "\nDONE by dialplan", status: "DONE",
		}
	}
	allowed := outside("dial_allowed", "0441234567", "dial → answered")
	allowed.told = []string{"0441234567 rings"}
	forbidden := outside("dial_forbidden", "0012125550100", "dial → forbidden (on)\n  play")
	forbidden.heard = "two"
	const unavailable = "what was called does not exist or is not registered"
	return []realCall{
		allowed, forbidden,
		answered("answered", "Local/talker@phones"),
		answered("two", "[Local/ring@phones, Local/talker@phones]"),
		failed("busy", "Local/busy@phones", "busy", "all that were called are busy", "BUSY"),
		failed("ring", "Local/ring@phones", "no_answer", "nobody answered in time", "NOANSWER"),
		failed("nobody", "Local/nobody@phones", "unavailable", unavailable, "CHANUNAVAIL"),
		failed("nopeer", "PJSIP/nobody", "unavailable", unavailable, "CHANUNAVAIL"),
		failed("notech", "Nix/nobody", "unavailable", unavailable, "CHANUNAVAIL"),
		failed("declines", "Local/declines@phones", "declined", "the called party does not take the call", "CHANUNAVAIL"),
		failed("congested", "Local/congested@phones", "congestion", "the network has no way through", "CONGESTION"),
		failed("invalid", "Local/talker@phones\n				  limit: 500us", "invalid", "asterisk did not understand what to dial", ""),
	}
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

func dialCalls() []realCall {
	confirm := func(name, want string) realCall {
		return realCall{
			name: "confirm_" + name, flow: "- dial: Local/" + name + "@phones\n  confirm: [beep, beep]\n  timeout: 2s\n  as: d\n  on: { else: { log: \"${d.status}\" } }",
			caller: stays(60), want: want + "\nDONE by dialplan", status: "DONE",
		}
	}
	sees := func(name, callerID, told string) realCall {
		return realCall{
			name: name, flow: "- dial: Local/sees_" + name + "@phones\n  caller_id: " + callerID + "",
			caller: stays(60), want: "dial → answered\nDONE by dialplan", status: "DONE", told: []string{told},
		}
	}
	return []realCall{
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
			caller: append([]asterisktest.Step{"Answer()"}, append(hears("early"), "Wait(60)")...),
			want:   "dial: dial.no_answer: nobody answered in time (on_error: continue)\nDONE by dialplan", status: "DONE", told: []string{"NOISE"},
		},
		sees("own", "{}", "5550100 Ann allowed_not_screened"),
		sees("other", "{ number: \"+4144\", name: \"B, (C)\" }", "+4144 B C allowed_passed_screen"),
		sees("hidden", "{ private: true }", "5550100 Ann prohib"),
		sees("all_hidden", "{ number: \"+4144\", name: Firm, private: true }", "+4144 Firm prohib"),
	}
}
