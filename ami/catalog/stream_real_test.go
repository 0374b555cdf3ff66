package catalog_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/ami"
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

// all returns the events so far.
func (r *recorder) all() []ami.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events)
}

func has(e ami.Event, fields []string) bool {
	for i := 0; i < len(fields); i += 2 {
		if e.Get(fields[i]) != fields[i+1] {
			return false
		}
	}
	return true
}

func TestRealStream(t *testing.T) {
	asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		version, err := strconv.Atoi(v.Name)
		if err != nil {
			t.Fatal(err)
		}
		pbx := start(streamConfig)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		events := newRecorder()
		c := connect(t, pbx, events.add)
		s := scenario{pbx: pbx, client: c, events: events}
		s.run(ctx, t, [][]string{ // else much was not tried
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
			{"CEL", "EventName", "mine"},
			{"ChannelHungup"},
			{"ContactList"},
			{"ContactStatusDetail"},
			{"IdentifyDetail"},
			{"PeerEntry", "Channeltype", "IAX"},
			{"PeerEntry", "Channeltype", "IAX2"},
			{"ResourceListDetail"},
			{"TransportDetail"},
			{"WaitEventComplete"},
		})
		problems, names := map[string]bool{}, map[string]int{}
		all := events.all()
		for _, e := range all {
			names[e.Name()]++
			for _, p := range check(e, version) {
				problems[p] = true
			}
		}
		for _, p := range slices.Sorted(maps.Keys(problems)) {
			t.Error(p)
		}
		t.Logf("%d events of %d names: %v", len(all), len(names), names)
	})
}
