package ami

import (
	"slices"
	"sync"
	"sync/atomic"
)

// Filter says which events a subscription gets; nil means all. It is called on the
// read goroutine and must return at once.
type Filter func(Event) bool

// Names returns a Filter for events of these names, compared exactly.
func Names(names ...string) Filter {
	names = slices.Clone(names)
	return func(e Event) bool { return slices.Contains(names, e.Name()) }
}

// Subscription is a bounded stream of events. It lives across reconnects, until
// Close. An event that finds it full is lost for it and counted; the reader never
// waits.
type Subscription struct {
	c      chan Event
	filter Filter
	lost   atomic.Uint64
	leave  func(*Subscription)

	mu     sync.Mutex // guards c against a send after close
	closed bool
}

// Subscribe returns a subscription that holds up to buffer events its owner has
// not taken yet (at least 1). The owner must Close it.
func (c *Client) Subscribe(filter Filter, buffer int) *Subscription {
	s := &Subscription{c: make(chan Event, max(buffer, 1)), filter: filter, leave: c.unsubscribe}
	c.subsMu.Lock()
	defer c.subsMu.Unlock()
	subs := append(slices.Clone(*c.subs.Load()), s)
	c.subs.Store(&subs)
	return s
}

func (c *Client) unsubscribe(s *Subscription) {
	c.subsMu.Lock()
	defer c.subsMu.Unlock()
	subs := slices.DeleteFunc(slices.Clone(*c.subs.Load()), func(t *Subscription) bool { return t == s })
	c.subs.Store(&subs)
}

// C returns the channel of events, which Close closes.
func (s *Subscription) C() <-chan Event { return s.c }

// Lost returns how many events were lost since the start because the channel was full.
func (s *Subscription) Lost() uint64 { return s.lost.Load() }

// Close ends the subscription and closes its channel; what is in the channel can
// still be taken. Closing twice is harmless.
func (s *Subscription) Close() {
	s.leave(s)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed = true
		close(s.c)
	}
}

// offer hands e over if it is wanted and there is room.
func (s *Subscription) offer(e Event) {
	if s.filter != nil && !s.filter(e) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	select {
	case s.c <- e:
	default:
		s.lost.Add(1)
	}
}
