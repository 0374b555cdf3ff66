package ami

import (
	"context"
	"fmt"
	"time"
)

// patience bounds the waits of those who have no deadline of their own. All of them
// are equally patient, so they stand in the order in which they will give up, and one
// timer is enough for thousands. The mutex of pending guards it.
type patience struct {
	limit       time.Duration
	first, last *waiter
	timer       *time.Timer // for the first, or one that stood before it; nil at first
	ticking     bool
}

// join puts w at the end.
func (p *patience) join(w *waiter) {
	w.prev = p.last
	if p.last == nil {
		p.first = w
	} else {
		p.last.next = w
	}
	p.last = w
}

// leave takes w out.
func (p *patience) leave(w *waiter) {
	if w.prev == nil {
		p.first = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next == nil {
		p.last = w.prev
	} else {
		w.next.prev = w.prev
	}
	w.prev, w.next = nil, nil
}

// stop ends the timer, when nobody waits any more.
func (p *patience) stop() {
	if p.timer != nil {
		p.timer.Stop()
	}
}

// limitLocked bounds the wait for w.
func (p *pending) limitLocked(w *waiter) {
	p.join(w)
	switch {
	case p.ticking:
	case p.timer == nil:
		p.timer = time.AfterFunc(p.limit, p.giveUpLate)
	default:
		p.timer.Reset(p.limit)
	}
	p.ticking = true
}

// giveUpLate is called by the timer.
func (p *pending) giveUpLate() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.first != nil {
		if left := time.Until(p.first.until); left > 0 {
			p.timer.Reset(left)
			return
		}
		p.giveUpLocked(p.first, context.DeadlineExceeded)
	}
	p.ticking = false
}

// giveUp ends the wait for w, unless it is over. Nobody knows what became of the
// action.
func (p *pending) giveUp(w *waiter, cause error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiters[w.number] == w {
		p.giveUpLocked(w, cause)
	}
}

func (p *pending) giveUpLocked(w *waiter, cause error) {
	rest := &waiter{number: w.number, kind: reply, link: w.link, until: w.until, givenUp: true, done: make(chan struct{})}
	if w.kind == list {
		// What still comes of it must not be taken for news, not even in between.
		rest.kind, rest.accepted = list, w.accepted
		p.collecting.Add(1)
	}
	held := w.kind != originate || !w.isAccepted()
	p.finishLocked(w, unknown(w.action, cause))
	if held {
		p.waiters[w.number] = rest
	}
}

func unknown(action string, cause error) error {
	return fmt.Errorf("%s: %w: %w", action, ErrOutcomeUnknown, cause)
}
