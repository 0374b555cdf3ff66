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
	w.until = time.Now().Add(p.limit)
	w.before = p.last
	if p.last == nil {
		p.first = w
	} else {
		p.last.after = w
	}
	p.last = w
}

// leave takes w out.
func (p *patience) leave(w *waiter) {
	if w.before == nil {
		p.first = w.after
	} else {
		w.before.after = w.after
	}
	if w.after == nil {
		p.last = w.before
	} else {
		w.after.before = w.before
	}
	w.before, w.after = nil, nil
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
	err := unknown(w.action, cause)
	if w.kind != list {
		p.finishLocked(w, err)
		return
	}
	// What still comes of it must not be taken for news, not even in between.
	p.collecting.Add(1)
	p.finishLocked(w, err)
	p.waiters[w.number] = &waiter{number: w.number, kind: list, link: w.link, accepted: w.accepted, givenUp: true, done: make(chan struct{})}
}

func unknown(action string, cause error) error {
	return fmt.Errorf("%s: %w: %w", action, ErrOutcomeUnknown, cause)
}
