package agi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// Session is one call that Asterisk handed over. Commands run one after another;
// methods are safe for concurrent use, except OnExchange, and a second command
// waits for the first.
//
// A command reads its reply itself. When no command has run for a moment, a
// goroutine reads in its place, so that a hangup is seen.
type Session struct {
	env     Env
	conn    io.ReadWriteCloser
	src     source // what conn says
	maxLine int
	// replyTimeout bounds each command; 0: nothing does.
	replyTimeout time.Duration

	ctx    context.Context // ends with the call, see Context
	cancel context.CancelCauseFunc
	unkick func() bool // undoes that the end of ctx ends reads; nil: only end ends it

	// Who has the turn reads and writes. See turn.go.
	mu       sync.Mutex
	taken    bool           // somebody has the turn
	turns    uint           // how often a command got it
	late     atomic.Bool    // idlers have looked after the command that has it
	waiting  int            // commands that wait for it
	turn     chan struct{}  // passes it on to one of them; nil before one waited
	watching bool           // the goroutine has it
	armed    bool           // idlers will start the goroutine, or look after a command
	over     bool           // the connection broke or was closed: nothing to watch
	idlers   *idlers        //
	watchers sync.WaitGroup // the goroutine

	// What belongs to who has the turn.
	in          lineReader
	err         error  // why the connection broke
	line        []byte // the line being written, kept for its memory
	owed        bool   // a command was given up before its reply came
	nonce       string // the text that will come back once a stopped command is over
	nonces      int
	exchange    func(Exchange)
	interrupt   func(context.Context, *Session, string) error
	unstoppable bool      // nothing that is sent stops a command
	debug       *debugLog // nil if nobody looks
}

// Exchange is one command with its outcome, for traces.
type Exchange struct {
	Command string        // the line as it was sent, without the newline
	Reply   Reply         // zero when none came
	Err     error         // what Do returned
	Start   time.Time     // when the command was written
	Took    time.Duration // until the reply came or the command was given up
}

// SessionOptions tune a session. The zero value is good.
type SessionOptions struct {
	// MaxLine is the longest command line in bytes, newline included. 0 means
	// 2047, which every Asterisk reads; 20.16, 21.11, 22.6 and 23.0 read 8191.
	MaxLine int

	// ReplyTimeout is how long each command may take; 0 means any time. A command
	// that takes longer fails with [ErrReplyTimeout], as if its context had ended.
	// It must be longer than the longest prompt, conversation or wait in a queue;
	// for single commands give them a context of their own instead.
	ReplyTimeout time.Duration

	// Interrupt is called when the context of a command ended that cannot be stopped over
	// this connection, of which [Command.Stoppable] tells, so that the program may end it
	// in another way, commonly by an action of the manager. It gets the line that was
	// sent, as in [Exchange], and a context that ends after 5 seconds. It is called in the
	// goroutine of the command, which then waits a second for its end, and must not run
	// commands itself. Its error is returned together with the cause of the command's
	// context. Nil: Do returns at once, and the next command waits for the end.
	//
	// These actions end a command, and the session goes on:
	//
	//   - PlayDTMF, with Receive: true, one of the escape digits of RECORD FILE or SAY, or
	//     any digit for EXEC of Background, Read and WaitExten
	//   - ControlPlayback, with Control: stop, CONTROL STREAM FILE and EXEC of Playback and
	//     Background
	//   - Hangup of the other channel, EXEC of Dial
	//   - Redirect to an extension that does Return(), GOSUB, whatever the subroutine does
	//
	// Redirect ends everything else: EXEC of Wait or MusicOnHold, RECORD FILE and SAY
	// without escape digits, RECEIVE CHAR and RECEIVE TEXT. But it takes the call away
	// from the session, whose context ends with [ErrHangup]; once the session is closed,
	// the call goes on in the dialplan at the place it was redirected to. An application
	// that must be ended without that belongs into a subroutine, for GOSUB.
	Interrupt func(ctx context.Context, s *Session, line string) error

	// Debug gets every line that is read or written, one in each Write, for those who
	// look for a mistake: the time, the channel, < for what Asterisk said and > for what
	// it was told, and the line, in which bytes that cannot be seen are like \x0d.
	// Secret says what is left out. Nil means nobody looks, which costs nothing. A
	// server's sessions write one at a time; Write must not block for long.
	//
	//	2026-11-21T10:00:00.000142Z PJSIP/alice-00000001 > GET VARIABLE "CALLERID(num)"
	//	2026-11-21T10:00:00.000239Z PJSIP/alice-00000001 < 200 result=1 (5550100)
	Debug io.Writer

	// Secret reports whether a variable, a database key or other text has to do with a
	// secret, so that Debug gets *** for the value of the variable or key, for the
	// argument, or for all arguments of the application. Nil means [LooksSecret].
	//
	// What the caller presses, writes or says, and what is spelled to the caller, is never
	// shown. What a secret is called must tell: text without any name cannot be known.
	Secret func(text string) bool

	idlers      *idlers // those of the server
	unstoppable bool    // no command is stopped by what is sent after it
}

// NewSession reads the environment from conn and starts the session. [Server]
// does this for every connection; other programs need it only when they accept
// connections in a way of their own.
//
// It blocks until the environment is complete, reading fails or ctx ends; a limit
// in time is the caller's to set on conn. On success the session owns conn and the
// caller must call Close. On error the caller must close conn. The session's
// context derives from ctx.
func NewSession(ctx context.Context, conn io.ReadWriteCloser, opts SessionOptions) (*Session, error) {
	s := newSession(ctx, conn, opts)
	if err := s.open(0); err != nil {
		s.cancel(err)
		return nil, err
	}
	return s, nil
}

// newSession makes a session whose context derives from parent.
func newSession(parent context.Context, conn io.ReadWriteCloser, opts SessionOptions) *Session {
	ctx, cancel := context.WithCancelCause(parent)
	s := &Session{
		conn:         conn,
		src:          newSource(conn),
		maxLine:      opts.MaxLine,
		replyTimeout: opts.ReplyTimeout,
		ctx:          ctx,
		cancel:       cancel,
		idlers:       opts.idlers,
		interrupt:    opts.Interrupt,
		unstoppable:  opts.unstoppable,
		debug:        newDebugLog(opts.Debug, opts.Secret),
	}
	if s.idlers == nil {
		s.idlers = new(idlers)
	}
	if s.maxLine <= 0 {
		s.maxLine = defaultMaxLine
	}
	s.in.init(s.src)
	s.in.debug = s.debug
	if parent.Done() != nil { // or else only end ends it
		s.unkick = context.AfterFunc(ctx, s.kick)
	}
	return s
}

// open reads the environment, which takes no longer than timeout, 0 for no limit. On an
// error the connection is still open.
func (s *Session) open(timeout time.Duration) error {
	if timeout > 0 {
		s.setDeadline(time.Now().Add(timeout))
	}
	if s.ctx.Err() != nil { // which was perhaps before the deadline was set
		s.kick()
	}
	env, err := readEnv(&s.in)
	if err != nil {
		s.in.finish()
	}
	s.in.release()
	if err != nil {
		s.unlink()
		s.src.stop()
		return err
	}
	s.env = env
	if timeout > 0 {
		s.setDeadline(time.Time{})
	}
	s.arm()
	return nil
}

// end ends the session's context and the read that is going on, which may wait for nothing
// any more.
func (s *Session) end(cause error) {
	s.cancel(cause)
	s.kick()
}

// unlink has the end of the context end no read any more.
func (s *Session) unlink() {
	if s.unkick != nil {
		s.unkick()
	}
}

// Env returns what Asterisk said about the call. It belongs to the session and
// never changes.
func (s *Session) Env() *Env { return &s.env }

// Context returns the context that ends with the call. [context.Cause] then is
// [ErrHangup], an error that wraps [ErrClosed], [ErrServerClosed], or whatever
// ended the context that the session was made with. A hangup is seen at once by a
// command that runs, and otherwise within 50 milliseconds; one in the moment between two
// commands within 100, or with the reply of the second.
func (s *Session) Context() context.Context { return s.ctx }

// HungUp reports whether the call is known to be over.
func (s *Session) HungUp() bool { return errors.Is(context.Cause(s.ctx), ErrHangup) }

// OnExchange sets a function that is called after every command, in the goroutine
// that ran it, before Do returns. It must not run commands itself. Set it before
// the first command; nil means none.
func (s *Session) OnExchange(f func(Exchange)) { s.exchange = f }

// Close closes the connection, which gives the call back to the dialplan, ends the
// session's context and waits for the session's goroutine. The error is the
// connection's.
func (s *Session) Close() error {
	s.endWatch()
	s.unlink()
	err := s.conn.Close()
	s.src.stop()
	s.watchers.Wait()
	s.src.wait()
	s.cancel(ErrClosed)
	if s.debug != nil && s.take(s.ctx) == nil { // or the handler left a command running
		s.in.finish()
	}
	return err
}

// next reads the next reply, ends the context at a hangup, and remembers when the
// connection broke. An error that is [os.ErrDeadlineExceeded] says no more than
// that there is something else to look at.
func (s *Session) next(r *Reply) error {
	if s.err != nil {
		return s.err
	}
	err := s.in.reply(r, s.hangup)
	if err == nil && r.Code == codeDeadChannel {
		s.hangup()
	}
	return s.broken(err)
}

// broken remembers an error of reading and ends the context with it, except for a
// deadline, after which reading goes on.
func (s *Session) broken(err error) error {
	if err == nil || isTimeout(err) {
		return err
	}
	s.err = fmt.Errorf("%w: %w", ErrClosed, err)
	s.cancel(s.err)
	s.endWatch()
	return s.err
}

func (s *Session) hangup() {
	if s.ctx.Err() == nil {
		s.end(ErrHangup)
	}
}

// write sends one or more whole lines at once: half a line makes Asterisk's
// thread spin until the rest comes. Writing does not block on a network, as no
// more than three lines are ever unanswered.
func (s *Session) write(line []byte) error {
	if _, err := s.conn.Write(line); err != nil {
		return fmt.Errorf("%w: %w", ErrClosed, err)
	}
	if s.debug != nil {
		s.debug.wrote(line)
	}
	return nil
}
