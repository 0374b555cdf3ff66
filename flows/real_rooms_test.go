package flows_test

import (
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// roomGroup visits conferences and mailboxes.
func roomGroup() realGroup {
	return realGroup{name: "rooms", scenes: callScenes(roomCalls()), config: asterisktest.Config{Dialplan: offices, Files: map[string]string{
		"voicemail.conf": "[general]\nformat = wav\nmaxsilence = 0\nminsecs = 0\noperator = yes\nexitcontext = offices\n[default]\n100 => 4711,Ann\n",
	}}}
}

// offices is where callers go who leave a mailbox with 0 or *.
const offices = `
[offices]
exten => a,1,AGI(agi://ADDR/tell,${NAME},came with a star)
 same => n,Hangup()
exten => h,1,AGI(agi://ADDR/tell,${NAME}/ended,${FLOWSTATUS},${FLOWERROR})
`

func roomCalls() []realCall {
	press := asterisktest.Press
	room := func(name, options, want string, caller ...asterisktest.Step) realCall {
		return realCall{
			name: name, flow: "- conference: " + options + "\n  on_error: continue\n- log: on",
			caller: append([]asterisktest.Step{"Answer()"}, caller...), want: "conference" + want + "\nlog on\nDONE by dialplan", status: "DONE",
		}
	}
	inside := func(name string) func(*testing.T, *realPBX) {
		return func(t *testing.T, p *realPBX) { p.until(t, "confbridge list "+name, "Local/") }
	}
	const refused = ": conference.refused: the caller was not let in: the room is full or locked, or the PIN was wrong (on_error: continue)"
	talks := room("room_talks", "talks\n  exit: \"#\"\n  quiet: true", " → left", asterisktest.Play("demo-thanks"), "Wait(2)", press("#"), "Wait(60)")
	talks.before = inside("talks")
	hear := room("room_hears", "talks\n  limit: 15s\n  quiet: true", " → timeout", append(hears("room_hears"), "Wait(60)")...)
	hear.told = []string{"NOISE"}
	full := room("room_full", "full\n  max_members: 1", refused, "Wait(60)")
	full.before = inside("full")
	kicked := room("room_kicked", "kicks\n  quiet: true", ": conference.kicked: somebody put the caller out of the conference (on_error: continue)", "Wait(60)")
	kicked.during = func(t *testing.T, p *realPBX) {
		inside("kicks")(t, p)
		p.console(t, "confbridge kick kicks all")
	}
	ended := room("room_ended", "leads\n  wait: true\n  quiet: true", " → ended", "Wait(60)")
	leader := room("room_leader", "leads\n  moderator: true\n  quiet: true\n  limit: 3s", " → timeout", "Wait(60)")
	leader.before = inside("leads")
	first := room("room_first", "full\n  max_members: 1\n  quiet: true\n  limit: 8s", " → timeout", "Wait(60)")
	voicemail := func(name, step, want22, want16 string, caller ...asterisktest.Step) []realCall {
		c := realCall{
			name: name, flow: "- " + step + "\n  on_error: continue\n- log: on", only: "22",
			caller: append([]asterisktest.Step{"Answer()"}, caller...), want: want22 + "\nlog on\nDONE by dialplan", status: "DONE",
		}
		// Debian's package of 16 has no voicemail.
		old := c
		old.name, old.only, old.want = name+"_16", "16", want16+" (on_error: continue)\nlog on\nDONE by dialplan"
		return []realCall{c, old}
	}
	const none = ": agi: agi: EXEC: 200 no application "
	calls := []realCall{
		talks, hear, first, full, kicked, ended, leader,
		room("room_pin", "pin\n  pin: \"1234\"\n  exit: \"*\"\n  quiet: true", " → left", asterisktest.Wait(2*time.Second), press("1234#"), "Wait(3)", press("*"), "Wait(60)"),
		room("room_wrong_pin", "pin2\n  pin: \"1234\"", refused, "Wait(2)", press("99#"), "Wait(3)", press("99#"), "Wait(3)", press("99#"), "Wait(60)"),
	}
	calls = append(calls, voicemail("mail_left", "voicemail: 100\n  instructions: false", "voicemail → left", "voicemail"+none+"VoiceMail", "Wait(6)", asterisktest.Play("beep"), press("#"), "Wait(60)")...)
	cancelled := voicemail("mail_cancelled", "voicemail: 100", "voicemail → cancelled", "voicemail"+none+"VoiceMail", "WaitForNoise(50,1,60)", press("*"), "Wait(60)")
	cancelled[0].told = []string{"came with a star"}
	calls = append(calls, cancelled...)
	calls = append(calls, voicemail("mail_nowhere", "voicemail: 999", "voicemail: voicemail.failed: there is no such mailbox, or it takes no message (on_error: continue)", "voicemail"+none+"VoiceMail", "Wait(60)")...)
	return append(calls, voicemail("mail_main", "voicemail_main: 100\n  no_password: true", "voicemail_main", "voicemail_main"+none+"VoiceMailMain", "Wait(3)", press("#"), "Wait(60)")...)
}
