package ami

import (
	"context"
	"fmt"
	"time"
)

// Do sends an action and returns Asterisk's answer. It blocks until the answer
// comes, the link drops, ctx ends, or, when ctx has no deadline, ActionTimeout has
// passed. An answer that says Error is an [*Error]. Other errors wrap
// ErrInvalidAction, ErrNotConnected or the cause of a ctx that had ended already
// (nothing was sent), or ErrOutcomeUnknown (it was sent, or about to be).
//
// Use List for an action that answers with a list.
func (c *Client) Do(ctx context.Context, a Action) (Response, error) {
	w, err := c.exchange(ctx, &a, reply)
	if err != nil {
		return Response{}, err
	}
	return w.resp, nil
}

// List sends an action that answers with a list and returns its items, without the
// closing event; none is an empty list. Errors and blocking are those of Do, and
// ErrIncompleteList. The items do not reach Handler or subscriptions. An answer without
// a list is an error.
func (c *Client) List(ctx context.Context, a Action) ([]Event, error) {
	w, err := c.exchange(ctx, &a, list)
	if err != nil {
		return nil, err
	}
	return w.items, nil
}

// exchange sends an action and waits for all of its answer.
func (c *Client) exchange(ctx context.Context, a *Action, k kind) (*waiter, error) {
	s, err := c.ready(ctx, a)
	if err != nil {
		return nil, err
	}
	_, bounded := ctx.Deadline()
	w, err := c.send(s, s.linkFor(a.Name), a, k, !bounded)
	if err != nil {
		return nil, err
	}
	if ctx.Done() == nil {
		<-w.done // cheaper than select
		return w, w.err
	}
	select {
	case <-w.done:
	case <-ctx.Done():
		s.giveUp(w, context.Cause(ctx))
	}
	return w, w.err
}

// bounded gives ctx a deadline if it has none.
func bounded(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, d)
}

// ready checks an action and returns the session that may take it.
func (c *Client) ready(ctx context.Context, a *Action) (*session, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("ami: %s: not sent: %w", a.Name, context.Cause(ctx))
	}
	s := c.session.Load()
	if s == nil {
		return nil, fmt.Errorf("%s: %w", a.Name, ErrNotConnected)
	}
	return s, nil
}

// send registers a waiter, which gives up after ActionTimeout if limited, and writes
// the action.
func (c *Client) send(s *session, l *link, a *Action, k kind, limited bool) (*waiter, error) {
	w := &waiter{number: c.ids.next(), action: a.Name, kind: k, limited: limited, link: l, done: make(chan struct{})}
	if k != reply {
		w.accepted = make(chan struct{})
	}
	waiting, ok := s.expect(w)
	if !ok {
		return nil, fmt.Errorf("%s: %w", a.Name, ErrNotConnected)
	}
	if err := l.write(a, w.number, waiting > 1, c.opts.ActionTimeout); err != nil {
		s.forget(w)
		return nil, fmt.Errorf("%s: %w: %w", a.Name, ErrNotConnected, err)
	}
	return w, nil
}
