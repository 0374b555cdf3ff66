package flows_test

import (
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// recorded wants a recording in the sound folder that sounds so.
func recorded(name, want string) func(t *testing.T, p *realPBX) {
	return func(t *testing.T, p *realPBX) {
		heard := sounds.heard(p.samples(t, filepath.Join(p.SoundsDir, name+".wav")))
		if matched := regexp.MustCompile("^" + want).FindString(heard); heard == "" || matched != heard {
			t.Errorf("the recording %s holds %q, want %s", name, heard, want)
		}
	}
}

// recordCalls leave messages.
func recordCalls() []realCall {
	return listening([]realCall{
		{
			name: "record_key", caller: append([]asterisktest.Step{asterisktest.Wait(2 * time.Second), asterisktest.Play("one"), asterisktest.Play("two"), asterisktest.Press("#")}, patient()...),
			want: "record → ok\nlog recorded-key true ok #\nplay\nDONE by dialplan", heard: "beep one two", after: recorded("recorded-key", "one two"),
			flow: "- record: recorded-key\n  as: message\n- log: ${message.file} ${message.duration > \"700ms\"} ${message.reason} ${message.key}\n- play: ${message.file}",
		},
		{
			name: "record_silence", caller: append([]asterisktest.Step{asterisktest.Wait(time.Second / 2), asterisktest.Play("one"), asterisktest.Play("silence/9")}, patient()...),
			want: "record → silence\nlog true\nDONE by dialplan", after: recorded("recorded-silence", "one"),
			flow: "- record: recorded-silence\n  beep: false\n  silence: 2s\n  timeout: 12s\n  as: message\n- log: ${message.duration < \"5s\"}",
		},
		{
			name: "record_timeout", caller: append([]asterisktest.Step{asterisktest.Play("count")}, patient()...),
			want: "record → timeout\nlog true\nDONE by dialplan", after: recorded("recorded-timeout", "0s 1s( 2s)?"),
			flow: "- record: recorded-timeout\n  beep: false\n  silence: 2s\n  timeout: 3s\n  as: message\n- log: ${message.duration > \"1s\" and message.duration < \"3100ms\"}",
		},
		{
			name: "record_hangup", caller: []asterisktest.Step{asterisktest.Wait(time.Second), asterisktest.Play("one"), asterisktest.Play("two"), asterisktest.Hangup()},
			want: "record → hangup (on)\n  log true\nlog left recorded-hangup\nHANGUP by caller", after: recorded("recorded-hangup", "one two"),
			flow: "steps:\n  - record: recorded-hangup\n    beep: false\n    as: message\n    on: { hangup: { log: \"${message.duration > '900ms'}\" } }\n  - log: ${message.file}\n" +
				"on_hangup: { log: \"left ${message?.file ?? 'nothing'}\" }",
		},
		{
			name: "record_wide", caller: append([]asterisktest.Step{asterisktest.Play("count")}, patient()...),
			want: "record → timeout\nlog true\nplay\nDONE by dialplan",
			flow: "- record: recorded-wide\n  beep: false\n  format: sln16\n  timeout: 2s\n  as: message\n- log: ${message.duration > \"200ms\" and message.duration < \"2100ms\"}\n- play: recorded-wide",
		},
		{
			name: "record_nowhere", caller: patient(), heard: "two", want: "record → failed (on)\n  play\nDONE by dialplan",
			flow: "- record: no/such/folder\n  beep: false\n  on: { failed: { play: two } }",
		},
	})
}
