package flows_test

import (
	"strings"
	"testing"
)

func TestConference(t *testing.T) {
	set := func(namesAndValues ...string) string {
		text := ""
		for i := 0; i < len(namesAndValues); i += 2 {
			text += "\n> SET VARIABLE \"" + namesAndValues[i] + "\" \"" + namesAndValues[i+1] + "\"\n< 200 result=1"
		}
		return text
	}
	begins := set("CONFBRIDGE_RESULT", "", "CONFBRIDGE(user,clear)", "1", "CONFBRIDGE(bridge,clear)", "1", "CONFBRIDGE(menu,clear)", "1")
	const alive = "\n> CHANNEL STATUS\n< 200 result=6"
	ends := func(result, status string) string {
		return "\n> EXEC \"ConfBridge\" \"sales\"\n. 20s\n< 200 result=" + result + "\n> GET VARIABLE \"CONFBRIDGE_RESULT\"\n< 200 result=1 (" + status + ")"
	}
	const flow = "- conference: sales\n  on_error: continue"
	ends0 := func(name, status, want string) conversation {
		return conversation{name: name, flow: flow, asterisk: begins + ends("0", status), want: want + "\nDONE by dialplan"}
	}
	runAll(t, []conversation{
		ends0("left", "DTMF", "conference → left"),
		ends0("ended", "ENDMARKED", "conference → ended"),
		ends0("timeout", "TIMEOUT", "conference → timeout"),
		ends0("kicked", "KICKED", "conference: conference.kicked: somebody put the caller out of the conference (on_error: continue)"),
		ends0("unlisted", "NEW", "conference: conference.status: asterisk's CONFBRIDGE_RESULT is \"NEW\" (on_error: continue)"),
		{
			name: "refused", flow: flow,
			asterisk: begins + "\n> EXEC \"ConfBridge\" \"sales\"\n< 200 result=-1" + alive + "\n> GET VARIABLE \"CONFBRIDGE_RESULT\"\n< 200 result=1 (FAILED)",
			want:     "conference: conference.refused: the caller was not let in: the room is full or locked, or the PIN was wrong (on_error: continue)\nDONE by dialplan",
		},
		{
			name: "the caller hangs up", flow: flow, asterisk: begins + ends("0", "HANGUP") + "\n! hangup", status: "HANGUP",
			want: "conference: agi: the call was hung up\nHANGUP by caller",
		},
		{
			name: "options", flow: `
			- conference: sales
			  profile: staff
			  admin: true
			  moderator: true
			  wait: false
			  muted: true
			  music: true
			  announce: true
			  quiet: false
			  record: true
			  pin: "4711"
			  music_class: calm
			  max_members: 10
			  limit: 1h
			  exit: "*#"
			- log: the PIN was 4711`,
			asterisk: begins + set("CONFBRIDGE(user,template)", "staff", "CONFBRIDGE(user,admin)", "yes", "CONFBRIDGE(user,marked)", "yes",
				"CONFBRIDGE(user,wait_marked)", "no", "CONFBRIDGE(user,end_marked)", "no", "CONFBRIDGE(user,startmuted)", "yes",
				"CONFBRIDGE(user,music_on_hold_when_empty)", "yes", "CONFBRIDGE(user,announce_join_leave)", "yes", "CONFBRIDGE(user,quiet)", "no",
				"CONFBRIDGE(bridge,record_conference)", "yes", "CONFBRIDGE(user,pin)", "4711", "CONFBRIDGE(user,music_on_hold_class)", "calm",
				"CONFBRIDGE(bridge,max_members)", "10", "CONFBRIDGE(user,timeout)", "3600", "CONFBRIDGE(menu,*#)", "leave_conference") + ends("0", "DTMF"),
			want: "conference → left\nlog the PIN was ***\nDONE by dialplan",
		},
	})
}

// TestPinHidden sees that the PIN of a room is nowhere in the trace.
func TestPinHidden(t *testing.T) {
	trace := conversation{
		name: "pin", flow: "- conference: sales\n  pin: \"4711\"\n  on_error: continue", asterisk: `
			> SET VARIABLE "CONFBRIDGE_RESULT" ""
			< 200 result=1
			> SET VARIABLE "CONFBRIDGE(user,clear)" "1"
			< 200 result=1
			> SET VARIABLE "CONFBRIDGE(bridge,clear)" "1"
			< 200 result=1
			> SET VARIABLE "CONFBRIDGE(menu,clear)" "1"
			< 200 result=1
			> SET VARIABLE "CONFBRIDGE(user,pin)" "4711"
			< 200 result=1
			> EXEC "ConfBridge" "sales"
			< 200 result=-2`,
		want: "conference: agi: agi: EXEC: 200 no application ConfBridge (on_error: continue)\nDONE by dialplan",
	}.run(t)
	if text := traceText(t, trace); strings.Contains(text, "4711") {
		t.Errorf("the trace tells the PIN:\n%s", text)
	}
}

func TestVoicemail(t *testing.T) {
	const alive = "\n> CHANNEL STATUS\n< 200 result=6"
	left := func(args, status string) string {
		return "> SET VARIABLE \"VMSTATUS\" \"\"\n< 200 result=1\n> EXEC \"VoiceMail\" \"" + args + "\"\n. 20s\n< 200 result=-1" + alive +
			"\n> GET VARIABLE \"VMSTATUS\"\n< 200 result=1 (" + status + ")"
	}
	runAll(t, []conversation{
		{name: "left", flow: "- voicemail: 100", asterisk: left("100,u", "SUCCESS"), want: "voicemail → left\nDONE by dialplan"},
		{
			name: "options", flow: "- voicemail: [100, \"${call.dialed}@sales\"]\n  greeting: busy\n  instructions: false\n  urgent: true",
			asterisk: "env agi_dnid: 200\n" + left("100&200@sales,bsU", "USEREXIT"), want: "voicemail → cancelled\nDONE by dialplan",
		},
		{
			name: "failed", flow: "- voicemail: 100\n  greeting: none\n  on_error: continue", asterisk: left("100,", "FAILED"),
			want: "voicemail: voicemail.failed: there is no such mailbox, or it takes no message (on_error: continue)\nDONE by dialplan",
		},
		{
			name: "unlisted", flow: "- voicemail: 100\n  on_error: continue", asterisk: left("100,u", "NEW"),
			want: "voicemail: voicemail.status: asterisk's VMSTATUS is \"NEW\" (on_error: continue)\nDONE by dialplan",
		},
		{
			name: "main", flow: "- voicemail_main\n- voicemail_main: 100\n- voicemail_main: 100\n  no_password: true",
			asterisk: "> EXEC \"VoiceMailMain\"\n< 200 result=0\n> EXEC \"VoiceMailMain\" \"100\"\n< 200 result=0\n> EXEC \"VoiceMailMain\" \"100,s\"\n< 200 result=-1" + alive,
			want:     "voicemail_main\nvoicemail_main\nvoicemail_main\nDONE by dialplan",
		},
		{
			name: "main of nobody", flow: "params: { box: string = \"\" }\nsteps:\n  - voicemail_main: ${box}\n    no_password: true\n    on_error: continue",
			want: "voicemail_main: expression: app.yaml:8:27: box: wants a mailbox such as 100 or 100@default, not \"\" (on_error: continue)\nDONE by dialplan",
		},
	})
}
