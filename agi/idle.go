package agi

import (
	"sync"
	"time"
)

// idleAfter is how long after a command the watching goroutine starts, give or take
// idleSlack. Commands that follow each other closely so cost nothing but themselves.
const (
	idleAfter = 50 * time.Millisecond
	idleSlack = 10 * time.Millisecond
)

// idlers are sessions in which no command runs, or none did a moment ago, or one that has
// not been looked after. One timer for
// all of a server's calls is cheaper than one for each, which would begin a goroutine
// every time.
type idlers struct {
	mu    sync.Mutex
	queue []idler // the next one due comes first
	timer *time.Timer
}

type idler struct {
	session *Session
	turns   uint // of the session, when it was added
	due     time.Time
}

// add has the watching of a session start when it is due. The caller holds the session's mu.
func (i *idlers) add(s *Session) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.queue = append(i.queue, idler{s, s.turns, time.Now().Add(idleAfter)})
	switch {
	case len(i.queue) > 1:
	case i.timer == nil:
		i.timer = time.AfterFunc(idleAfter, i.run)
	default:
		i.timer.Reset(idleAfter)
	}
}

// run starts the watching of those that are due, or nearly so.
func (i *idlers) run() {
	now := time.Now().Add(idleSlack)
	for due, ok := i.next(now); ok; due, ok = i.next(now) {
		due.session.startWatch(due.turns)
	}
}

// next takes the first session out that is due before a time. If none is, it sets the
// timer for the one that will be next.
func (i *idlers) next(before time.Time) (first idler, ok bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.queue) == 0 {
		i.queue = nil
		return first, false
	}
	first = i.queue[0]
	if first.due.After(before) {
		i.timer.Reset(time.Until(first.due))
		return first, false
	}
	i.queue[0] = idler{}
	i.queue = i.queue[1:]
	return first, true
}
