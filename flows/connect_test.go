package flows_test

import (
	"strings"
	"testing"
)

// cause is the question for the cause of the hangup.
func cause(number string) string {
	return "\n> GET VARIABLE \"HANGUPCAUSE\"\n< 200 result=1 (" + number + ")"
}

func TestDial(t *testing.T) {
	const flow = `
		- dial: [PJSIP/101, "PJSIP/${call.caller.num}@carrier"]
		  when: call.caller.num matches "^.+$"
		  timeout: 1500ms
		  music: calm
		  as: d
		  on_error: continue
		- log: ${d?.status} ${d?.answered} ${d?.peer}.`
	const dial = `
		> EXEC "Dial" "PJSIP/101&PJSIP/5550100@carrier,2,gm(calm)"
		. 2s
		< 200 result=0
		> GET VARIABLE "DIALSTATUS"
		< 200 result=1 `
	tests := []conversation{
		{
			name: "answered", flow: flow, asterisk: dial + `(ANSWER)
				> GET VARIABLE "ANSWEREDTIME"
				< 200 result=1 (90)
				> GET VARIABLE "DIALEDPEERNAME"
				< 200 result=1 (PJSIP/101-00000002)
				> GET VARIABLE "HANGUPCAUSE"
				< 200 result=1 (16)`,
			want: "dial → answered\nlog ANSWER 1m30s PJSIP/101-00000002.\nDONE by dialplan",
		},
		{
			name: "declined", flow: flow, asterisk: dial + `(CHANUNAVAIL)
				> GET VARIABLE "HANGUPCAUSE"
				< 200 result=1 (21)`,
			want: "dial: dial.declined: the called party does not take the call (on_error: continue)\nlog CHANUNAVAIL 0s .\nDONE by dialplan",
		},
		{
			name: "unavailable", flow: flow, asterisk: dial + `(CHANUNAVAIL)
				> GET VARIABLE "HANGUPCAUSE"
				< 200 result=1 (20)`,
			want: "dial: dial.unavailable: what was called does not exist or is not registered (on_error: continue)\nlog CHANUNAVAIL 0s .\nDONE by dialplan",
		},
		{
			name: "options it refuses", flow: "- dial: PJSIP/101\n  limit: 500us\n  on_error: continue",
			asterisk: `
				> EXEC "Dial" "PJSIP/101,30,gL(0)"
				< 200 result=-1
				> CHANNEL STATUS
				< 200 result=6
				> GET VARIABLE "DIALSTATUS"
				< 200 result=1 ()` + cause(""),
			want: "dial: dial.invalid: asterisk did not understand what to dial (on_error: continue)\nDONE by dialplan",
		},
		{
			name: "unlisted status", flow: flow, asterisk: dial + "(NEW)" + cause(""),
			want: "dial: dial.status: asterisk's DIALSTATUS is \"NEW\" (on_error: continue)\nlog NEW 0s .\nDONE by dialplan",
		},
		{
			name: "no Dial", flow: `
			- dial: PJSIP/101
			  timeout: 5s
			  on_error: continue`,
			asterisk: `
				> EXEC "Dial" "PJSIP/101,5,g"
				< 200 result=-2`,
			want: "dial: agi: agi: EXEC: 200 no application Dial (on_error: continue)\nDONE by dialplan",
		},
		{
			name: "a number that is more than a number", flow: strings.Replace(flow, "on_error: continue", "", 1),
			asterisk: "env agi_callerid: 1@evil\n" + `
				> STREAM FILE "sorry" ""
				< 200 result=0 endpos=1`,
			status: "ERROR expression",
			want: `
				dial: expression: app.yaml:6:34: call.caller.num: "1@evil" cannot be part of a device to dial
				sorry
				ERROR by error`,
		},
	}
	for status, text := range map[string]string{
		"BUSY":        "dial.busy: all that were called are busy",
		"NOANSWER":    "dial.no_answer: nobody answered in time",
		"CONGESTION":  "dial.congestion: the network has no way through",
		"DONTCALL":    "dial.declined: the called party does not take the call",
		"TORTURE":     "dial.declined: the called party does not take the call",
		"CANCEL":      "dial.cancelled: the caller gave up while it rang",
		"INVALIDARGS": "dial.invalid: asterisk did not understand what to dial",
	} {
		tests = append(tests, conversation{
			name: status, flow: flow, asterisk: dial + "(" + status + ")" + cause("16"),
			want: "dial: " + text + " (on_error: continue)\nlog " + status + " 0s .\nDONE by dialplan",
		})
	}
	runAll(t, tests)
}

// queued is the beginning of a visit to a queue.
func queued(args string) string {
	return `
		> SET VARIABLE "QUEUESTATUS" ""
		< 200 result=1
		> SET VARIABLE "MEMBERINTERFACE" ""
		< 200 result=1
		> SET VARIABLE "QEHOLDTIME" ""
		< 200 result=1
		> EXEC "Queue" "` + args + `"`
}

func TestQueue(t *testing.T) {
	const flow = `
		- queue: support
		  timeout: 90s
		  as: q
		  on_error: continue
		- log: ${q.status} ${q.agent} ${q.position} ${q.waited}.`
	left := func(status string) string {
		text := queued("support,c,,,90") + `
			. 20s
			< 200 result=0
			> GET VARIABLE "QUEUESTATUS"
			< 200 result=1 (` + status + `)
			> GET VARIABLE "MEMBERINTERFACE"
			< 200 result=1 (PJSIP/7)`
		switch status {
		case "NEW", "FULL", "JOINEMPTY", "JOINUNAVAIL", "UNKNOWN":
			return text
		case "CONTINUE":
			text += "\n> GET VARIABLE \"QUEUEWAIT\"\n< 200 result=1 (4)"
		}
		return text + "\n> GET VARIABLE \"QUEUEPOSITION\"\n< 200 result=1 (2)"
	}
	tests := []conversation{
		{
			name: "completed", flow: flow, asterisk: left("CONTINUE"),
			want: "queue → completed\nlog CONTINUE PJSIP/7 2 4s.\nDONE by dialplan",
		},
		{
			name: "options", flow: `
			- queue: support
			  music: calm
			  priority: ${2 * 5}
			  agent_announcement: [beep, from-the-shop]
			  rule: wider
			  position: 1`,
			asterisk: `
				env agi_version: 22.10.1
				> SET VARIABLE "QUEUESTATUS" ""
				< 200 result=1
				> SET VARIABLE "MEMBERINTERFACE" ""
				< 200 result=1
				> SET VARIABLE "QEHOLDTIME" ""
				< 200 result=1
				> SET VARIABLE "CHANNEL(musicclass)" "calm"
				< 200 result=1
				> SET VARIABLE "QUEUE_PRIO" "10"
				< 200 result=1
				> EXEC "Queue" "support,c,,beep&from-the-shop,,,,wider,1"
				< 200 result=0
				> GET VARIABLE "QUEUESTATUS"
				< 200 result=1 (CONTINUE)
				> GET VARIABLE "MEMBERINTERFACE"
				< 200 result=0
				> GET VARIABLE "QUEUEWAIT"
				< 200 result=0
				> GET VARIABLE "QUEUEPOSITION"
				< 200 result=0`,
			want: "queue → completed\nDONE by dialplan",
		},
		{
			name: "before Asterisk 21", flow: "- queue: support\n  ring: true\n  rule: wider\n  as: q\n- log: ${q.waited}",
			asterisk: "env agi_version: 16.28.0~dfsg\n" + queued("support,cr,,,,,,,wider") + `
				< 200 result=0
				> GET VARIABLE "QUEUESTATUS"
				< 200 result=1 (CONTINUE)
				> GET VARIABLE "MEMBERINTERFACE"
				< 200 result=0
				> GET VARIABLE "QEHOLDTIME"
				< 200 result=1 (7)
				> GET VARIABLE "QUEUEPOSITION"
				< 200 result=1 (1)`,
			want: "queue → completed\nlog 7s\nDONE by dialplan",
		},
		{
			name: "options it refuses", flow: "- dial: PJSIP/101\n  limit: 500us\n  on_error: continue",
			asterisk: `
				> EXEC "Dial" "PJSIP/101,30,gL(0)"
				< 200 result=-1
				> CHANNEL STATUS
				< 200 result=6
				> GET VARIABLE "DIALSTATUS"
				< 200 result=1 ()` + cause(""),
			want: "dial: dial.invalid: asterisk did not understand what to dial (on_error: continue)\nDONE by dialplan",
		},
		{
			name: "unlisted status", flow: flow, asterisk: left("NEW"),
			want: "queue: queue.status: asterisk's QUEUESTATUS is \"NEW\" (on_error: continue)\nlog NEW PJSIP/7 0 20s.\nDONE by dialplan",
		},
		{
			name: "no Queue", flow: "- queue: support\n  on_error: continue", asterisk: queued("support,c") + "\n< 200 result=-2",
			want: "queue: agi: agi: EXEC: 200 no application Queue (on_error: continue)\nDONE by dialplan",
		},
	}
	for status, text := range map[string]string{
		"TIMEOUT":      "queue.timeout: no agent took the call in time",
		"FULL":         "queue.full: the queue takes no more callers",
		"JOINEMPTY":    "queue.no_agents: the queue has nobody who could take the call",
		"LEAVEEMPTY":   "queue.no_agents: the queue has nobody who could take the call",
		"JOINUNAVAIL":  "queue.no_agents: the queue has nobody who could take the call",
		"LEAVEUNAVAIL": "queue.no_agents: the queue has nobody who could take the call",
		"WITHDRAW":     "queue.withdrawn: somebody took the caller out of the queue",
		"UNKNOWN":      "queue.unknown: there is no such queue in Asterisk",
		"":             "queue.left: the caller left with a key",
	} {
		position := "0"
		if strings.Contains(left(status), "QUEUEPOSITION") {
			position = "2"
		}
		tests = append(tests, conversation{
			name: "status " + status, flow: flow, asterisk: left(status),
			want: "queue: " + text + " (on_error: continue)\nlog " + status + " PJSIP/7 " + position + " 20s.\nDONE by dialplan",
		})
	}
	runAll(t, tests)
}
