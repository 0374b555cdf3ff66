package flows_test

import "testing"

func TestSay(t *testing.T) {
	say := func(name, step, sent string) conversation {
		return conversation{
			name: name, flow: "- say: " + step,
			asterisk: "> " + sent + "\n< 200 result=0", want: "say\nDONE by dialplan",
		}
	}
	abroad := func(c conversation) conversation {
		c.name += " abroad"
		c.asterisk = "env agi_language: de\n" + c.asterisk
		return c
	}
	const tooBig = "2147483648"
	runAll(t, []conversation{
		say("digits", "0123*#\n  type: digits", `SAY DIGITS "0123*#" ""`),
		say("a number from abroad", "+41791234567\n  type: digits", `SAY DIGITS "41791234567" ""`),
		say("digits that begin with a key that is none", `"*21#"`+"\n  type: digits", `SAY ALPHA "*21#" ""`),
		say("number", "-42\n  type: number", `SAY NUMBER "-42" ""`),
		say("number with a gender", "${1 + 20}\n  type: number\n  gender: f", `SAY NUMBER "21" "" "f"`),
		say("alpha", "AB 12\n  type: alpha", `SAY ALPHA "AB 12" ""`),
		say("phonetic", "ZRH\n  type: phonetic", `SAY PHONETIC "ZRH" ""`),
		say("a moment's date", "2026-12-25T23:30:00Z\n  type: date", `SAY DATE "1798241400" ""`),
		say("a moment's time", "2026-12-25T23:30:00+01:00\n  type: time", `SAY TIME "1798237800" ""`),
		say("a moment", "2026-12-25T23:30:00Z\n  type: datetime", `SAY DATETIME "1798241400" ""`),
		say("a moment elsewhere", "2026-12-25T23:30:00Z\n  type: datetime\n  timezone: Europe/Zurich", `SAY DATETIME "1798241400" "" "ABdY 'digits/at' IMp" "Europe/Zurich"`),
		say("a date", "2026-12-25\n  type: date", `SAY DATETIME "1798156800" "" "ABdY" "UTC"`),
		abroad(say("a date", "2026-12-25\n  type: date", `SAY DATETIME "1798156800" "" "AdBY" "UTC"`)),
		say("a time", "14:30\n  type: time", `SAY DATETIME "946737000" "" "IMp" "UTC"`),
		abroad(say("a time", "14:30\n  type: time", `SAY DATETIME "946737000" "" "R" "UTC"`)),
		say("a date and a time", "2026-12-25 14:30\n  type: datetime\n  timezone: Europe/Zurich", `SAY DATETIME "1798209000" "" "ABdY 'digits/at' IMp" "UTC"`),
		say("in a format", "2026-12-25\n  type: date\n  format: AdB", `SAY DATETIME "1798156800" "" "AdB" "UTC"`),
		{
			name: "stopped", flow: "- say: 1\n  type: number\n  interrupt: \"#\"\n  as: said\n- log: key ${said.key}",
			asterisk: "> SAY NUMBER \"1\" \"#\"\n< 200 result=35", want: "say → stopped\nlog key #\nDONE by dialplan",
		},
		{
			name: "a sound is missing", flow: "- say: 1\n  type: number\n  on: { missing: { log: silence } }",
			asterisk: "> SAY NUMBER \"1\" \"\"\n< 200 result=-1\n> CHANNEL STATUS\n< 200 result=6",
			want:     "say → missing (on)\n  log silence\nDONE by dialplan",
		},
		{
			name: "a text that does not fit", flow: "- set: { big: " + tooBig + ", none: \"\" }\n- say: ${big}\n  type: number\n  on_error: { log: \"${error.id}\" }\n" +
				"- say: ${call.caller.name}\n  type: digits\n  on_error: continue\n- say: ${none}\n  type: alpha\n  on_error: continue",
			asterisk: "env agi_calleridname: Ann",
			want: "set\nsay: say.text: \"2147483648\" cannot be said as number (on_error)\n  log say.text\n" +
				"say: say.text: \"Ann\" cannot be said as digits (on_error: continue)\n" +
				"say: say.text: there is nothing to say (on_error: continue)\nDONE by dialplan",
		},
	})
}

func TestMusicAndTones(t *testing.T) {
	const busy = "> EXEC \"Playtones\" \"busy\"\n< 200 result=0\n"
	const stop = "> EXEC \"StopPlaytones\"\n< 200 result=0\n"
	runAll(t, []conversation{
		{
			name: "music", flow: "- music: on\n- music: calm\n- music: ${call.dialed}\n- music: off", asterisk: `
				> SET MUSIC "on"
				< 200 result=0
				> SET MUSIC "on" "calm"
				< 200 result=0
				> SET MUSIC "on" "100"
				< 200 result=0
				> SET MUSIC "off"
				< 200 result=0`,
			want: "music\nmusic\nmusic\nmusic\nDONE by dialplan",
		},
		{name: "a tone meanwhile", flow: "- tone: busy\n- tone: off", asterisk: busy + stop, want: "tone\ntone\nDONE by dialplan"},
		{
			name: "a tone for a time", flow: "- tone: busy\n  for: 3s", asterisk: busy + "> WAIT FOR DIGIT \"3000\"\n. 3s\n< 200 result=0\n" + stop,
			want: "tone\nDONE by dialplan",
		},
		{
			name: "a tone and keys", flow: "- tone: busy\n  for: 3s\n  interrupt: \"#\"\n  as: heard\n- log: key ${heard.key}",
			asterisk: busy + "> WAIT FOR DIGIT \"3000\"\n. 1s\n< 200 result=49\n> WAIT FOR DIGIT \"2000\"\n< 200 result=35\n" + stop,
			want:     "tone → stopped\nlog key #\nDONE by dialplan",
		},
		{
			name: "the tone of a country", flow: "- tone: 425/500,0/500\n  country: ch", asterisk: `
				> SET VARIABLE "CHANNEL(tonezone)" "ch"
				< 200 result=1
				> GET VARIABLE "CHANNEL(tonezone)"
				< 200 result=1 (ch)
				> EXEC "Playtones" "425/500,0/500"
				< 200 result=0`,
			want: "tone\nDONE by dialplan",
		},
		{
			name: "a country that Asterisk does not know", flow: "- tone: busy\n  country: xx\n  on_error: continue", asterisk: `
				> SET VARIABLE "CHANNEL(tonezone)" "xx"
				< 200 result=1
				> GET VARIABLE "CHANNEL(tonezone)"
				< 200 result=1 (us)`,
			want: "tone: tone.unknown: asterisk has no such tone, or no such country (on_error: continue)\nDONE by dialplan",
		},
		{
			name: "a tone that Asterisk does not know", flow: "- tone: stutter\n  on: { unknown: { log: silence } }",
			asterisk: "> EXEC \"Playtones\" \"stutter\"\n< 200 result=-1\n> CHANNEL STATUS\n< 200 result=6",
			want:     "tone → unknown (on)\n  log silence\nDONE by dialplan",
		},
		{
			name: "keys", flow: "- send_dtmf: 1w2*#\n  between: 100ms\n  press: 200ms",
			asterisk: "> EXEC \"SendDTMF\" \"1w2*#,100,200\"\n< 200 result=0", want: "send_dtmf\nDONE by dialplan",
		},
		{
			name: "keys that are none", flow: "- send_dtmf: ${call.caller.name}\n  on_error: continue", asterisk: "env agi_calleridname: 1,2",
			want: "send_dtmf: expression: app.yaml:6:20: call.caller.name: wants keys such as 1w23#, not \"1,2\" (on_error: continue)\nDONE by dialplan",
		},
	})
}
