package catalog_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/capture"
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
	var records []string
	for _, pattern := range []string{"../live/testdata/*.ami", "../live/testdata/*.ami.gz", "../live/testdata/*/*.ami", "../amitest/testdata/*.ami.gz"} {
		some, err := filepath.Glob(pattern)
		if err != nil || len(some) == 0 {
			t.Fatalf("%s: %d records, %v", pattern, len(some), err)
		}
		records = append(records, some...)
	}
	for _, name := range records {
		t.Run(filepath.Base(name), func(t *testing.T) {
			recorded, err := capture.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			version := 22
			if strings.Contains(name, "-16.ami") {
				version = 16
			}
			problems, events := map[string]bool{}, 0
			for _, r := range recorded {
				e, ok := r.Event()
				if !ok {
					continue
				}
				events++
				for _, problem := range check(e, version) {
					problems[problem] = true
				}
			}
			if events == 0 {
				t.Error("no events")
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
