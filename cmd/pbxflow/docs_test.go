package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDocs(t *testing.T) {
	for args, want := range map[string]string{
		"docs check never-used": `check never-used

Warning. A parameter, a result or a variable has a name that nothing reads.
Remove it, or begin its name with _.

    flows:
      main:
        - play: welcome
          as: heard
`,
		"docs function digits": `function digits

The digits of a text, without anything else; for numbers that people write with
spaces.

  example               gives
  digits("+41 44 123")  4144123
  digits("abc")
`,
		"docs key max_sessions": `key max_sessions

In pbxflow.yaml under agi:

  key           wants           default
  max_sessions  a whole number           How many calls run at once at most; 0
                                         means no limit. Calls beyond it go on
                                         in the dialplan with AGISTATUS=FAILURE.
`,
	} {
		if diff := cmp.Diff(want, runCommand(t, 0, args)); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", args, diff)
		}
	}
	for args, want := range map[string]string{
		"docs":                  "agent.no_answer",
		"docs events":           "\n  QueueCallerAbandon",
		"docs MENU":             "verb menu",
		"docs event call.ended": "call.answered",
		"docs event DialEnd":    "event.DialStatus",
	} {
		if got := runCommand(t, 0, args); !strings.Contains(got, want) {
			t.Errorf("%s lacks %q:\n%s", args, want, got)
		}
	}
	for args, want := range map[string]string{
		"docs verb digits":     `pbxflow: nothing is called "digits"; pbxflow docs lists what there is`,
		"docs function digts":  `pbxflow: nothing is called "digts" — did you mean "digits"?`,
		"docs thing menu":      `pbxflow: there is no kind "thing", but verb, function, event, key, check`,
		"docs verb menu again": `pbxflow: name one topic: its kind and its name`,
		"schema sheet":         `pbxflow: there is no schema "sheet", but app, config, test`,
	} {
		if got := strings.TrimSpace(runCommand(t, 1, args)); got != want {
			t.Errorf("%s: got %q, want %q", args, got, want)
		}
	}
}

func TestSchemaCommand(t *testing.T) {
	path := filepath.Join(t.TempDir(), "schema.json")
	if got := runCommand(t, 0, "schema config --output "+path); got != "" {
		t.Errorf("it printed %q", got)
	}
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if printed := runCommand(t, 0, "schema config"); printed != string(written) || !json.Valid(written) {
		t.Errorf("the file holds %.100q, printed is %.100q", written, printed)
	}
	if app := runCommand(t, 0, "schema"); !strings.Contains(app, "Plays sounds") {
		t.Errorf("the schema of an app does not know play: %.300s", app)
	}
}

// runCommand runs the program and returns what it says, wherever it does.
func runCommand(t *testing.T, want int, args string) string {
	t.Helper()
	var out strings.Builder
	if code := run(strings.Fields(args), &out, &out); code != want {
		t.Errorf("pbxflow %s: status %d, want %d: %s", args, code, want, out.String())
	}
	return out.String()
}
