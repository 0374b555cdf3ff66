package main

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pbxflow/pbxflow/flows"
	settings "github.com/pbxflow/pbxflow/internal/app"
)

func TestHash(t *testing.T) {
	for typed, want := range map[string]string{
		"4711":                  "",
		"471100\r\n":            "",
		"":                      "there is no PIN on the standard input",
		"\n":                    "the PIN is not digits alone",
		"471\n":                 "the PIN has fewer than 4 digits",
		"47a1\n":                "the PIN is not digits alone",
		strings.Repeat("1", 33): "the PIN has more than 32 digits",
	} {
		var out, prompts strings.Builder
		err := hashCommand{}.run(strings.NewReader(typed), &out, &prompts)
		if want != "" {
			if err == nil || err.Error() != want || out.Len() > 0 {
				t.Errorf("%q: got %v, want %s", typed, err, want)
			}
			continue
		}
		if err != nil || prompts.Len() > 0 || !strings.HasSuffix(out.String(), "\n") {
			t.Errorf("%q: got %q, %v and %q", typed, out.String(), err, prompts.String())
		}
		// It is what an app wants.
		verbs, err := flows.NewVerbs()
		if err != nil {
			t.Fatal(err)
		}
		text := "people: { meier: { pin: " + strings.TrimSpace(out.String()) + " } }"
		a, problems := settings.Load(fstest.MapFS{"app.yaml": {Data: []byte(text)}}, verbs)
		if problems != nil {
			t.Fatal(problems)
		}
		if _, err := a.Resolve("", nil); err != nil {
			t.Error(err)
		}
	}
}
