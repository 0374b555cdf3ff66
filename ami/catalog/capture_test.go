package catalog_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/catalog"
)

// variable are events whose fields a configuration or a caller chooses.
var variable = []string{"UserEvent", "Cdr", "TestEvent"}

// check reports what the catalogue does not know of an event that a server of that
// version sent.
func check(e ami.Event, version int) (problems []string) {
	known, ok := catalog.LookupEvent(e.Name())
	if !ok || known.Name != e.Name() {
		return []string{"no event " + e.Name()}
	}
	if !known.Versions.Has(version) {
		problems = append(problems, e.Name()+" is not of this version")
	}
	if class, ok := strings.CutSuffix(e.Get("Privilege"), ",all"); ok && class != strings.Join(known.Class, ",") {
		problems = append(problems, fmt.Sprintf("%s has class %s, not %v", e.Name(), class, known.Class))
	}
	for name, text := range e.All() {
		if name == "Event" || name == "Privilege" || strings.HasPrefix(name, "ChanVariable") {
			continue
		}
		f, ok := known.Field(name)
		switch {
		case !ok:
			if !slices.Contains(variable, e.Name()) {
				problems = append(problems, e.Name()+" has no "+name)
			}
			continue
		case !f.Versions.Has(version):
			problems = append(problems, fmt.Sprintf("%s %s is not of this version", e.Name(), name))
		case f.Name != name:
			problems = append(problems, fmt.Sprintf("%s %s is spelt %s", e.Name(), f.Name, name))
		}
		if _, err := f.Parse(text); err != nil {
			problems = append(problems, fmt.Sprintf("%s %v", e.Name(), err))
		}
		if len(f.Values) > 0 && text != "" && !slices.ContainsFunc(f.Values, func(v catalog.Value) bool { return v.Name == text && v.Versions.Has(version) }) {
			problems = append(problems, fmt.Sprintf("%s %s is %q, not one of %v", e.Name(), name, text, f.Values))
		}
	}
	return problems
}

// What servers sent, recorded, is in the catalogue. A record of Asterisk 16 is called
// NAME-16.ami.
func TestCapture(t *testing.T) {
	records, err := filepath.Glob("../live/testdata/*.ami")
	if err != nil || len(records) == 0 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	more, err := filepath.Glob("../live/testdata/*/*.ami")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(records, more...) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			f, err := os.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			events, err := ami.ReadAll(f)
			if err != nil || len(events) == 0 {
				t.Fatalf("%d events, %v", len(events), err)
			}
			version := 22
			if strings.HasSuffix(name, "-16.ami") {
				version = 16
			}
			problems := map[string]bool{}
			for _, e := range events {
				for _, problem := range check(e, version) {
					problems[problem] = true
				}
			}
			for _, problem := range slices.Sorted(maps.Keys(problems)) {
				t.Error(problem)
			}
		})
	}
}

// A field, a value or a version that is not known is told.
func TestCheck(t *testing.T) {
	for want, e := range map[string]ami.Event{
		"no event Nothing":                   ami.NewEvent("Nothing"),
		"Hangup has no Colour":               ami.NewEvent("Hangup", "Colour", "red"),
		"Hangup Cause is spelt cause":        ami.NewEvent("Hangup", "cause", "16"),
		"Hangup has class user, not [call]":  ami.NewEvent("Hangup", "Privilege", "user,all"),
		"Hangup TechCause is not of this ve": ami.NewEvent("Hangup", "TechCause", "SIP 486"),
		`Hangup catalog: Cause: "x" is not`:  ami.NewEvent("Hangup", "Cause", "x"),
		`AgentComplete Reason is "boredom"`:  ami.NewEvent("AgentComplete", "Reason", "boredom"),
		"CoreShowChannelMap is not of this ": ami.NewEvent("CoreShowChannelMap"),
	} {
		if got := check(e, 16); len(got) != 1 || !strings.HasPrefix(got[0], want) {
			t.Errorf("%v: %q, want %s", e, got, want)
		}
	}
}
