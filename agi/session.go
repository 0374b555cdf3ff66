package agi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// Session is one call that Asterisk handed over. Commands run one after another;
// methods are safe for concurrent use, except OnExchange, and a second command
// waits for the first.
//
// A session has one goroutine, which reads from NewSession to Close.
type Session struct {
	env     Env
	conn    io.ReadWriteCloser
	maxLine int

	ctx    context.Context // ends with the call, see Context
	cancel context.CancelCauseFunc

	// What the reading goroutine shares with commands.
	in       *lineReader
	replies  chan Reply    // replies that somebody waits for, or waited for
	expected atomic.Int32  // how many replies may still come
	done     chan struct{} // closed when reading has ended
	err      error         // why it ended; set before done is closed

	// What commands share; whoever put a token into turn owns it.
	turn     chan struct{}
	line     []byte // the line being written, kept for its memory
	owed     bool   // a command was given up before its reply came
	nonce    string // the text that will come back once a stopped command is over
	nonces   int
	exchange func(Exchange)
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
}

// NewSession reads the environment from conn and starts the session. [Server]
// does this for every connection; other programs need it only when they accept
// connections in a way of their own.
//
// It blocks until the environment is complete or reading fails; a limit in time
// is the caller's to set on conn. On success the session owns conn and the caller
// must call Close. On error conn is left open. The session's context derives from
// ctx.
func NewSession(ctx context.Context, conn io.ReadWriteCloser, opts SessionOptions) (*Session, error) {
	in := newLineReader(quickAck(conn))
	env, err := readEnv(in)
	if err != nil {
		in.release()
		return nil, err
	}
	s := &Session{
		env:     env,
		conn:    conn,
		maxLine: opts.MaxLine,
		in:      in,
		// A command and two nonces: more is never expected, so the reading
		// goroutine never blocks.
		replies: make(chan Reply, 3),
		done:    make(chan struct{}),
		turn:    make(chan struct{}, 1),
	}
	if s.maxLine <= 0 {
		s.maxLine = defaultMaxLine
	}
	s.ctx, s.cancel = context.WithCancelCause(ctx)
	go s.read()
	return s, nil
}

// Env returns what Asterisk said about the call. It belongs to the session and
// never changes.
func (s *Session) Env() *Env { return &s.env }

// Context returns the context that ends with the call. [context.Cause] then is
// [ErrHangup], an error that wraps [ErrClosed], [ErrServerClosed], or whatever
// ended the context that the session was made with.
func (s *Session) Context() context.Context { return s.ctx }

// HungUp reports whether the call is known to be over.
func (s *Session) HungUp() bool { return errors.Is(context.Cause(s.ctx), ErrHangup) }

// OnExchange sets a function that is called after every command, in the goroutine
// that ran it, before Do returns. It must not run commands itself. Set it before
// the first command; nil means none.
func (s *Session) OnExchange(f func(Exchange)) { s.exchange = f }

// Close closes the connection, which gives the call back to the dialplan, and
// waits for the reading goroutine. The error is the connection's.
func (s *Session) Close() error {
	err := s.conn.Close()
	<-s.done
	return err
}

// read hands replies to the command that waits for one, and ends the context at
// a hangup or when the connection breaks. It runs in its own goroutine.
func (s *Session) read() {
	defer close(s.done)
	defer s.in.release()
	for {
		r, err := s.in.reply(s.hangup)
		if err != nil {
			s.err = fmt.Errorf("%w: %w", ErrClosed, err)
			s.cancel(s.err)
			return
		}
		if r.Code == codeDeadChannel {
			s.hangup()
		}
		s.deliver(r)
	}
}

// deliver passes a reply on if one is expected. Anything else looks like a reply
// but is a piece of some value.
func (s *Session) deliver(r Reply) {
	switch s.expected.Load() {
	case 0:
		return
	case 1:
		// Asterisk writes no second reply before the next command, so what came
		// in the same segment is a HANGUP, or the rest of a value with a newline.
		// Taking it now means that the hangup is known when the command returns.
		s.in.drain(s.hangup)
	}
	s.expected.Add(-1)
	select {
	case s.replies <- r:
	default: // more replies than commands: pieces of a value
	}
}

func (s *Session) hangup() { s.cancel(ErrHangup) }

// write sends one or more whole lines at once: half a line makes Asterisk's
// thread spin until the rest comes. Writing does not block on a network, as no
// more than three lines are ever unanswered.
func (s *Session) write(line []byte) error {
	if _, err := s.conn.Write(line); err != nil {
		return fmt.Errorf("%w: %w", ErrClosed, err)
	}
	return nil
}
