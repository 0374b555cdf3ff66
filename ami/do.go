package ami

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Do sends an action and returns Asterisk's answer. It blocks until the answer
// comes, the link drops, ctx ends, or, when ctx has no deadline, ActionTimeout has
// passed. An answer that says Error is an [*Error]. Other errors wrap
// ErrInvalidAction or ErrNotConnected (nothing was sent), or ErrOutcomeUnknown (it
// was sent).
//
// Use List for an action that answers with a list.
func (c *Client) Do(ctx context.Context, a Action) (Response, error) {
	w, err := c.exchange(ctx, a, reply)
	if err != nil {
		return Response{}, err
	}
	return w.resp, nil
}

// List sends an action that answers with a list and returns its items, without the
// closing event; none is an empty list. Errors and blocking are those of Do. The
// items do not reach Handler or subscriptions. An answer without a list is an error.
func (c *Client) List(ctx context.Context, a Action) ([]Event, error) {
	w, err := c.exchange(ctx, a, list)
	if err != nil {
		return nil, err
	}
	return w.items, nil
}

// exchange sends an action and waits for all of its answer.
func (c *Client) exchange(ctx context.Context, a Action, k kind) (*waiter, error) {
	s, w, err := c.begin(ctx, a, k)
	if err != nil {
		return nil, err
	}
	var timeout <-chan time.Time // cheaper than a context, and there may be thousands
	if _, ok := ctx.Deadline(); !ok {
		timer := time.NewTimer(c.opts.ActionTimeout)
		defer timer.Stop()
		timeout = timer.C
	}
	var cause error
	select {
	case <-w.done:
		return w, w.err
	case <-ctx.Done():
		cause = context.Cause(ctx)
	case <-timeout:
		cause = context.DeadlineExceeded
	}
	if s.giveUp(w) { // the answer came at the same time
		return w, w.err
	}
	return nil, fmt.Errorf("%s: %w: %w", a.Name, ErrOutcomeUnknown, cause)
}

// bounded gives ctx a deadline if it has none.
func bounded(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, d)
}

// begin checks an action and sends it.
func (c *Client) begin(ctx context.Context, a Action, k kind) (*session, *waiter, error) {
	if err := a.Check(); err != nil {
		return nil, nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, fmt.Errorf("ami: %s: not sent: %w", a.Name, context.Cause(ctx))
	}
	s := c.session.Load()
	if s == nil {
		return nil, nil, fmt.Errorf("%s: %w", a.Name, ErrNotConnected)
	}
	w, err := c.send(s, s.linkFor(a.Name), a, k)
	return s, w, err
}

// send registers a waiter and writes the action.
func (c *Client) send(s *session, l *link, a Action, k kind) (*waiter, error) {
	w := &waiter{id: c.nextID(), action: a.Name, kind: k, link: l, done: make(chan struct{})}
	if k != reply {
		w.accepted = make(chan struct{})
	}
	if !s.expect(w) {
		return nil, fmt.Errorf("%s: %w", a.Name, ErrNotConnected)
	}
	buf := buffers.Get().(*[]byte)
	*buf = a.append((*buf)[:0], w.id)
	err := l.write(*buf, c.opts.ActionTimeout)
	buffers.Put(buf)
	if err != nil {
		s.forget(w)
		return nil, fmt.Errorf("%s: %w: %w", a.Name, ErrNotConnected, err)
	}
	return w, nil
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}
