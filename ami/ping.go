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
				if now == reads && !s.held(w) {
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

// held reports whether an action that was sent before a Ping may hold it up: one that
// somebody waits for, or one given up whose time is not over.
func (p *pending) held(ping *waiter) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	for _, w := range p.waiters {
		if w.before(ping) && (!w.givenUp || now.Before(w.until)) {
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
		if w.before(ping) && w.givenUp && w.kind == reply {
			p.removeLocked(w)
		}
	}
}

// before reports whether w occupies the connection of a Ping and was sent before it. An
// accepted originate no longer does.
func (w *waiter) before(ping *waiter) bool {
	return w.link == ping.link && w.number < ping.number && !(w.kind == originate && w.isAccepted())
}
