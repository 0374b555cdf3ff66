package live_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
)

func TestCoverage(t *testing.T) {
	start := time.Unix(1_700_000_000, 0)
	now := start
	m := live.New(live.Options{Server: "pbx1", Now: func() time.Time { return now }})
	sub := m.Subscribe(100, live.ServerConnected)
	defer sub.Close()
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	check := func(since int, want live.Coverage) {
		t.Helper()
		want.To = now
		if diff := cmp.Diff(m.Coverage(at(since)), want); diff != "" {
			t.Errorf("since %d: got -, want +\n%s", since, diff)
		}
	}
	state := func(second int, s ami.State) { now = at(second); m.HandleState(s, errors.New("broken")) }

	state(0, ami.Disconnected)
	state(10, ami.Connected)
	now = at(20)
	check(10, live.Coverage{From: at(10), Up: 10 * time.Second, Share: 1})
	check(0, live.Coverage{From: at(0), Up: 10 * time.Second, Share: 0.5, Gaps: []live.Outage{{From: at(0), To: at(10)}}})
	check(-20, live.Coverage{From: at(-20), Up: 10 * time.Second, Share: 0.25, Gaps: []live.Outage{{From: at(-20), To: at(0)}, {From: at(0), To: at(10)}}})
	state(30, ami.Disconnected)
	now = at(40)
	check(35, live.Coverage{From: at(35), Gaps: []live.Outage{{From: at(35), To: at(40)}}})
	state(50, ami.Connected)
	now = at(60)
	check(20, live.Coverage{From: at(20), Up: 20 * time.Second, Share: 0.5, Gaps: []live.Outage{{From: at(30), To: at(50)}}})

	first, second := (<-sub.C()).Peer, (<-sub.C()).Peer
	if first.Gap != 0 || first.Gaps != 0 || !first.GapFrom.IsZero() {
		t.Errorf("the first connect tells of a gap: %+v", first)
	}
	if second.Gap != 20*time.Second || second.Gaps != 1 || !second.GapFrom.Equal(at(30)) || !second.GapTo.Equal(at(50)) {
		t.Errorf("the second connect tells %+v", second)
	}
}

// Only so many gaps are remembered; of what was before nothing is said.
func TestCoverageForgets(t *testing.T) {
	start := time.Unix(1_700_000_000, 0)
	now := start
	m := live.New(live.Options{Server: "pbx1", Now: func() time.Time { return now }})
	for range 1500 {
		m.HandleState(ami.Connected, nil)
		now = now.Add(time.Second)
		m.HandleState(ami.Disconnected, nil)
		now = now.Add(time.Second)
	}
	m.HandleState(ami.Connected, nil)
	c := m.Coverage(start)
	if len(c.Gaps) != 1000 || c.From.Equal(start) || c.Share < 0.49 || c.Share > 0.51 {
		t.Errorf("%d gaps, share %v since %v", len(c.Gaps), c.Share, c.From.Sub(start))
	}
}
