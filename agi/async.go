package agi

import (
	"context"
	"fmt"
	"io"
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
	// [AsyncServer.LinkLost] and [AsyncServer.LinkUp].
	Receive(ctx context.Context) (AsyncEvent, error)

	// Send sends an action and waits for Asterisk's answer. An answer that says
	// Error is an error.
	Send(ctx context.Context, action string, fields ...AsyncField) error
}

// AsyncLister is an [AsyncLink] that can ask for lists, as [AsyncServer.LinkUp] needs
// it. For the list that it asks for, Status, the manager's user needs the class call
// for writing.
type AsyncLister interface {
	AsyncLink

	// List sends an action that a list answers, and returns the list's items. An
	// answer that says Error is an error.
	List(ctx context.Context, action string) ([]AsyncEvent, error)
}

// AsyncEvent is an event of the manager, or an item of a list. Get returns the value
// of a header, "" when there is none.
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
//     some 50 to 100 milliseconds.
//   - It cuts the environment at 1024 bytes. What is lost of the caller
//     and the extension is taken from the headers of the event, but arguments may be
//     missing. There is no path: let the handler choose by [Env.Args].
//   - Results are cut at 1024 bytes, too, and sooner if they have many characters that
//     have to be escaped: at 2048 bytes with the escapes, so at 675 percent signs. The
//     command after a cut result takes twice as long.
//   - A command has at most 1013 bytes, since the manager reads lines of 1024; a
//     longer one is refused with [ErrTooLong].
//   - There is no AGISTATUS=FAILURE: after an error or a panic, or when a call is
//     refused, the dialplan goes on with SUCCESS. A handler that must tell sets a
//     variable.
//   - After a hangup no command works any more. A call that is redirected away looks
//     hung up; a command sent in that very moment waits in Asterisk for the channel's
//     next AGI(agi:async), and runs there first.
//   - A cancelled prompt plays on, until its end, and the next command waits for it,
//     unless Interrupt ends it.
//
// It takes all such calls of an Asterisk, so there must be one for each. Fields must
// not be changed once Serve runs; methods are safe for concurrent use.
type AsyncServer struct {
	// Handler answers the calls. A nil Handler refuses them.
	Handler Handler

	// Adopted answers the calls that LinkUp finds; see there. A nil Adopted gives them
	// back to the dialplan. It may be the same as Handler.
	Adopted Handler

	// Link is the manager connection.
	Link AsyncLink

	// Logger gets what goes wrong; nil means nobody does.
	Logger hclog.Logger

	// MaxSessions is how many calls may be served at once, 0 means any number. The
	// dialplan of a call too many goes on at once.
	MaxSessions int

	// ReplyTimeout is how long a command may take; see [SessionOptions].
	ReplyTimeout time.Duration

	// Interrupt ends commands, none of which stops by itself here: it is called for
	// STREAM FILE and its like, too. See [SessionOptions].
	Interrupt func(ctx context.Context, s *Session, line string) error

	// Debug gets what is read and written, but for secrets, of which Secret tells; see
	// [SessionOptions].
	Debug  io.Writer
	Secret func(text string) bool

	mu      sync.Mutex
	closing bool                    // calls that come are given back
	closed  bool                    // nothing is done for them: Serve returns
	drained chan struct{}           // closed once closing and open is empty
	calls   map[string]*asyncCall   // by unique id, until AsyncAGIEnd; nil before Serve
	open    map[*asyncCall]struct{} // those whose goroutine has not ended
	active  int                     // those whose handler runs
	wg      sync.WaitGroup          // grows under mu while not closed

	debugging sync.Mutex // held to write to Debug

	base context.Context // of calls
	stop context.CancelCauseFunc

	unlisted bool            // LinkUp was called before Serve
	listing  int             // lists that are being made
	ended    map[string]bool // ids of channels that left AGI(agi:async) since the first of them
}

// asyncMaxLine makes a command, newline included, one manager line: "Command: ",
// the command, CRLF.
const asyncMaxLine = 1024 - len("Command: ") - len("\r\n") + len("\n")

// Serve serves calls until Shutdown or Close is called, and then returns
// [ErrServerClosed], or until the link fails for good. The end of ctx is like a
// Shutdown that may not wait. Serve returns when all handlers have returned, and the
// link must go on working until then: calls have to be given back, also those that
// still come. It may be called once. Calls that come later stay in AGI(agi:async)
// until they hang up or somebody adopts them, see LinkUp.
func (srv *AsyncServer) Serve(ctx context.Context) error {
	if !srv.begin(ctx) {
		return ErrServerClosed
	}
	// Events are needed as long as a handler cleans up.
	events, endEvents := context.WithCancelCause(context.WithoutCancel(ctx))
	defer endEvents(ErrServerClosed)
	var ending sync.WaitGroup
	defer ending.Wait()
	ending.Go(func() {
		select {
		case <-ctx.Done():
			_ = srv.Shutdown(ctx) // its error is the cause of ctx
		case <-srv.drained:
		}
		<-srv.drained
		srv.finish()
		endEvents(ErrServerClosed)
	})
	for {
		e, err := srv.Link.Receive(events)
		if err == nil {
			srv.event(e)
			continue
		}
		if events.Err() != nil {
			return ErrServerClosed
		}
		srv.lose(err, false)
		wasClosing := srv.isClosing()
		srv.close()
		srv.stopCalls()
		if wasClosing {
			return ErrServerClosed
		}
		return fmt.Errorf("agi: manager link: %w", err)
	}
}

// begin makes what Serve needs, unless the server is closed already.
func (srv *AsyncServer) begin(ctx context.Context) bool {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	srv.initLocked()
	if srv.closing {
		return false
	}
	srv.base, srv.stop = context.WithCancelCause(context.WithoutCancel(ctx))
	srv.calls = make(map[string]*asyncCall)
	srv.open = make(map[*asyncCall]struct{})
	if srv.unlisted {
		srv.adopt()
	}
	return true
}

// finish is the end of Serve: nothing new is begun, and what was begun is awaited.
func (srv *AsyncServer) finish() {
	srv.mu.Lock()
	srv.closed = true
	srv.mu.Unlock()
	srv.stop(ErrServerClosed)
	srv.wg.Wait()
}

// LinkLost ends all calls as if their connections had broken. Call it when the link
// dropped, as replies may have got lost with it. It tries for a while to give the
// calls back to the dialplan, in case the link returns. It does not block.
func (srv *AsyncServer) LinkLost(err error) { srv.lose(err, true) }

func (srv *AsyncServer) lose(err error, returns bool) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	for _, c := range srv.calls {
		c.adopted = false
		c.lose(err, returns)
	}
}

// Sessions returns the number of calls being served.
func (srv *AsyncServer) Sessions() int {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	return srv.active
}

func (srv *AsyncServer) logger() hclog.Logger {
	if srv.Logger == nil {
		return hclog.NewNullLogger()
	}
	return srv.Logger
}
