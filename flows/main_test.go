package flows_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/app"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
	"github.com/pbxflow/pbxflow/internal/lang"
)

func TestMain(m *testing.M) { asterisktest.Main(m) }

// load loads an app of one file, app.yaml, that has no mistakes.
func load(t testing.TB, text string, verbs ...flows.Verb) *app.App {
	t.Helper()
	a, problems := check(t, text, verbs...)
	if problems.Err() != nil {
		t.Fatalf("the app has mistakes:\n%v", problems)
	}
	return a
}

// check loads an app of one file, app.yaml, and returns its mistakes.
func check(t testing.TB, text string, verbs ...flows.Verb) (*app.App, lang.Problems) {
	t.Helper()
	vs, err := flows.NewVerbs(verbs...)
	if err != nil {
		t.Fatal(err)
	}
	return app.Load(fstest.MapFS{"app.yaml": {Data: []byte(text)}}, vs)
}

// loadFiles loads an app of several files that has no mistakes.
func loadFiles(t testing.TB, files map[string]string, verbs ...flows.Verb) *app.App {
	t.Helper()
	vs, err := flows.NewVerbs(verbs...)
	if err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	a, problems := app.Load(fsys, vs)
	if problems.Err() != nil {
		t.Fatalf("the app has mistakes:\n%v", problems)
	}
	return a
}

// summary writes what a trace tells about steps, one a line: the verb, what a log
// step wrote, and how the step ended, nested by depth.
func summary(trace *flows.Trace) string {
	var b strings.Builder
	for _, s := range trace.Steps {
		fmt.Fprintf(&b, "%s%s", strings.Repeat("  ", s.Depth), s.Verb)
		for _, a := range s.Args {
			if s.Verb == "log" && a.Key == "log" {
				fmt.Fprintf(&b, " %v", a.Value)
			}
		}
		switch {
		case s.Skipped != "":
			fmt.Fprintf(&b, " skipped: %s", s.Skipped)
		case s.Error != "":
			fmt.Fprintf(&b, ": %s", s.Error)
		case s.Verb != "log" && s.Outcome != "" && s.Outcome != "done":
			fmt.Fprintf(&b, " → %s", s.Outcome)
		}
		if s.Handled != "" {
			fmt.Fprintf(&b, " (%s)", s.Handled)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%s by %s", trace.Status, trace.EndedBy)
	return b.String()
}

// lines brings the text of a test's table to the form that summary has: without
// the first line break and the indentation of the first line.
func lines(text string) string {
	text = strings.TrimPrefix(text, "\n")
	indent := text[:len(text)-len(strings.TrimLeft(text, "\t"))]
	text = strings.ReplaceAll("\n"+text, "\n"+indent, "\n")
	return strings.TrimSpace(text)
}
