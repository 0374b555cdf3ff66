package flows_test

import "github.com/pbxflow/pbxflow/internal/asterisktest"

// sayCalls listen to what is said, to music and to tones, and hear keys.
func sayCalls() []realCall {
	say := func(name, step, heard string) realCall {
		return realCall{name: name, flow: "- say: " + step, caller: patient(), heard: heard, want: "say\nDONE by dialplan"}
	}
	return listening([]realCall{
		{
			// What lacks in a number or a word Asterisk leaves out, and says nothing of it.
			name: "say_missing", flow: "- say: 14:30\n  type: time\n  format: IM 'no-such-sound'\n  on: { missing: { play: two } }", caller: patient(),
			heard: "digits/2 digits/30 two", want: "say → missing (on)\n  play\nDONE by dialplan", status: "DONE",
		},
		say("say_digits", "\"0123*#\"\n  type: digits", "digits/0 digits/1 digits/2 digits/3 digits/star digits/pound"),
		say("say_star", "\"*#12\"\n  type: digits", "digits/star digits/pound digits/1 digits/2"),
		say("say_number", "24\n  type: number", "digits/20 digits/4"),
		say("say_alpha", "A1\n  type: alpha", "letters/a digits/1"),
		say("say_phonetic", "A\n  type: phonetic", "phonetic/a_p"),
		say("say_date", "2026-12-25\n  type: date\n  format: A B d", "digits/day-5 digits/mon-11 digits/20 digits/h-5"),
		say("say_time", "14:30\n  type: time\n  format: I M p", "digits/2 digits/30 digits/p-m"),
		say("say_zone", "2026-12-25T13:30:00Z\n  type: datetime\n  timezone: Europe/Zurich\n  format: I M p", "digits/2 digits/30 digits/p-m"),
		{
			name: "say_stopped", flow: "- say: 1234\n  type: digits\n  interrupt: \"8\"\n  as: said\n- log: ${said.key}", caller: presser(0.8, "8"),
			want: "say → stopped\nlog 8\nDONE by dialplan",
		},
		{
			name: "dtmf", flow: "- play: one\n- send_dtmf: 12w3A#\n- send_dtmf: \"45\"\n  between: 100ms\n  press: 150ms\n- play: one", want: "play\nsend_dtmf\nsend_dtmf\nplay\nDONE by dialplan",
			caller: append([]asterisktest.Step{"Read(FIRST,,7,,1,20)", "Read(SECOND,,2,,1,20)", tell("dtmf", "${FIRST} ${SECOND}")}, patient()...),
			told:   []string{"123A 45"}, heard: "one one",
		},
		{
			name: "music", caller: patient(), heard: "(two )+(swiss )+beep", want: "music\nwait\nmusic\nwait\nmusic\nwait\nplay\nDONE by dialplan",
			flow: "- music: calm\n- wait: 1s\n- music: on\n- wait: 1s\n- music: off\n- wait: 1s\n- play: beep",
		},
		{
			name: "tone", caller: patient(), heard: "swiss swiss one( one)?( one)? beep", want: "tone\ntone\nwait\ntone\nwait\nplay\nDONE by dialplan",
			flow: "- tone: busy\n  country: ch\n  for: 1800ms\n- tone: 475/400,0/200\n- wait: 1s\n- tone: off\n- wait: 1s\n- play: beep",
		},
		{
			name: "tone_stopped", caller: presser(0.7, "1#"), heard: "one( beep)?", want: "tone → stopped\nlog #\nDONE by dialplan",
			flow: "- tone: \"475\"\n  for: 20s\n  interrupt: \"#\"\n  as: heard\n- log: ${heard.key}",
		},
		{
			name: "tone_unknown", caller: patient(), heard: "beep", want: "tone → unknown (on)\n  play\nDONE by dialplan",
			flow: "- tone: busy\n  country: qq\n  on: { unknown: { play: beep } }",
		},
	})
}

// realMusic has classes that are sounds of the test.
const realMusic = `
[default]
mode = files
directory = sounds/moh

[calm]
mode = files
directory = sounds/calm
`
