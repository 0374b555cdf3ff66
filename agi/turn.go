package agi

import (
	"context"
	"errors"
	"os"
	"time"
)

// Only who has the turn reads and writes: a command, or, when none has run for
// idleAfter, the watching goroutine, which makes way for a command at once.
//
// To make way, and to see the end of a context, a read is ended by a deadline in
// the past: a kick. A kick is only a hint. It may come late and hit the read of
// somebody whom it does not concern, who then takes the deadline away, looks again
// whether it does, and reads on. No kick can get lost this way, as what it tells of
// (a context that ended, a command that waits) is always true before it is given.

// take waits for the turn, and returns the cause of ctx if that ends first.
func (s *Session) take(ctx context.Context) error {
	s.mu.Lock()
	if !s.taken {
		s.taken = true
		s.began()
		s.mu.Unlock()
		return nil
	}
	s.waiting++
	if s.turn == nil {
		s.turn = make(chan struct{}, 1)
	}
	turn := s.turn
	if s.watching {
		s.kick()
	}
	s.mu.Unlock()
	var err error
	select {
	case <-turn:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting--
	if err == nil {
		s.began()
		return nil
	}
	if s.waiting == 0 {
		select {
		case <-s.turn: // it came too late
			s.pass()
		default:
		}
	}
	return err
}

// began notes that a command got the turn. The caller holds mu.
func (s *Session) began() {
	s.turns++
	s.late.Store(false)
}

// give gives the turn up.
func (s *Session) give() {
	s.mu.Lock()
	s.pass()
	s.mu.Unlock()
}

// pass passes the turn on to who waits, if anybody does. The caller holds mu.
func (s *Session) pass() {
	if !s.armed && !s.over {
		s.arm()
	}
	if s.waiting > 0 {
		s.turn <- struct{}{} // which never blocks: there is but one turn
		return
	}
	s.taken = false
}

// arm has startWatch called in a moment. The caller holds mu.
func (s *Session) arm() {
	s.armed = true
	s.idlers.add(s)
}

// endWatch ends the watching, for good.
func (s *Session) endWatch() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
}

// watch reads for as long as no command wants to.
func (s *Session) watch() {
	for s.goOnWatching() {
		if s.owed {
			var r Reply
			if s.next(&r) == nil {
				s.settled(&r)
			}
			continue
		}
		// No reply is due, so whatever looks like one is a piece of some value.
		line, err := s.in.line(maxReply)
		if err == nil {
			err = s.in.skip(line)
			if isHangup(line) {
				s.hangup()
			}
		}
		_ = s.broken(err) // which ends the watching
	}
}

// startWatch starts the watching goroutine if the turn is free. If a command has it, and
// had it already when this was asked for, that has its read begin again should something
// have come: perhaps it came right before the command was written, when nobody looked, and
// nothing else would ever end the read. So while a command has the turn, this is still to
// come, or late is set.
func (s *Session) startWatch(turns uint) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed = false
	switch {
	case s.over:
	case !s.taken:
		s.taken, s.watching = true, true
		s.watchers.Go(s.watch)
	case s.turns != turns:
		s.arm()
	default:
		s.late.Store(true)
		if s.src.pending() {
			s.kick()
		}
	}
}

// goOnWatching gives the turn up, and says so, when somebody waits for it or there
// is nothing to watch.
func (s *Session) goOnWatching() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setDeadline(time.Time{})
	if s.waiting == 0 && !s.over {
		return true
	}
	s.watching = false
	s.pass()
	return false
}

// kick ends the read that is going on. It may be called by anybody.
func (s *Session) kick() { s.setDeadline(past) }

// setDeadline sets when reads end. An error means that the connection was closed,
// and reading will tell.
func (s *Session) setDeadline(t time.Time) { _ = s.src.SetReadDeadline(t) }

func isTimeout(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
