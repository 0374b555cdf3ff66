package ami

import (
	"context"
	"time"
)

// ping asks at regular times whether the peer is there, until ctx ends (nil) or the
// peer is silent (ErrDeadPeer). A link that brings anything is not dead, and one on
// which a slow action runs is silent for a good reason.
func (c *Client) ping(ctx context.Context, s *session, l *link) error {
	for sleep(ctx, c.opts.PingInterval) {
		reads := l.reads.Load()
		w, err := c.send(s, l, &Action{Name: "Ping"}, reply, false)
		if err != nil {
			return nil // the read loop knows why
		}
		last := c.ids.last.Load() // up to this one, another may have overtaken the Ping
		for answered := false; !answered; {
			timeout := time.NewTimer(c.opts.PingTimeout)
			select {
			case <-w.done:
				answered = true
			case <-ctx.Done():
				timeout.Stop()
				return nil
			case <-timeout.C:
				now := l.reads.Load()
				if now == reads && !s.held(w, last) {
					return ErrDeadPeer
				}
				reads = now
			}
			timeout.Stop()
		}
		s.settle(w)
	}
	return nil
}

// held reports whether an action up to the last that may have been sent before a Ping
// holds it up: one that somebody waits for, or one given up whose time is not over.
func (p *pending) held(ping *waiter, last uint64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	for _, w := range p.waiters {
		if w != ping && w.number <= last && w.occupies(ping.link) && (!w.givenUp || now.Before(w.until)) {
			return true
		}
	}
	return false
}

// settle forgets the actions given up whose answer does not come any more: that of a
// later Ping is here.
func (p *pending) settle(ping *waiter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range p.waiters {
		if w.number < ping.number && w.occupies(ping.link) && w.givenUp && w.kind == reply {
			p.removeLocked(w)
		}
	}
}

// occupies reports whether w keeps a connection busy. An accepted originate no longer
// does.
func (w *waiter) occupies(l *link) bool {
	return w.link == l && !(w.kind == originate && w.isAccepted())
}
