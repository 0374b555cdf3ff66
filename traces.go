package pbxflow

import (
	"sync"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/rules"
)

// keptTraces is how many traces of calls, and of decisions, are kept in memory.
const keptTraces = 200

// traces keeps the newest traces. The zero value is ready.
type traces struct {
	mu    sync.Mutex
	calls []*flows.Trace
	rules []*rules.Trace
}

func (t *traces) addCall(c *flows.Trace) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls = keep(t.calls, c)
}

func (t *traces) addRule(r *rules.Trace) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rules = keep(t.rules, r)
}

// keep appends to a list that holds the newest keptTraces.
func keep[T any](list []T, v T) []T {
	if len(list) >= keptTraces {
		list = append(list[:0], list[1:]...)
	}
	return append(list, v)
}

// newest returns copies of the lists, newest first.
func (t *traces) newest() (calls []*flows.Trace, decisions []*rules.Trace) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return reversed(t.calls), reversed(t.rules)
}

func reversed[T any](list []T) []T {
	r := make([]T, len(list))
	for i, v := range list {
		r[len(list)-1-i] = v
	}
	return r
}

// callDone takes the trace of a call that is over.
func (s *Server) callDone(t *flows.Trace) {
	s.traces.addCall(t)
	if s.options.OnCall != nil {
		s.options.OnCall(t)
	}
}

// ruleDecided takes the trace of a rule's decision.
func (s *Server) ruleDecided(t *rules.Trace) {
	s.traces.addRule(t)
	if s.options.OnRule != nil {
		s.options.OnRule(t)
	}
}
