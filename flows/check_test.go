package flows_test

import (
	"encoding/json"
	"flag"
	"iter"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/app"
)

var update = flag.Bool("update", false, "write what the checker says into testdata/problems.txt")

// sections returns the parts of a file that begin with "### name".
func sections(t *testing.T, file string) iter.Seq2[string, string] {
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return func(yield func(name, text string) bool) {
		for section := range strings.SplitSeq(strings.TrimPrefix(string(b), "### "), "\n### ") {
			if name, text, _ := strings.Cut(section, "\n"); !yield(name, text+"\n") {
				return
			}
		}
	}
}

// TestRight loads apps that look odd and are right.
func TestRight(t *testing.T) {
	for name, text := range sections(t, "testdata/right.txt") {
		t.Run(name, func(t *testing.T) {
			if _, problems := check(t, text); len(problems) > 0 {
				t.Errorf("it is right, but:\n%v", problems)
			}
		})
	}
}

// TestProblems compares everything that the checker says about broken apps with
// testdata/problems.txt: sections that begin with "### name", each an app and,
// below a line "---", its problems as an author sees them.
func TestProblems(t *testing.T) {
	const file = "testdata/problems.txt"
	var all strings.Builder
	for name, section := range sections(t, file) {
		text, want, _ := strings.Cut(section, "---\n")
		got := ""
		t.Run(name, func(t *testing.T) {
			_, problems := check(t, text)
			if len(problems) == 0 {
				t.Error("nothing is wrong")
				return
			}
			got = problems.Error() + "\n"
			if diff := cmp.Diff(strings.TrimRight(want, "\n"), strings.TrimRight(got, "\n")); diff != "" && !*update {
				t.Errorf("problems differ (-want +got):\n%s", diff)
			}
		})
		all.WriteString("### " + name + "\n" + strings.TrimRight(text, "\n") + "\n---\n" + got)
	}
	if *update {
		if err := os.WriteFile(file, []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSchema finds every verb, with its options and the modifiers, in the JSON
// Schema for editors.
func TestSchema(t *testing.T) {
	verbs, err := flows.NewVerbs(crashVerb)
	if err != nil {
		t.Fatal(err)
	}
	doc := app.Schema(verbs)
	forms := doc["$defs"].(map[string]any)["step"].(map[string]any)["anyOf"].([]any)[1:]
	for i, name := range verbs.Names() {
		form := forms[i].(map[string]any)
		properties := form["properties"].(map[string]any)
		if properties[name] == nil || properties["on_error"] == nil || !slices.Contains(form["required"].([]string), name) {
			t.Errorf("the schema of %s has the keys %v, of which it needs %v", name, slices.Sorted(maps.Keys(properties)), form["required"])
		}
	}
	if _, err := json.Marshal(doc); err != nil {
		t.Error(err)
	}
}

func TestFunctions(t *testing.T) {
	verbs, err := flows.NewVerbs()
	if err != nil {
		t.Fatal(err)
	}
	good := func(s string) (string, error) { return s, nil }
	for _, f := range []flows.Function{
		{Name: "", Func: good},
		{Name: "no-dash", Func: good},
		{Name: "len", Func: good},
		{Name: "now", Func: good},
		{Name: "call", Func: good},
		{Name: "none", Func: nil},
		{Name: "text", Func: "text"},
		{Name: "nothing", Func: func() {}},
		{Name: "only", Func: func() error { return nil }},
		{Name: "three", Func: func() (int, int, error) { return 0, 0, nil }},
	} {
		if _, err := verbs.WithFunctions(f); err == nil {
			t.Errorf("%q of %T was taken", f.Name, f.Func)
		}
	}
	if _, err := verbs.WithFunctions(flows.Function{Name: "a", Func: good}, flows.Function{Name: "a", Func: good}); err == nil {
		t.Error("a name was taken twice")
	}
	if _, err := verbs.WithFunctions(flows.Function{Name: "a", Func: good}, flows.Function{Name: "b", Func: func(int) int { return 1 }}); err != nil {
		t.Error(err)
	}
}
