package agi

import (
	"context"
	"errors"
	"os"
	"time"
)

// Only who has the turn reads and writes: a command, or, when none has run for
// watchAfter, the watching goroutine, which makes way for a command at once.
//
// To make way, and to see the end of a context, a read is ended by a deadline in
// the past: a kick. A kick is only a hint. It may come late and hit the read of
// somebody whom it does not concern, who then takes the deadline away, looks again
// whether it does, and reads on. No kick can get lost this way, as what it tells of
// (a context that ended, a command that waits) is always true before it is given.

// watchAfter is how long after a command the watching goroutine starts. Commands
// that follow each other closely so cost nothing but themselves.
const watchAfter = 50 * time.Millisecond

// take waits for the turn, and returns the cause of ctx if that ends first.
func (s *Session) take(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
		return nil
	default:
	}
	s.mu.Lock()
	s.waiting++
	if s.watching {
		s.kick()
	}
	s.mu.Unlock()
	var err error
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	s.mu.Lock()
	s.waiting--
	if err != nil {
		s.arm() // in case it was the goroutine that made way
	}
	s.mu.Unlock()
	return err
}

// give passes the turn on.
func (s *Session) give() {
	s.mu.Lock()
	<-s.turn
	s.arm()
	s.mu.Unlock()
}

// arm makes the watching goroutine start in a while. The caller holds mu.
func (s *Session) arm() {
	if !s.armed && !s.over {
		s.armed = true
		s.idle.Reset(watchAfter)
	}
}

// endWatch ends the watching, for good.
func (s *Session) endWatch() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	s.idle.Stop()
}

// watch reads for as long as no command wants to. It is called in a goroutine of
// its own, by the timer.
func (s *Session) watch() {
	if !s.startWatch() {
		return
	}
	defer s.watchers.Done()
	for s.goOnWatching() {
		if s.owed {
			if r, err := s.next(); err == nil {
				s.settled(r)
			}
			continue
		}
		// No reply is due, so whatever looks like one is a piece of some value.
		line, err := s.in.line(maxReply)
		if err == nil && isHangup(line) {
			s.hangup()
		}
		_ = s.broken(err) // which ends the watching
	}
}

// startWatch takes the turn for the watching goroutine if it is free. If it is not,
// who gives it up will arm the timer again.
func (s *Session) startWatch() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed = false
	if s.over || s.waiting > 0 {
		return false
	}
	select {
	case s.turn <- struct{}{}:
	default:
		return false
	}
	s.watching = true
	s.watchers.Add(1)
	return true
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
	<-s.turn
	return false
}

// kick ends the read that is going on. It may be called by anybody.
func (s *Session) kick() { s.setDeadline(past) }

// setDeadline sets when reads end. An error means that the connection was closed,
// and reading will tell.
func (s *Session) setDeadline(t time.Time) { _ = s.src.SetReadDeadline(t) }

func isTimeout(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
