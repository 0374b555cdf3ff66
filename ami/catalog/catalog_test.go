package catalog_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/catalog"
)

func TestEvents(t *testing.T) {
	events := catalog.Events()
	if len(events) < 170 {
		t.Errorf("only %d events", len(events))
	}
	for i, e := range events {
		if i > 0 && events[i-1].Name >= e.Name {
			t.Errorf("%s and %s are out of order", events[i-1].Name, e.Name)
		}
		if e.Name == "" || len(e.Versions) == 0 {
			t.Errorf("incomplete: %+v", e)
		}
		for j, f := range e.Fields {
			if f == "" || strings.ContainsAny(f, "\r\n:") || slices.ContainsFunc(e.Fields[:j], func(g string) bool { return strings.EqualFold(f, g) }) {
				t.Errorf("%s: field %q", e.Name, f)
			}
		}
		if got, ok := catalog.Lookup(e.Name); !ok || !cmp.Equal(got, e) {
			t.Errorf("Lookup(%s) is %+v, %v", e.Name, got, ok)
		}
	}
	if _, ok := catalog.Lookup("hangup"); ok {
		t.Error("names are compared without regard to case")
	}
}

func TestFields(t *testing.T) {
	tests := []struct {
		event string
		class string
		has   []string
		not   []string
	}{
		{"Hangup", "call", []string{"Channel", "Uniqueid", "Linkedid", "Cause", "Cause-txt"}, []string{"DestChannel"}},
		{"DialBegin", "call", []string{"Channel", "DestChannel", "DestLinkedid", "DialString"}, nil},
		{"AgentConnect", "agent", []string{"HoldTime", "RingTime", "DestUniqueid", "Queue", "MemberName"}, nil},
		{"QueueCallerAbandon", "agent", []string{"OriginalPosition", "Position", "HoldTime", "queue"}, nil},
		{"BridgeEnter", "call", []string{"BridgeUniqueid", "Linkedid"}, nil},
		{"ChanSpyStart", "call", []string{"SpyerChannel", "SpyeeUniqueid"}, []string{"Channel"}},
		{"Newexten", "dialplan", []string{"Extension", "AppData", "Timestamp"}, nil},
	}
	for _, test := range tests {
		e, ok := catalog.Lookup(test.event)
		if !ok {
			t.Errorf("no %s", test.event)
			continue
		}
		if !slices.Contains(e.Class, test.class) {
			t.Errorf("%s has class %v, want %s", e.Name, e.Class, test.class)
		}
		for _, f := range test.has {
			if !e.Has(f) {
				t.Errorf("%s has no %s", e.Name, f)
			}
		}
		for _, f := range test.not {
			if e.Has(f) {
				t.Errorf("%s has %s", e.Name, f)
			}
		}
	}
}

// What a real server sent is in the catalogue.
func TestCapture(t *testing.T) {
	f, err := os.Open("../live/testdata/queue-and-spy.ami")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	events, err := ami.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if e.Name() == "TestEvent" || e.Name() == "Cdr" { // development builds only; mappings of that server
			continue
		}
		known, ok := catalog.Lookup(e.Name())
		if !ok {
			t.Errorf("no %s", e.Name())
			continue
		}
		for name := range e.All() {
			if name != "Event" && name != "Privilege" && !known.Has(name) {
				t.Errorf("%s has no %s", e.Name(), name)
			}
		}
	}
}
