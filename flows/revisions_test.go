package flows_test

import (
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/flows"
)

// TestRetireMeetsNewCall retires the old revision while a call that will run it has just
// asked for it: the call is one of those to give back.
func TestRetireMeetsNewCall(t *testing.T) {
	before, after := load(t, "flows: { main: { log: old } }").Program, load(t, "flows: { main: { log: new } }").Program
	retired := make(chan int, 1)
	var traces []*flows.Trace
	e := &flows.Engine{OnTrace: func(trace *flows.Trace) { traces = append(traces, trace) }}
	e.Program = func() *flows.Program {
		go func() { retired <- e.Retire(after, time.Time{}) }()
		select {
		case n := <-retired: // and has missed the call
			retired <- n
		case <-time.After(50 * time.Millisecond): // waits until the call is known
		}
		return before
	}
	call(t, e, "main")
	if n := <-retired; n != 1 {
		t.Errorf("%d calls were retired, want 1", n)
	}
	if len(traces) != 1 {
		t.Fatalf("got %d traces, want 1", len(traces))
	}
}
