package catalog_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/catalog"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// recorder keeps the events of a server and lets a test wait for one.
type recorder struct {
	mu     sync.Mutex
	events []ami.Event
	more   chan struct{} // closed and made anew with each event
}

func newRecorder() *recorder { return &recorder{more: make(chan struct{})} }

func (r *recorder) add(e ami.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
	close(r.more)
	r.more = make(chan struct{})
}

// wait returns the first event of that name that has those fields.
func (r *recorder) wait(ctx context.Context, name string, fields ...string) (ami.Event, error) {
	for next := 0; ; {
		r.mu.Lock()
		events, more := r.events, r.more
		r.mu.Unlock()
		for ; next < len(events); next++ {
			if e := events[next]; e.Name() == name && has(e, fields) {
				return e, nil
			}
		}
		select {
		case <-more:
		case <-ctx.Done():
			return ami.Event{}, fmt.Errorf("no %s with %v: %w", name, fields, context.Cause(ctx))
		}
	}
}

func has(e ami.Event, fields []string) bool {
	for i := 0; i < len(fields); i += 2 {
		if e.Get(fields[i]) != fields[i+1] {
			return false
		}
	}
	return true
}

// variable are events whose fields a configuration or a caller chooses.
var variable = []string{"UserEvent", "Cdr", "TestEvent"}

// check reports what the catalogue does not know of an event, as "Hangup: no X".
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

func TestRealStream(t *testing.T) {
	asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		version, err := strconv.Atoi(v.Name)
		if err != nil {
			t.Fatal(err)
		}
		pbx := start(streamConfig)
		ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
		defer cancel()
		events := newRecorder()
		c := connect(t, pbx, events.add)
		s := scenario{pbx: pbx, client: c, events: events}
		s.run(ctx, t)
		for _, seen := range [][]string{ // else much was not tried
			{"AgentConnect"},
			{"AgentRingNoAnswer"},
			{"QueueCallerAbandon"},
			{"QueueMember"},
			{"ParkedCall"},
			{"ConfbridgeJoin"},
			{"ConfbridgeList"},
			{"BlindTransfer"},
			{"CEL"},
			{"Cdr"},
			{"AsyncAGIExec"},
			{"RTCPSent"},
			{"PeerStatus", "PeerStatus", "Reachable"},
			{"PeerStatus", "PeerStatus", "Unreachable"},
			{"EndpointDetail"},
			{"InvalidPassword"},
			{"MixMonitorStart"},
			{"ChanSpyStart"},
			{"ChannelTalkingStop"},
			{"DTMFEnd"},
			{"LocalOptimizationEnd"},
			{"BridgeInfoChannel"},
			{"PresenceStatus"},
			{"QueueMemberPause"},
			{"AgentLogoff"},
		} {
			if _, err := events.wait(ctx, seen[0], seen[1:]...); err != nil {
				t.Error(err)
			}
		}
		problems, names := map[string]bool{}, map[string]int{}
		for _, e := range events.events {
			names[e.Name()]++
			for _, p := range check(e, version) {
				problems[p] = true
			}
		}
		for _, p := range slices.Sorted(maps.Keys(problems)) {
			t.Error(p)
		}
		t.Logf("%d events of %d names: %v", len(events.events), len(names), names)
	})
}
