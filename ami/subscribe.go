package ami

import (
	"slices"
	"sync"
	"sync/atomic"
)

// Subscription is a bounded stream of events. It lives across reconnects, until
// Close. An event that finds it full is lost for it and counted; the reader never
// waits. Where events are missing, be it because they were lost or because the
// session was down, the stream holds one event of the name EventsLost, whatever the
// subscription wants: see [Event.Gap]. Such a mark takes a place like any event.
type Subscription struct {
	c      chan Event // with places for two marks beyond buffer
	buffer int
	want   Want
	leave  []func() // takes it off its clients
	lost   atomic.Uint64

	mu      sync.Mutex // guards what follows, and c against a send after close
	closed  bool
	missing Gap    // not yet marked in the stream
	server  string // where; "" when it is several
}

// subscriber is a subscription at one client.
type subscriber struct {
	*Subscription
	attached bool // it was there during a session; guarded by Client.subsMu
}

// Subscribe returns a subscription that holds up to buffer events its owner has
// not taken yet (at least 1). The owner must Close it.
func (c *Client) Subscribe(filter Filter, buffer int) *Subscription {
	return c.SubscribeTo(Want{Func: filter}, buffer)
}

// SubscribeTo is Subscribe with a Want, of which Asterisk can be told.
func (c *Client) SubscribeTo(want Want, buffer int) *Subscription {
	s := newSubscription(want, buffer)
	c.join(s)
	return s
}

func newSubscription(want Want, buffer int) *Subscription {
	buffer = max(buffer, 1)
	return &Subscription{c: make(chan Event, buffer+2), buffer: buffer, want: want.clone()}
}

// join makes s get the events of c.
func (c *Client) join(s *Subscription) {
	member := &subscriber{Subscription: s}
	c.subsMu.Lock()
	defer c.subsMu.Unlock()
	session := c.session.Load()
	member.attached = session != nil
	subs := append(slices.Clone(*c.subs.Load()), member)
	c.subs.Store(&subs)
	s.leave = append(s.leave, func() { c.part(member) })
	if session != nil {
		session.wantsChanged()
	}
}

func (c *Client) part(member *subscriber) {
	c.subsMu.Lock()
	defer c.subsMu.Unlock()
	subs := slices.DeleteFunc(slices.Clone(*c.subs.Load()), func(t *subscriber) bool { return t == member })
	c.subs.Store(&subs)
}

// attach begins a session for the subscriptions, and marks the gap behind the one
// before.
func (c *Client) attach(session *session) {
	c.subsMu.Lock()
	defer c.subsMu.Unlock()
	for _, s := range *c.subs.Load() {
		if s.attached {
			s.reconnected(c.opts.Name)
		}
		s.attached = true
	}
	c.session.Store(session)
}

// C returns the channel of events, which Close closes.
func (s *Subscription) C() <-chan Event { return s.c }

// Lost returns how many events were lost since the start because the channel was full.
func (s *Subscription) Lost() uint64 { return s.lost.Load() }

// Close ends the subscription and closes its channel; what is in the channel can
// still be taken. Closing twice is harmless.
func (s *Subscription) Close() {
	for _, leave := range s.leave {
		leave()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	s.markLocked()
	close(s.c)
}

// offer hands e over if it is wanted and there is room.
func (s *Subscription) offer(e Event) {
	if !s.want.match(e) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
	case len(s.c) >= s.buffer:
		s.lost.Add(1)
		s.missLocked(e.Server(), Gap{Lost: 1})
	default:
		s.markLocked()
		s.c <- e
	}
}

// reconnected marks that the session of that server was down.
func (s *Subscription) reconnected(server string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.missLocked(server, Gap{Reconnected: true})
	if len(s.c) < s.buffer {
		s.markLocked()
	}
}

func (s *Subscription) missLocked(server string, g Gap) {
	if s.missing == (Gap{}) {
		s.server = server
	} else if s.server != server {
		s.server = ""
	}
	s.missing.Lost += g.Lost
	s.missing.Reconnected = s.missing.Reconnected || g.Reconnected
}

// markLocked puts a mark into the stream where events are missing. It does not
// block: a mark follows only on fewer than buffer events, or is the last.
func (s *Subscription) markLocked() {
	if s.missing != (Gap{}) {
		s.c <- newGap(s.server, s.missing)
		s.missing = Gap{}
	}
}
