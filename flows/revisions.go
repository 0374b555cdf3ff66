package flows

import (
	"sync"
	"time"
)

// revisions counts the calls that run with each program, so that it is known after a
// reload which ones still use the one before. The zero value is ready.
type revisions struct {
	mu    sync.Mutex
	calls map[*Program]int
}

// begin asks for the program of a new call and counts the call, and the function that it
// returns takes it back. It is one step, so that no call has a program of which Retire
// does not know.
func (r *revisions) begin(program func() *Program) (p *Program, end func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p = program()
	if r.calls == nil {
		r.calls = map[*Program]int{}
	}
	r.calls[p]++
	return p, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.calls[p]--; r.calls[p] == 0 {
			delete(r.calls, p)
		}
	}
}

// Revisions returns how many calls run with each revision, by its name. A revision
// without calls is not in it.
func (e *Engine) Revisions() map[string]int {
	e.revisions.mu.Lock()
	defer e.revisions.mu.Unlock()
	calls := map[string]int{}
	for p, n := range e.revisions.calls {
		calls[p.Revision] += n
	}
	return calls
}

// Retire makes the calls of all revisions but that of current end at a time: at the next
// border of a step the call is given back to the dialplan, with FLOWSTATUS DRAINED. What
// a step is doing it does to its end, and the flow's finally runs. It returns how many
// calls there are. A time that was set before stays if it is earlier.
func (e *Engine) Retire(current *Program, at time.Time) int {
	e.revisions.mu.Lock()
	defer e.revisions.mu.Unlock()
	calls := 0
	for p, n := range e.revisions.calls {
		if p == current || p.Revision == current.Revision {
			continue
		}
		calls += n
		if before := p.retired.Load(); before == nil || at.Before(*before) {
			p.retired.Store(&at)
		}
	}
	return calls
}

// isRetired reports whether the call has to be given back now.
func (c *Call) isRetired() bool {
	at := c.Program.retired.Load()
	return at != nil && c.Session != nil && !c.cleaning && !c.Now().Before(*at)
}
