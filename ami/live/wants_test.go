package live_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
)

// asked reports whether Asterisk would send e to who wants these.
func asked(wants []ami.Want, e ami.Event) bool {
	return slices.ContainsFunc(wants, func(w ami.Want) bool {
		return slices.Contains(w.Names, e.Name()) &&
			!slices.ContainsFunc(w.Fields, func(f ami.Field) bool { return e.Get(f.Name) != f.Value })
	})
}

// What the model does not ask for would not change what it tells.
func TestWants(t *testing.T) {
	files, err := filepath.Glob("testdata/scenarios/*.ami")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d scenarios: %v", len(files), err)
	}
	held := 0
	wants := live.Wants(allEvents()...)
	for _, file := range append(files, "testdata/queue-and-spy.ami") {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		events, err := ami.ReadAll(f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		all, some := newModel(), newModel()
		fromAll, fromSome := all.Subscribe(10_000), some.Subscribe(10_000)
		for _, e := range events {
			all.Handle(e)
			if asked(wants, e) {
				some.Handle(e)
			} else {
				held++
			}
		}
		if diff := cmp.Diff(drain(t, fromAll), drain(t, fromSome)); diff != "" {
			t.Errorf("%s: all events -, those asked for +\n%s", file, diff)
		}
	}
	if held == 0 {
		t.Error("no event is held back")
	}
}

func TestWantsOfSubscribers(t *testing.T) {
	set := func(name string) ami.Event { return ami.NewEvent("VarSet", "Variable", name) }
	for _, test := range []struct {
		e     ami.Event
		names []string
		want  bool
	}{
		{set("QUEUESTATUS"), nil, true},
		{set("OTHER"), []string{live.CallEnded}, false},
		{set("OTHER"), []string{"VarSet"}, true},
		{ami.NewEvent("UserEvent"), nil, false},
		{ami.NewEvent("UserEvent"), []string{live.CallEnded, "UserEvent"}, true},
		{ami.NewEvent("Hangup"), nil, true},
		{ami.NewEvent(live.CallEnded), []string{live.CallEnded}, false},
	} {
		if got := asked(live.Wants(test.names...), test.e); got != test.want {
			t.Errorf("%v with %v: %v, want %v", test.e, test.names, got, test.want)
		}
	}
}
