package pbxflow

import (
	"fmt"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/ami/live"
)

// TestVisits counts callers of a queue.
func TestVisits(t *testing.T) {
	start := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	var v visits
	event := func(at time.Duration, name, channel, outcome string, waited time.Duration) {
		v.note(live.Event{Name: name, Server: "pbx1", Queue: &live.Queue{Name: "support", Channel: channel, Outcome: outcome, Waited: waited}}, start.Add(at))
	}
	event(0, live.QueueLeft, "unseen", live.Abandoned, time.Minute) // here before the start
	event(0, live.QueueLeft, "refused", live.Refused, 0)
	event(0, live.QueueJoined, "a", "", 0)
	event(10*time.Second, live.QueueConnected, "a", live.Answered, 10*time.Second)
	event(10*time.Second, live.QueueLeft, "a", live.Answered, 10*time.Second)
	event(time.Minute, live.QueueJoined, "a", "", 0) // the same channel again
	event(2*time.Minute, live.QueueConnected, "a", live.Answered, time.Minute)
	event(3*time.Minute, live.QueueJoined, "b", "", 0)
	event(3*time.Minute+3*time.Second, live.QueueLeft, "b", live.Abandoned, 3*time.Second)
	event(4*time.Minute, live.QueueJoined, "c", "", 0)
	event(5*time.Minute, live.QueueLeft, "c", live.Abandoned, time.Minute)
	event(6*time.Minute, live.QueueJoined, "d", "", 0)
	event(7*time.Minute, live.QueueLeft, "d", live.Timeout, time.Minute)
	event(8*time.Minute, live.QueueJoined, "e", "", 0) // waits

	for _, test := range []struct {
		now                                   time.Duration
		within                                time.Duration
		offered, answered, abandoned, waiting int
		share                                 float64 // answered within 20 s
	}{
		{8*time.Minute + 10*time.Second, time.Hour, 6, 2, 2, 1, 1.0 / 4},
		{8*time.Minute + 30*time.Second, time.Hour, 6, 2, 2, 1, 1.0 / 5}, // e has waited for too long
		{8*time.Minute + 10*time.Second, 6 * time.Minute, 4, 0, 2, 1, 0},
		{8*time.Minute + 10*time.Second, time.Minute, 1, 0, 0, 1, 1},
		{2 * time.Hour, time.Hour, 0, 0, 0, 0, 1},
	} {
		t.Run(fmt.Sprint(test.now, " ", test.within), func(t *testing.T) {
			now := start.Add(test.now)
			count := func(outcome string) int {
				return v.count("support", now, test.within, func(v *visit) bool { return v.outcome == outcome })
			}
			all := v.count("support", now, test.within, func(*visit) bool { return true })
			got := fmt.Sprint(all, count(live.Answered), count(live.Abandoned), count(""), v.answeredWithin("support", now, 20*time.Second, test.within))
			if want := fmt.Sprint(test.offered, test.answered, test.abandoned, test.waiting, test.share); got != want {
				t.Errorf("offered, answered, abandoned, waiting and the share in time are %s, want %s", got, want)
			}
		})
	}
	if n := v.count("nix", start, time.Hour, func(*visit) bool { return true }); n != 0 {
		t.Errorf("an unknown queue had %d visits", n)
	}
}

// TestVisitsBounded keeps the memory of a busy queue, and of a long time, in bounds.
func TestVisitsBounded(t *testing.T) {
	start := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	var v visits
	visit := func(i int, now time.Time) {
		q := &live.Queue{Name: "support", Channel: fmt.Sprint(i)}
		v.note(live.Event{Name: live.QueueJoined, Queue: q}, now)
		v.note(live.Event{Name: live.QueueLeft, Queue: &live.Queue{Name: "support", Channel: q.Channel, Outcome: live.Timeout}}, now)
	}
	for i := range 3 * keptVisits {
		visit(i, start)
	}
	if n := len(v.queues["support"].visits); n < keptVisits || n > keptVisits+1001 || len(v.queues["support"].open) != 0 {
		t.Errorf("%d visits and %d waiting are kept, want %d and none", n, len(v.queues["support"].open), keptVisits)
	}
	visit(0, start.Add(26*time.Hour))
	if n := len(v.queues["support"].visits); n > 2 {
		t.Errorf("%d visits are kept after a day, want the last", n)
	}
}
