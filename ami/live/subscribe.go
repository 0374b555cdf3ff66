package live

import (
	"slices"
	"sync"
	"sync/atomic"
)

// Subscription is a bounded stream of events, in the order in which they were
// raised. An event that finds it full is lost for it and counted; the model never
// waits. Where events are missing the stream holds one of the name [EventsLost], whatever
// was subscribed to.
type Subscription struct {
	c      chan Event // with places for two marks beyond buffer
	buffer int
	lost   atomic.Uint64
	model  *Model

	mu      sync.Mutex // guards what follows, and c against a send after close
	closed  bool
	missing uint64 // not yet marked in the stream
}

// Subscribe returns a subscription to the named events, derived ("call.ended") or
// Asterisk's own ("Hangup"); no names means all derived ones. It holds up to buffer
// events its owner has not taken yet (at least 1). The owner must Close it. A name
// that never occurs is not an error.
func (m *Model) Subscribe(buffer int, names ...string) *Subscription {
	if len(names) == 0 {
		for _, t := range Events {
			names = append(names, t.Name)
		}
	}
	buffer = max(buffer, 1)
	s := &Subscription{c: make(chan Event, buffer+2), buffer: buffer, model: m}
	s.Want(names...)
	return s
}

// Want changes which events the subscription receives from now on, in one step:
// an event that both the old and the new names hold is neither lost nor doubled.
// No names means none. After Close it does nothing.
func (s *Subscription) Want(names ...string) {
	m := s.model
	m.mu.Lock()
	defer m.mu.Unlock()
	m.unsubscribeLocked(s)
	if s.isClosed() {
		return
	}
	for _, name := range names {
		if !slices.Contains(m.subs[name], s) {
			m.subs[name] = append(m.subs[name], s)
		}
	}
}

func (m *Model) unsubscribeLocked(s *Subscription) {
	for name, subs := range m.subs {
		subs = slices.DeleteFunc(subs, func(t *Subscription) bool { return t == s })
		if len(subs) == 0 {
			delete(m.subs, name)
		} else {
			m.subs[name] = subs
		}
	}
}

// C returns the channel of events, which Close closes.
func (s *Subscription) C() <-chan Event { return s.c }

// Lost returns how many events were lost since the start because the channel was full.
func (s *Subscription) Lost() uint64 { return s.lost.Load() }

// Close ends the subscription and closes its channel; what is in the channel can
// still be taken. Closing twice is harmless.
func (s *Subscription) Close() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		s.markLocked()
		close(s.c)
	}
	s.mu.Unlock()
	s.Want()
}

func (s *Subscription) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

func (s *Subscription) offer(e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
	case len(s.c) >= s.buffer:
		s.lost.Add(1)
		s.missing++
	default:
		s.markLocked()
		s.c <- e
	}
}

// markLocked puts a mark into the stream where events are missing. It does not block: a
// mark follows only on fewer than buffer events, or is the last.
func (s *Subscription) markLocked() {
	if s.missing > 0 {
		s.c <- Event{Name: EventsLost, Server: s.model.server, Time: s.model.now(), Lost: s.missing}
		s.missing = 0
	}
}
