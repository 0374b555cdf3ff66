package ami

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
)

// session is what is logged in: one connection that brings events and takes
// actions, or one for each (Options.ActionLink); and the actions that wait.
type session struct {
	events, actions *link
	pending
	narrow narrow        // what ServerFilter has asked for; keepNarrow's once it runs
	wider  chan struct{} // filled when there are new subscriptions
}

// links returns the one or two connections.
func (s *session) links() []*link {
	if s.actions == s.events {
		return []*link{s.events}
	}
	return []*link{s.actions, s.events}
}

// linkFor returns the connection for an action.
func (s *session) linkFor(action string) *link {
	if strings.EqualFold(action, "Events") || strings.EqualFold(action, "Filter") {
		return s.events
	}
	return s.actions
}

// wantsChanged tells keepNarrow to look. It does not block.
func (s *session) wantsChanged() {
	select {
	case s.wider <- struct{}{}:
	default:
	}
}

func (s *session) close() {
	for _, l := range s.links() {
		l.close()
	}
}

// live is the life of one session: dial, greet, log in, read until it ends. It
// returns how long it was logged in, and why it ended.
func (c *Client) live(ctx context.Context) (up time.Duration, err error) {
	s, err := c.open(ctx)
	if err != nil {
		return 0, err
	}
	start := time.Now()
	c.log.Info("manager session up", "addr", c.opts.Addr, "banner", s.events.banner)
	c.attach(s)
	c.setState(Connected, nil)
	for _, e := range s.events.early {
		c.publish(e)
	}
	s.events.early = nil
	err = c.serve(ctx, s)
	c.session.Store(nil)
	s.fail(err)
	return time.Since(start), err
}

// open makes the connections. The one for events comes last: it must be read from
// then on, or Asterisk would drop it.
func (c *Client) open(ctx context.Context) (*session, error) {
	s := &session{pending: newPending(c.ids, c.opts.ActionTimeout), wider: make(chan struct{}, 1)}
	if c.opts.ActionLink {
		l, err := c.connect(ctx, "off", nil)
		if err != nil {
			return nil, fmt.Errorf("action link: %w", err)
		}
		s.actions = l
	}
	s.narrow = c.narrowFor()
	l, err := c.connect(ctx, s.narrow.mask(), func(l *link) error { return c.filter(l, &s.narrow) })
	if err != nil {
		if s.actions != nil {
			s.actions.conn.Close()
			if inUse(err) {
				err = fmt.Errorf("ActionLink needs allowmultiplelogin = yes in manager.conf: %w", err)
			}
		}
		return nil, err
	}
	s.events = l
	if s.actions == nil {
		s.actions = l
	}
	return s, nil
}

// serve reads until the connection or ctx ends.
func (c *Client) serve(ctx context.Context, s *session) error {
	alive, cancel := context.WithCancelCause(ctx)
	end := func(err error) { // the first error is the one that counts
		cancel(err)
		s.close()
	}
	var helpers sync.WaitGroup
	for _, l := range s.links() {
		helpers.Go(func() {
			if err := c.ping(alive, s, l); err != nil {
				end(err)
			}
		})
	}
	answers := make(chan struct{}) // closed when no more come by ActionLink
	if s.actions == s.events {
		close(answers)
	} else {
		helpers.Go(func() {
			defer close(answers)
			if err := c.readActions(s); ctx.Err() == nil { // or else both log off
				end(err)
			}
		})
	}
	if c.opts.ServerFilter {
		helpers.Go(func() { c.keepNarrow(alive, s) })
	}
	left := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(left)
		for _, l := range s.links() {
			l.logoff()
		}
	})

	err := c.read(s)
	if ctx.Err() != nil {
		<-answers // each connection has its time to say goodbye
	}
	end(err)
	helpers.Wait()
	if !stop() {
		<-left
	}
	for _, l := range s.links() {
		l.writers.Wait()
	}
	return context.Cause(alive)
}

// read is the read loop of the connection that brings events.
func (c *Client) read(s *session) error {
	l := s.events
	for {
		m, err := l.read()
		if err != nil {
			return err
		}
		if !m.isEvent() {
			s.answer(Response{m})
			continue
		}
		if e := (Event{m, c.origin}); !s.collect(e) {
			c.publish(e)
		}
	}
}

// readActions is the read loop of ActionLink. It brings answers and the items of
// lists; other events, if Asterisk sends any, come by the other connection too.
func (c *Client) readActions(s *session) error {
	l := s.actions
	for {
		m, err := l.read()
		if err != nil {
			return fmt.Errorf("action link: %w", err)
		}
		if m.isEvent() {
			s.collect(Event{m, c.origin})
		} else {
			s.answer(Response{m})
		}
	}
}

func (c *Client) publish(e Event) {
	if c.opts.Handler != nil {
		c.opts.Handler(e)
	}
	for _, s := range *c.subs.Load() {
		s.offer(e)
	}
}
