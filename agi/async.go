package agi

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
)

// AsyncLink is a manager connection (AMI) as an [AsyncServer] needs it. Its methods
// are called concurrently, but Receive by one goroutine only. The manager's user
// needs the class agi for reading and writing, and best call for reading, so that
// the renaming of a channel is seen.
type AsyncLink interface {
	// Receive waits for the next event. Events that are not about AsyncAGI are
	// ignored, so a filter may leave out all but AsyncAGIStart, AsyncAGIExec,
	// AsyncAGIEnd, Hangup and Rename. No event may get lost. An error is for good
	// and ends Serve; a link that reconnects waits, and tells by
	// [AsyncServer.LinkLost].
	Receive(ctx context.Context) (AsyncEvent, error)

	// Send sends an action and waits for Asterisk's answer. An answer that says
	// Error is an error.
	Send(ctx context.Context, action string, fields ...AsyncField) error
}

// AsyncEvent is an event of the manager. Get returns the value of a header, ""
// when there is none.
type AsyncEvent interface {
	Name() string
	Get(header string) string
}

// AsyncField is one header of an action.
type AsyncField struct{ Name, Value string }

// AsyncServer serves calls that the dialplan gives to AGI(agi:async), over a manager
// connection: for programs that Asterisk cannot dial. Handlers are the same as those
// of a [Server], with these differences:
//
//   - Asterisk looks for the next command only when it wakes up, so a command takes
//     some 50 to 90 milliseconds.
//   - It cuts the environment, URL-encoded, at 1024 bytes. What is lost of the caller
//     and the extension is taken from the headers of the event, but arguments may be
//     missing. There is no path: let the handler choose by [Env.Args].
//   - Results are cut at 1024 bytes, URL-encoded, too.
//   - A command has at most 1013 bytes, since the manager reads lines of 1024; a
//     longer one is refused with [ErrTooLong].
//   - There is no AGISTATUS=FAILURE: after an error or a panic, or when a call is
//     refused, the dialplan goes on with SUCCESS. A handler that must tell sets a
//     variable.
//   - After a hangup no command works any more. A call that is redirected away looks
//     hung up.
//   - A cancelled prompt plays on, until its end, and the next command waits for it.
//
// Fields must not be changed once Serve runs.
type AsyncServer struct {
	// Handler answers the calls. A nil Handler refuses them.
	Handler Handler

	// Link is the manager connection.
	Link AsyncLink

	// Logger gets what goes wrong; nil means nobody does.
	Logger hclog.Logger

	// MaxSessions is how many calls may be served at once, 0 means any number. The
	// dialplan of a call too many goes on at once.
	MaxSessions int

	// ReplyTimeout is how long a command may take; see [SessionOptions].
	ReplyTimeout time.Duration

	mu      sync.Mutex
	closing bool
	active  int
	calls   map[string]*asyncCall // by unique id, until AsyncAGIEnd
	wg      sync.WaitGroup        // grows under mu while not closing
	inner   *Server               // runs the handlers
	base    context.Context       // of calls
}

// asyncMaxLine makes a command, newline included, one manager line: "Command: ",
// the command, CRLF.
const asyncMaxLine = 1024 - len("Command: ") - len("\r\n") + len("\n")

// Serve serves calls until ctx ends, and then returns [ErrServerClosed], or until the
// link fails for good. It first ends the contexts of calls with ErrServerClosed and
// waits for their handlers, for which the link must go on working. It may be called
// once. Calls that came to AGI(agi:async) before or come after stay there until they
// hang up. It takes all such calls of an Asterisk, so there must be one for each.
func (srv *AsyncServer) Serve(ctx context.Context) error {
	base, stopCalls := context.WithCancelCause(context.WithoutCancel(ctx))
	srv.mu.Lock()
	srv.calls = make(map[string]*asyncCall)
	srv.inner = &Server{Handler: srv.Handler, Logger: srv.Logger}
	srv.base = base
	srv.mu.Unlock()
	drain := func() {
		srv.mu.Lock()
		srv.closing = true
		srv.mu.Unlock()
		stopCalls(ErrServerClosed)
		srv.wg.Wait()
	}

	// Events are needed as long as a handler cleans up.
	events, endEvents := context.WithCancelCause(context.WithoutCancel(ctx))
	defer endEvents(ErrServerClosed)
	drained := make(chan struct{})
	unwatch := context.AfterFunc(ctx, func() {
		defer close(drained)
		drain()
		endEvents(ErrServerClosed)
	})
	for {
		e, err := srv.Link.Receive(events)
		switch {
		case err == nil:
			srv.event(e)
			continue
		case !unwatch():
			srv.lose(err, false)
			<-drained
			return ErrServerClosed
		}
		srv.lose(err, false)
		drain()
		return fmt.Errorf("agi: manager link: %w", err)
	}
}

// LinkLost ends all calls as if their connections had broken. Call it when the link
// dropped, as replies may have got lost with it. It tries for a while to give the
// calls back to the dialplan, in case the link returns. It does not block.
func (srv *AsyncServer) LinkLost(err error) { srv.lose(err, true) }

func (srv *AsyncServer) lose(err error, returns bool) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	for _, c := range srv.calls {
		c.lose(err, returns)
	}
}

// Sessions returns the number of calls being served.
func (srv *AsyncServer) Sessions() int {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	return srv.active
}

// event never blocks: it is called between two events.
func (srv *AsyncServer) event(e AsyncEvent) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	id := e.Get("Uniqueid")
	c := srv.calls[id]
	switch e.Name() {
	case "AsyncAGIStart":
		srv.start(id, e)
	case "AsyncAGIExec":
		if c != nil {
			c.reply(e.Get("CommandId"), e.Get("Result"))
		}
	case "AsyncAGIEnd", "Hangup":
		if c != nil {
			c.end()
			delete(srv.calls, id)
		}
	case "Rename":
		if c != nil {
			c.rename(e.Get("Newname"))
		}
	}
}

// start takes a call on, or gives it back. The caller holds mu.
func (srv *AsyncServer) start(id string, e AsyncEvent) {
	if srv.closing {
		// Like the calls that come after Serve: nobody answers them.
		srv.inner.logger().Warn("call not taken", "channel", e.Get("Channel"), "error", ErrServerClosed)
		return
	}
	c := newAsyncCall(srv.Link, e)
	srv.calls[id] = c
	full := srv.MaxSessions > 0 && srv.active >= srv.MaxSessions
	if !full {
		srv.active++
	}
	srv.wg.Go(func() {
		defer srv.remove(id, c)
		if full {
			srv.inner.logger().Warn("call refused", "channel", e.Get("Channel"), "error", errFull)
		} else {
			srv.serve(c)
		}
		if err := c.leave(); err != nil {
			srv.inner.logger().Warn("call not given back", "channel", e.Get("Channel"), "error", err)
		}
	})
}

func (srv *AsyncServer) serve(c *asyncCall) {
	defer func() {
		srv.mu.Lock()
		srv.active--
		srv.mu.Unlock()
	}()
	ctx, stop := context.WithCancelCause(srv.base)
	defer stop(ErrClosed)
	s, err := newSession(ctx, stop, c, SessionOptions{MaxLine: asyncMaxLine, ReplyTimeout: srv.ReplyTimeout}, 0)
	if err != nil {
		srv.inner.logger().Warn("no environment", "error", err)
		return
	}
	defer func() { _ = s.Close() }() // an asyncCall closes without error
	_ = srv.inner.handle(s)          // which has logged the error
}

// remove forgets a call, unless its channel is in AGI(agi:async) again already.
func (srv *AsyncServer) remove(id string, c *asyncCall) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.calls[id] == c {
		delete(srv.calls, id)
	}
}
