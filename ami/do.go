package ami

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
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

// Originate sends an Originate action, made asynchronous so that it does not hold
// up the session, and blocks until Asterisk tells how it ended: the
// OriginateResponse event, which also reaches Handler. A call that was not
// answered is an [*Error] whose Message holds the reason's number; see Error of the
// event's Reason header in Asterisk's documentation. Other errors are those of Do.
// The user needs the read class call for the event to come.
func (c *Client) Originate(ctx context.Context, a Action) (Event, error) {
	a.Name = "Originate"
	w, err := c.exchange(ctx, a.With("Async", "true"), originate)
	if err != nil {
		return Event{}, err
	}
	e := w.items[0]
	if !strings.EqualFold(e.Get("Response"), "Success") {
		return e, &Error{Action: a.Name, Message: "call failed, reason " + e.Get("Reason")}
	}
	return e, nil
}

// exchange sends an action and waits for all of its answer.
func (c *Client) exchange(ctx context.Context, a Action, k kind) (*waiter, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("ami: %s: not sent: %w", a.Name, context.Cause(ctx))
	}
	l := c.link.Load()
	if l == nil {
		return nil, fmt.Errorf("%s: %w", a.Name, ErrNotConnected)
	}
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.opts.ActionTimeout)
		defer cancel()
	}
	w, err := c.send(l, a, k)
	if err != nil {
		return nil, err
	}
	select {
	case <-w.done:
	case <-ctx.Done():
		if l.giveUp(w) {
			break // the answer came at the same time
		}
		return nil, fmt.Errorf("%s: %w: %w", a.Name, ErrOutcomeUnknown, context.Cause(ctx))
	}
	return w, w.err
}

// send registers a waiter and writes the action.
func (c *Client) send(l *link, a Action, k kind) (*waiter, error) {
	w := &waiter{id: c.nextID(), action: a.Name, kind: k, done: make(chan struct{})}
	if !l.expect(w) {
		return nil, fmt.Errorf("%s: %w", a.Name, ErrNotConnected)
	}
	buf := buffers.Get().(*[]byte)
	*buf = a.append((*buf)[:0], w.id)
	err := l.write(*buf, c.opts.ActionTimeout)
	buffers.Put(buf)
	if err != nil {
		// An action without its last line is not run. The stream is out of step now.
		l.forget(w)
		l.conn.Close()
		return nil, fmt.Errorf("%s: %w: %w", a.Name, ErrNotConnected, err)
	}
	return w, nil
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// kind says what ends a waiter's wait.
type kind int

const (
	reply     kind = iota // the response
	list                  // the event with EventList: Complete
	originate             // the OriginateResponse
)

// waiter is an action that waits for its answer. The read goroutine fills it in and
// closes done; after that it belongs to who waits.
type waiter struct {
	id, action string
	kind       kind
	accepted   bool // the response came and more is to follow
	givenUp    bool // nobody waits; what still comes is swallowed
	resp       Response
	items      []Event
	err        error
	done       chan struct{}
}

// link is one logged-in connection and the actions that wait on it.
type link struct {
	conn  net.Conn
	reads atomic.Uint64 // messages read

	writing chan struct{} // full while an action is written; unlike a mutex, seen by synctest

	mu      sync.Mutex // guards what follows, and waiters until they are done
	pending map[string]*waiter
	closed  bool

	collecting atomic.Int32 // waiters that events may belong to
}

func newLink(conn net.Conn) *link {
	return &link{conn: conn, writing: make(chan struct{}, 1), pending: make(map[string]*waiter)}
}

// expect registers w; it reports false when the link is gone.
func (l *link) expect(w *waiter) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.pending[w.id] = w
	if w.kind != reply {
		l.collecting.Add(1)
	}
	return true
}

// forget takes w off.
func (l *link) forget(w *waiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.removeLocked(w)
}

func (l *link) removeLocked(w *waiter) {
	if l.pending[w.id] != w {
		return
	}
	delete(l.pending, w.id)
	if w.kind != reply {
		l.collecting.Add(-1)
	}
}

func (l *link) finishLocked(w *waiter, err error) {
	l.removeLocked(w)
	w.err = err
	close(w.done)
}

// giveUp is called by who waited for w; it reports whether w is done after all. The
// items of a list that nobody wants any more must not be taken for news, so such a
// w stays until its end.
func (l *link) giveUp(w *waiter) (done bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pending[w.id] != w {
		return true
	}
	if w.kind == list {
		w.givenUp = true
	} else {
		l.removeLocked(w)
	}
	return false
}

// waiting returns how many actions are waited for.
func (l *link) waiting() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, w := range l.pending {
		// An accepted originate no longer occupies the session.
		if !w.givenUp && !(w.kind == originate && w.accepted) {
			n++
		}
	}
	return n
}

// answer gives a response to the action with its ActionID; others are dropped, for
// who gave up has said so.
func (l *link) answer(r Response) {
	id := r.Get("ActionID")
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.pending[id]
	switch {
	case w == nil || w.accepted:
	case !r.ok():
		l.finishLocked(w, &Error{Action: w.action, Message: r.Text()})
	case w.kind == list && !strings.EqualFold(r.Get("EventList"), "start"):
		l.finishLocked(w, fmt.Errorf("ami: %s did not answer with a list", w.action))
	case w.kind == reply:
		w.resp = r
		l.finishLocked(w, nil)
	default:
		w.resp, w.accepted = r, true
	}
}

// collect takes an event that belongs to the answer of an action; it reports false
// when the event is news for everybody.
func (l *link) collect(e Event) bool {
	if l.collecting.Load() == 0 {
		return false
	}
	id := e.Get("ActionID")
	if id == "" {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.pending[id]
	if w == nil {
		return false
	}
	switch {
	case w.kind == originate && e.Name() == "OriginateResponse":
		w.items = append(w.items, e)
		l.finishLocked(w, nil)
		return false
	case w.kind == list && w.accepted:
		if e.Get("EventList") != "" { // Complete, or Cancelled
			l.finishLocked(w, nil)
		} else if !w.givenUp {
			w.items = append(w.items, e)
		}
		return true
	}
	return false
}

// fail ends all waits: nobody knows what became of these actions.
func (l *link) fail(cause error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for _, w := range l.pending {
		l.finishLocked(w, fmt.Errorf("%s: %w: %w", w.action, ErrOutcomeUnknown, cause))
	}
}

// write puts one whole action on the wire.
func (l *link) write(p []byte, timeout time.Duration) error {
	l.writing <- struct{}{}
	defer func() { <-l.writing }()
	l.conn.SetWriteDeadline(time.Now().Add(timeout))
	_, err := l.conn.Write(p)
	return err
}

// logoff says goodbye and gives Asterisk a second to say so too and close.
func (l *link) logoff(id string) {
	const patience = time.Second
	l.conn.SetDeadline(time.Now().Add(patience)) // also frees a stuck writer
	if l.write(Action{Name: "Logoff"}.append(nil, id), patience) != nil {
		l.conn.Close()
	}
}
