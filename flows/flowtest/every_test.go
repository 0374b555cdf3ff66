package flowtest

import (
	"io/fs"
	"os"
	"path"
	"slices"
	"testing"

	"github.com/pbxflow/pbxflow/flows"
)

// TestEveryVerb wants each built-in verb, and each way in which it can end, to stand in a
// test of the repository's apps.
func TestEveryVerb(t *testing.T) {
	verbs, err := flows.NewVerbs()
	if err != nil {
		t.Fatal(err)
	}
	ran, seen := map[string]bool{}, map[string]bool{}
	for _, dir := range apps(t) {
		report, err := Test(os.DirFS(dir), Options{})
		if err != nil {
			t.Fatalf("%s: %v", dir, err)
		}
		if report.Count(Passed) != len(report.Results) {
			t.Errorf("%s: %s", dir, report.summary())
		}
		for _, step := range report.Coverage.steps {
			ran[step.verb] = ran[step.verb] || step.ran
			for outcome := range step.seen {
				seen[step.verb+" "+outcome] = true
			}
		}
	}
	for _, name := range verbs.Names() {
		if !ran[name] {
			t.Errorf("no test runs %s: write a flow and calls to it in flows/testdata/verbs or, if no Asterisk can play them, in testdata/verbs", name)
			continue
		}
		outcomes := verbs.Lookup(name).Outcomes
		for _, o := range outcomes {
			if len(outcomes) > 1 && !seen[name+" "+o.Name] {
				t.Errorf("no test has %s end in %s", name, o.Name)
			}
		}
	}
}

// apps are the folders of the repository that hold tests.
func apps(t *testing.T) []string {
	t.Helper()
	var dirs []string
	err := fs.WalkDir(os.DirFS("../.."), ".", func(name string, _ fs.DirEntry, err error) error {
		if dir := "../../" + path.Dir(name); isTest(name) && !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}
