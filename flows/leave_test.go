package flows_test

import "testing"

func TestLeave(t *testing.T) {
	const dead = "\n> CHANNEL STATUS\n< 511 Command Not Permitted on a dead channel or intercept routine"
	const alive = "\n> CHANNEL STATUS\n< 200 result=6"
	const unparked = "> SET VARIABLE \"PARKINGEXTEN\" \"\"\n< 200 result=1\n"
	runAll(t, []conversation{
		{
			name: "ring", flow: "- ring: 2s\n- ring\n- log: on",
			asterisk: "> EXEC \"Ringing\"\n< 200 result=0\n> EXEC \"Ringing\"\n< 200 result=0",
			want:     "ring\nring\nlog on\nDONE by dialplan",
		},
		{
			name: "busy", flow: "- busy: 1500ms", asterisk: "> EXEC \"Busy\" \"2\"\n. 2s\n< 200 result=-1" + alive + "\n> HANGUP\n< 200 result=1\n! hangup",
			want: "busy (hung up by the flow)\nHANGUP by flow", status: "HANGUP",
		},
		{
			name: "busy, and the caller hangs up", flow: "steps: busy\non_hangup: { log: gone }", asterisk: "> EXEC \"Busy\" \"10\"\n< 200 result=-1\n! hangup",
			want: "busy (hung up by the flow)\nHANGUP by flow", status: "HANGUP",
		},
		{
			name: "congestion", flow: "- congestion", asterisk: "> EXEC \"Congestion\" \"10\"\n< 200 result=-1" + alive + "\n> HANGUP\n< 200 result=1\n! hangup",
			want: "congestion (hung up by the flow)\nHANGUP by flow", status: "HANGUP",
		},
		{
			name: "wait", flow: "- wait: 10s\n- wait: ${call.duration}\n- log: on", want: "wait\nwait\nlog on\nDONE by dialplan",
		},
		{
			name: "transferred", flow: "- transfer: \"+41791234567\"", asterisk: `
				> SET VARIABLE "TRANSFERSTATUS" ""
				< 200 result=1
				> EXEC "Transfer" "+41791234567"
				< 200 result=0
				> GET VARIABLE "TRANSFERSTATUS"
				< 200 result=1 (SUCCESS)
				> HANGUP
				< 200 result=1
				! hangup`,
			want: "transfer (transferred to +41791234567)\nHANGUP by flow", status: "HANGUP",
		},
		{
			name: "transferred at once", flow: "- transfer: 100", asterisk: `
				> SET VARIABLE "TRANSFERSTATUS" ""
				< 200 result=1
				> EXEC "Transfer" "100"
				< 200 result=-1
				! hangup
				> GET VARIABLE "TRANSFERSTATUS"
				< 200 result=1 (SUCCESS)`,
			want: "transfer (transferred to 100)\nHANGUP by flow", status: "HANGUP",
		},
		{
			name: "not transferred", flow: "- transfer: 100\n  on: { unsupported: { log: no } }", asterisk: `
				> SET VARIABLE "TRANSFERSTATUS" ""
				< 200 result=1
				> EXEC "Transfer" "100"
				< 200 result=0
				> GET VARIABLE "TRANSFERSTATUS"
				< 200 result=1 (UNSUPPORTED)`,
			want: "transfer → unsupported (on)\n  log no\nDONE by dialplan",
		},
		{
			name: "dialplan", flow: "- dialplan: a,${call.dialed},there\n- log: not reached", asterisk: "env agi_dnid: 100\n" + `
				> GET VARIABLE "DIALPLAN_EXISTS(a,100,there)"
				< 200 result=1 (1)
				> SET CONTEXT "a"
				< 200 result=0
				> SET EXTENSION "100"
				< 200 result=0
				> SET PRIORITY "there"
				< 200 result=0`,
			want: "dialplan (goes on in the dialplan at a,100,there)\nDONE by dialplan",
		},
		{
			name: "no such place", flow: "- dialplan: a,100\n  on: { missing: { log: missing } }", asterisk: `
				> GET VARIABLE "DIALPLAN_EXISTS(a,100,1)"
				< 200 result=1 (0)`,
			want: "dialplan → missing (on)\n  log missing\nDONE by dialplan",
		},
		{
			name: "park", flow: "- park: lot\n  space: 701\n  timeout: 1m\n  then: a,b\n  announce: true\n  ring: true\n- log: on", asterisk: `
				> SET VARIABLE "PARKINGEXTEN" "701"
				< 200 result=1
				> EXEC "Park" "lot,rt(60)c(a,b,1)"
				. 30s
				< 200 result=-1` + alive,
			want: "park → retrieved\nlog on\nDONE by dialplan",
		},
		{
			name: "parked too long", flow: "- park", asterisk: "env agi_context: c\nenv agi_extension: 5\nenv agi_priority: 2\n" + unparked +
				"> EXEC \"Park\" \",sc(c,5,3)\"\n. 45s\n< 200 result=0" + dead,
			want: "park (nobody took the call: it goes on in the dialplan)\nDONE by dialplan",
		},
		{
			name: "not parked", flow: "- park\n- log: not reached", asterisk: "env agi_context: c\nenv agi_extension: 5\nenv agi_priority: 2\n" + unparked +
				"> EXEC \"Park\" \",sc(c,5,3)\"\n. 2s\n< 200 result=0" + alive + "\n> STREAM FILE \"sorry\" \"\"\n< 200 result=0 endpos=1",
			want: "park: park.failed: there is no such parking lot, or no place in it\nsorry\nERROR by error", status: "ERROR park.failed",
		},
		{
			name: "picks up", flow: "- pickup: PJSIP/10\n- log: not reached", asterisk: "> EXEC \"PickupChan\" \"PJSIP/10-,p\"\n< 200 result=-1\n! hangup",
			want: "pickup (picked up PJSIP/10)\nHANGUP by flow", status: "HANGUP",
		},
		{
			name: "picks up a channel", flow: "- pickup: PJSIP/10-0000001f\n- log: not reached", asterisk: "> EXEC \"PickupChan\" \"PJSIP/10-0000001f\"\n< 200 result=-1\n! hangup",
			want: "pickup (picked up PJSIP/10-0000001f)\nHANGUP by flow", status: "HANGUP",
		},
		{
			name: "picks up nothing", flow: "- pickup: 100@internal\n  on: { nothing: { log: nothing } }", asterisk: "> EXEC \"Pickup\" \"100@internal\"\n< 200 result=0",
			want: "pickup → nothing (on)\n  log nothing\nDONE by dialplan",
		},
		{
			name: "page", flow: "- page: [PJSIP/1, PJSIP/2]\n  announcement: hear\n  duplex: true\n  quiet: true\n  idle: true", asterisk: "> EXEC \"Page\" \"PJSIP/1&PJSIP/2,dqsA(hear),10\"\n. 30s\n< 200 result=-1\n! hangup",
			want: "page: agi: the call was hung up\nHANGUP by caller", status: "HANGUP",
		},
		{
			name: "page outside", top: "trunks: [\"PJSIP/carrier*\"]\ndialing: { allow: [CH], deny: [premium] }\n", flow: "- page: PJSIP/${call.dialed}@carrier\n  on_error: continue",
			asterisk: "env agi_dnid: 0900123456",
			want:     "page: page.forbidden: 0900123456 may not be called: dialing denies premium (on_error: continue)\nDONE by dialplan",
		},
		{
			name: "page fails", flow: "- page: PJSIP/1\n  on_error: continue", asterisk: "> EXEC \"Page\" \"PJSIP/1,,10\"\n< 200 result=0",
			want: "page: page.failed: asterisk could not page (on_error: continue)\nDONE by dialplan",
		},
	})
}
