package ami

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// kind says what ends a waiter's wait.
type kind int

const (
	reply     kind = iota // the response
	list                  // the event with EventList: Complete
	originate             // the OriginateResponse
)

// waiter is an action that waits for its answer. A read goroutine fills it in and
// closes done; after that it belongs to who waits.
type waiter struct {
	number   uint64 // of the ActionID
	action   string
	kind     kind
	link     *link         // it was sent on
	accepted chan struct{} // closed when the response came and more is to follow; nil for a reply
	givenUp  bool          // nobody waits; what still comes is swallowed
	until    time.Time     // that long it may hold up its link when it is given up
	resp     Response
	items    []Event
	err      error
	done     chan struct{}

	limited    bool // by patience: given up then, and stands between these
	prev, next *waiter
}

func (w *waiter) isAccepted() bool {
	select {
	case <-w.accepted:
		return true
	default:
		return false
	}
}

// pending holds the actions of a session that wait for their answers.
type pending struct {
	ids *ids

	mu      sync.Mutex         // guards what follows, and waiters until they are done
	waiters map[uint64]*waiter // by number
	closed  bool
	patience

	collecting atomic.Int32 // waiters that events may belong to
}

func newPending(ids *ids, limit time.Duration) pending {
	return pending{ids: ids, waiters: make(map[uint64]*waiter), patience: patience{limit: limit}}
}

// expect registers w, unless the session is gone, and tells how many wait now.
func (p *pending) expect(w *waiter) (waiting int, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return 0, false
	}
	p.expectLocked(w)
	return len(p.waiters), true
}

func (p *pending) expectLocked(w *waiter) {
	p.waiters[w.number] = w
	w.until = time.Now().Add(p.limit)
	if w.kind != reply {
		p.collecting.Add(1)
	}
	if w.limited {
		p.limitLocked(w)
	}
}

// forget takes w off.
func (p *pending) forget(w *waiter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.removeLocked(w)
}

func (p *pending) removeLocked(w *waiter) {
	if p.waiters[w.number] != w {
		return
	}
	delete(p.waiters, w.number)
	if w.limited {
		p.leave(w)
	}
	if w.kind != reply {
		p.collecting.Add(-1)
	}
}

func (p *pending) finishLocked(w *waiter, err error) {
	p.removeLocked(w)
	w.err = err
	close(w.done)
}

// answer gives a response to the action with its ActionID; others are dropped, for
// who gave up has said so.
func (p *pending) answer(r Response) {
	number := p.ids.of(r.Message)
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.waiters[number]
	switch {
	case w == nil || w.isAccepted():
	case !r.ok():
		w.resp = r
		p.finishLocked(w, newError(w.action, r))
	case w.kind == list && !strings.EqualFold(r.Get("EventList"), "start"):
		p.finishLocked(w, fmt.Errorf("ami: %s did not answer with a list", w.action))
	case w.kind == reply:
		w.resp = r
		p.finishLocked(w, nil)
	default:
		w.resp = r
		close(w.accepted)
	}
}

// collect takes an event that belongs to the answer of an action; it reports false
// when the event is news for everybody.
func (p *pending) collect(e Event) bool {
	if p.collecting.Load() == 0 {
		return false
	}
	number := p.ids.of(e.Message)
	if number == 0 {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.waiters[number]
	if w == nil {
		return false
	}
	switch {
	case w.kind == originate && e.Name() == "OriginateResponse":
		// With two links it may come before the response.
		w.items = append(w.items, e)
		p.finishLocked(w, nil)
		return false
	case w.kind == list && w.isAccepted():
		if e.Get("EventList") != "" {
			p.finishLocked(w, w.end(e))
		} else if !w.givenUp {
			w.items = append(w.items, e)
		}
		return true
	}
	return false
}

// end says what is missing in a list that ends with e.
func (w *waiter) end(e Event) error {
	if err := e.ListEnd(len(w.items)); err != nil {
		return fmt.Errorf("%s: %w", w.action, err)
	}
	return nil
}

// fail ends all waits: nobody knows what became of these actions.
func (p *pending) fail(cause error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, w := range p.waiters {
		p.finishLocked(w, unknown(w.action, cause))
	}
	p.stop()
}
