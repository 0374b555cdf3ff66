package agi

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Do sends a command and returns its reply. The command is one or more words that
// are sent as they are; each argument is sent in quotes, so it may hold anything
// but line feeds, carriage returns and NULs, which are refused with
// [ErrBadArgument]. A line that Asterisk would cut is refused with [ErrTooLong].
//
// The error is an [*Error] for every reply with another code than 200, but for code
// 511 it is the context's cause when the hangup that it tells ended ctx. A result
// of -1 or 0 is no error to Do: what it means depends on the command, and the
// typed methods know.
//
// Do blocks until the reply is there, the connection breaks or ctx ends; in the
// last case the error is the context's cause, and the command may still run in
// Asterisk: STREAM FILE, GET DATA, GET OPTION and WAIT FOR DIGIT are stopped, for
// which Do waits (commonly a few milliseconds), others go on, unless
// [SessionOptions].Interrupt ends them, and the next Do first waits for their end. If ctx has already ended, nothing is sent.
func (s *Session) Do(ctx context.Context, command string, args ...string) (r Reply, err error) {
	if err := s.take(ctx); err != nil {
		return r, err
	}
	defer s.give()
	if s.replyTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, s.replyTimeout, ErrReplyTimeout)
		defer cancel()
	}

	line, err := appendCommand(s.line[:0], s.maxLine, command, args)
	s.line = line
	if err != nil {
		return r, err
	}
	// The end of the session's own context always ends reads, and most contexts are
	// that or have its values.
	if ctx != s.ctx {
		if done := ctx.Done(); done != nil && done != s.ctx.Done() {
			defer context.AfterFunc(ctx, s.kick)()
		}
	}
	if err := s.settle(ctx); err != nil {
		return r, err
	}
	if s.exchange != nil {
		err = s.traced(ctx, command, line, &r)
	} else {
		err = s.roundTrip(ctx, command, line, &r)
	}
	return r, err
}

// traced is roundTrip for those who want to know. It is apart so that others do
// without its stack: what 10,000 calls wait on is kept small.
func (s *Session) traced(ctx context.Context, command string, line []byte, r *Reply) error {
	start := time.Now()
	err := s.roundTrip(ctx, command, line, r)
	s.tell(line, r, err, start)
	return err
}

// tell is apart from traced so that who waits there does without the room for an Exchange.
//
//go:noinline
func (s *Session) tell(line []byte, r *Reply, err error, start time.Time) {
	s.exchange(Exchange{
		Command: string(line[:len(line)-1]),
		Reply:   *r,
		Err:     err,
		Start:   start,
		Took:    time.Since(start),
	})
}

// roundTrip writes a line and waits for its reply, r.
func (s *Session) roundTrip(ctx context.Context, command string, line []byte, r *Reply) error {
	// Looking at the clock costs as much as all of parsing.
	var start time.Time
	stops := !s.unstoppable && stoppable(command)
	if stops {
		start = time.Now()
	}
	if err := s.send(ctx, line); err != nil {
		return err
	}
	err := s.await(ctx, r)
	switch {
	case err == nil:
		s.in.rest(r, s.hangup)
		switch {
		case r.Code == codeDeadChannel && ctx.Err() != nil:
			// The hangup was told by this reply, or by a HANGUP a moment before.
			err = context.Cause(ctx)
		case r.Code != codeSuccess:
			err = &Error{Code: r.Code, Command: command, Text: r.Text}
		}
	case s.err == nil:
		s.owed = true
		switch {
		case s.HungUp(): // which ends it
		case stops:
			s.stop(start)
		case s.interrupt != nil:
			err = s.interrupted(ctx, line, err)
		}
	}
	return err
}

// send writes a line once all is read that came before, and may wait for the answer:
// an error of that comes again in await.
func (s *Session) send(ctx context.Context, line []byte) error {
	for range discardReads {
		s.in.discard(s.hangup)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		wrote, err := s.in.exchange(line, &s.late)
		switch {
		case wrote:
			if s.debug != nil {
				s.debug.wrote(line)
			}
			return nil
		case isTimeout(err):
			s.setDeadline(time.Time{})
		case errors.Is(err, errLineTooLong):
			return s.broken(err)
		case err != nil:
			return fmt.Errorf("%w: %w", ErrClosed, err)
		}
	}
	return s.write(line)
}

// discardReads bounds what send reads first. No Asterisk sends that much unasked.
const discardReads = 64

// await waits for the next reply, r. A reply that is there wins over a context that
// ended, so that what happened is told, and the context over a broken connection,
// so that its cause is.
func (s *Session) await(ctx context.Context, r *Reply) error {
	for {
		// Waiting is done here, before next goes deeper: the stack of a call that
		// waits then fits in 4 KiB. An error comes again.
		if s.in.next == s.in.end {
			_ = s.in.fill()
		}
		err := s.next(r)
		if isTimeout(err) {
			s.setDeadline(time.Time{})
			if ctx.Err() == nil {
				continue
			}
			s.in.nowait = true
			err = s.next(r)
			s.in.nowait = false
		}
		if err != nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return err
	}
}

// settle waits until Asterisk owes no reply, and returns the context's cause if
// that ends first, or has ended.
func (s *Session) settle(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for s.owed {
		var r Reply
		if err := s.await(ctx, &r); err != nil {
			return err
		}
		s.settled(&r)
	}
	s.nonce = ""
	return s.err
}

// settled takes a reply that was owed. A stopped command may send its reply or not;
// the nonce comes for sure.
func (s *Session) settled(r *Reply) { s.owed = s.nonce != "" && r.Data != s.nonce }

// awaitFor reads replies until last says so, the connection breaks, or the time
// is over. It reports whether it got that far before the time was over.
func (s *Session) awaitFor(d time.Duration, last func(*Reply) bool) bool {
	defer s.setDeadline(time.Time{})
	end := time.Now().Add(d)
	for {
		s.setDeadline(end)
		var r Reply
		err := s.next(&r)
		switch {
		case err == nil:
			if last(&r) {
				return true
			}
		case !isTimeout(err):
			return true
		case !time.Now().Before(end):
			return false
		}
	}
}
