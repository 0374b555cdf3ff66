package flows_test

import (
	"strings"
	"testing"
)

func TestDialOptions(t *testing.T) {
	// dialled is a Dial that nobody answers.
	dialled := func(args string) string {
		return `
			> EXEC "Dial" "` + strings.ReplaceAll(args, `"`, `\"`) + `"
			< 200 result=0
			> GET VARIABLE "DIALSTATUS"
			< 200 result=1 (NOANSWER)` + cause("")
	}
	variables := func(set ...string) string {
		var b strings.Builder
		for i := 0; i < len(set); i += 2 {
			b.WriteString("\n> SET VARIABLE \"" + set[i] + "\" \"" + set[i+1] + "\"\n< 200 result=1")
		}
		return b.String()
	}
	const exists = "\n> GET VARIABLE \"DIALPLAN_EXISTS(pbxflow-confirm,s,1)\"\n< 200 result=1 (1)"
	const nobody = "dial: dial.no_answer: nobody answered in time (on_error: continue)\nDONE by dialplan"
	tests := []conversation{
		{name: "ring: true", asterisk: dialled("PJSIP/1,30,gR")},
		{name: "early_media: false", asterisk: dialled("PJSIP/1,30,gr")},
		{name: "limit: 90s", asterisk: dialled("PJSIP/1,30,gL(90000)")},
		{
			name: "limit: 5m\nwarning: { at: 1m }",
			asterisk: variables("LIMIT_WARNING_FILE", "beep", "LIMIT_PLAYAUDIO_CALLER", "yes", "LIMIT_PLAYAUDIO_CALLEE", "yes") +
				dialled("PJSIP/1,30,gL(300000:60000)"),
		},
		{
			name: "limit: 5m\nwarning: { at: 1m, every: 20s, sound: hurry, to: caller }",
			asterisk: variables("LIMIT_WARNING_FILE", "hurry", "LIMIT_PLAYAUDIO_CALLER", "yes", "LIMIT_PLAYAUDIO_CALLEE", "no") +
				dialled("PJSIP/1,30,gL(300000:60000:20000)"),
		},
		{name: "caller_id: { number: \"+4144\" }", asterisk: dialled("PJSIP/1,30,gf(+4144)")},
		{
			name:     "caller_id: { number: \"+4144\", name: \"${call.caller.name}\", private: true }",
			asterisk: "env agi_calleridname: O'Brien, (x\"y) ^ü\n" + dialled(`PJSIP/1,30,gf("O'Brien xy ü" <+4144>)u(prohib)`),
		},
		{
			name: "caller_id: { private: true }",
			asterisk: "> GET VARIABLE \"CALLERID(pres)\"\n< 200 result=1 (allowed)" + variables("CALLERID(pres)", "prohib") +
				dialled("PJSIP/1,30,g") + variables("CALLERID(pres)", "allowed"),
		},
		{name: "confirm: [who, press-1]", asterisk: exists + dialled("PJSIP/1,30,gU(pbxflow-confirm^who&press-1)")},
	}
	for i := range tests {
		tests[i].flow = "- dial: PJSIP/1\n  " + strings.ReplaceAll(tests[i].name, "\n", "\n  ") + "\n  on_error: continue"
		tests[i].want = nobody
	}
	const turn = "- dial: [PJSIP/1, PJSIP/2, PJSIP/3]\n  strategy: in turn\n  timeout: 5s\n  confirm: press-1\n  as: d\n  on: { else: { log: \"${d.status} ${d.cause} ${d.peer}\" } }"
	ends := func(device, status, peer string) string {
		text := "\n> EXEC \"Dial\" \"PJSIP/" + device + ",5,gU(pbxflow-confirm^press-1)\"\n. 5s\n< 200 result=0\n> GET VARIABLE \"DIALSTATUS\"\n< 200 result=1 (" + status + ")"
		if status == "ANSWER" {
			text += "\n> GET VARIABLE \"ANSWEREDTIME\"\n< 200 result=1 (7)"
		}
		if status == "ANSWER" || status == "BUSY" {
			text += "\n> GET VARIABLE \"DIALEDPEERNAME\"\n< 200 result=1 (" + peer + ")"
		}
		return text + cause("16")
	}
	runAll(t, append(
		tests,
		conversation{
			name: "in turn", flow: turn + "\n- log: ${d.peer}", asterisk: exists + ends("1", "NOANSWER", "") + ends("2", "ANSWER", "PJSIP/2-1"),
			want: "dial → answered\nlog PJSIP/2-1\nDONE by dialplan",
		},
		conversation{
			name: "in turn, and nobody takes it", flow: turn, asterisk: exists + ends("1", "BUSY", "") + ends("2", "CONGESTION", "") + ends("3", "BUSY", "PJSIP/3-1"),
			want: "dial → declined (on)\n  log BUSY 16 PJSIP/3-1\nDONE by dialplan",
		},
		conversation{
			name: "in turn, and cancelled", flow: turn, asterisk: exists + ends("1", "CANCEL", ""),
			want: "dial → cancelled (on)\n  log CANCEL 16 \nDONE by dialplan",
		},
		conversation{
			name: "no dialplan to confirm in", flow: turn + "\n  on_error: continue", asterisk: strings.Replace(exists, "(1)", "(0)", 1),
			want: "dial: dial.confirm: confirm needs the context pbxflow-confirm in the dialplan, and there is none: the reference of dial shows its lines (on_error: continue)\nDONE by dialplan",
		},
	))
}
