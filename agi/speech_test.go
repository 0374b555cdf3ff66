package agi

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseRecognition(t *testing.T) {
	tests := []struct {
		text string
		want Recognition
	}{
		{`result=1 (digit) digit=5 endpos=800`, Recognition{Digit: "5", EndPos: 800}},
		{`result=1 (digit) digit=# endpos=0`, Recognition{Digit: "#"}},
		{`result=1 (timeout) endpos=0`, Recognition{Timeout: true}},
		{
			`result=1 (speech) endpos=80 results=1 score0=-3 text0="a) b" grammar0=g (x)`,
			Recognition{Results: []SpeechResult{{-3, "a) b", "g (x)"}}, EndPos: 80},
		},
		{
			`result=1 (speech) endpos=0 results=2 score0=1 text0="a score1=2" grammar0=g score1=0 text1="" grammar1=`,
			Recognition{Results: []SpeechResult{{1, "a score1=2", "g"}, {0, "", ""}}},
		},
	}
	for _, tt := range tests {
		got, err := parseRecognition(tt.text)
		if d := cmp.Diff(got, tt.want); d != "" || err != nil {
			t.Errorf("%s: %v, got - want +\n%s", tt.text, err, d)
		}
	}
	for _, text := range []string{"", "result=1", "result=1 (speech)", "result=1 (digit) digit=5", "result=1 (speech) endpos=0 results=1 score0=1 text0=a"} {
		if got, err := parseRecognition(text); err == nil {
			t.Errorf("%q: got %+v, want an error", text, got)
		}
	}
}

// What an engine heard is text from outside: it must not break the parser, and what
// was understood must come back the same when Asterisk writes it again.
func FuzzParseRecognition(f *testing.F) {
	f.Add("result=1 (digit) digit=5 endpos=800")
	f.Add("result=1 (speech) endpos=0 results=0 ")
	f.Fuzz(func(t *testing.T, text string) {
		rec, err := parseRecognition(text)
		if err != nil || len(rec.Results) == 0 {
			return
		}
		again := fmt.Sprintf("result=1 (speech) endpos=%d results=%d", rec.EndPos, len(rec.Results))
		for i, r := range rec.Results {
			again += fmt.Sprintf(` score%[1]d=%[2]d text%[1]d="%[3]s" grammar%[1]d=%[4]s`, i, r.Score, r.Text, r.Grammar)
		}
		got, err := parseRecognition(again)
		if d := cmp.Diff(got, rec); d != "" || err != nil {
			t.Errorf("%q: %v, got - want +\n%s", again, err, d)
		}
	})
}
