package ami_test

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// A subscriber that takes 1 ms for an event costs neither the link nor the Handler
// anything, at ten times as many events: what it loses is counted, and marked where it
// is missing.
func TestSlowSubscriber(t *testing.T) {
	bubble(t, func(t *testing.T) {
		const sent = 60_000 // in six seconds
		h := run(t, nil)
		s := h.client.Subscribe(nil, 1000)
		var taken, missing, next uint64
		done := make(chan struct{})
		go func() {
			defer close(done)
			for e := range s.C() {
				if g, ok := e.Gap(); ok {
					missing += g.Lost
					next += g.Lost
					continue
				}
				if got := e.Get("N"); got != strconv.FormatUint(next, 10) {
					t.Errorf("event %s where %d is due", got, next)
				}
				taken++
				next++
				time.Sleep(time.Millisecond)
			}
		}()
		for i := range uint64(sent) {
			h.Emit("VarSet", "N", strconv.FormatUint(i, 10))
			if i%100 == 99 {
				time.Sleep(10 * time.Millisecond)
			}
		}
		synctest.Wait()
		s.Close()
		<-done
		events, states := h.seen()
		if len(events) != sent || len(states) != 1 {
			t.Errorf("the handler got %d events of %d; states %v", len(events), sent, states)
		}
		if taken+s.Lost() != sent || missing != s.Lost() || missing < sent/2 {
			t.Errorf("the subscriber got %d and lost %d of %d; %d are marked in its stream", taken, s.Lost(), sent, missing)
		}
		if _, err := h.client.Do(t.Context(), ami.Action{Name: "Ping"}); err != nil {
			t.Errorf("Ping: %v", err)
		}
	})
}
