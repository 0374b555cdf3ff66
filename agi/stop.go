package agi

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// syncCommand begins the command of stop, and syncText what it asks back.
const (
	syncText    = "agi-sync-"
	syncCommand = `GET FULL VARIABLE "` + syncText
)

// Times of stop.
const (
	// segmentGap keeps the nonce out of the command's segment: Asterisk would
	// read both at once and leave the second in its buffer.
	segmentGap = 5 * time.Millisecond

	// nonceWait is how long to wait for the nonce before sending another one,
	// in case the first is stuck in Asterisk's buffer all the same. The longest
	// seen in 240 cancelled commands was 85 ms.
	nonceWait = 250 * time.Millisecond
)

// stop stops the command that runs. Any byte makes Asterisk give up a prompt,
// and whether the prompt's reply still comes is a matter of luck; so what is sent
// is a command whose reply cannot be mistaken: it gives back a text of our own.
// If Asterisk is slow, stop leaves the wait for that text to settle.
func (s *Session) stop(start time.Time) {
	wait := segmentGap - time.Since(start)
	for range 2 {
		if wait > 0 && s.awaitFor(wait, func(*Reply) bool { return false }) {
			return
		}
		s.nonces++
		s.nonce = syncText + strconv.Itoa(s.nonces)
		if err := s.write([]byte(syncCommand + strconv.Itoa(s.nonces) + "\"\n")); err != nil {
			return // the next read will say so
		}
		if s.awaitFor(nonceWait, func(r *Reply) bool { return r.Data == s.nonce }) {
			s.owed = s.err != nil
			return
		}
		wait = segmentGap
	}
}

// Times of interrupted.
const (
	// interruptTimeout is how long SessionOptions.Interrupt may take.
	interruptTimeout = 5 * time.Second

	// interruptWait is how long to wait then for the end of the command. It was 1 ms for
	// most and 100 ms for RECORD FILE.
	interruptWait = time.Second
)

// interrupted has the program end a command that cannot be stopped, and waits a moment
// for its reply. It returns why the command was given up, and what went wrong now.
func (s *Session) interrupted(ctx context.Context, line []byte, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), interruptTimeout)
	defer cancel()
	if err := s.interrupt(ctx, s, string(line[:len(line)-1])); err != nil {
		return errors.Join(cause, fmt.Errorf("agi: interrupt: %w", err))
	}
	if s.awaitFor(interruptWait, func(*Reply) bool { return true }) {
		s.owed = s.err != nil
	}
	return cause
}

// stoppable reports whether a byte from us makes Asterisk give up the command. The
// command may have its arguments with it.
func stoppable(command string) bool {
	for _, name := range stoppables {
		last := len(name) - 1
		// Comparing one letter first rules out nearly all that is no such command.
		if last < len(command) && command[last]&^0x20 == name[last] && strings.EqualFold(command[:last+1], name) {
			return true
		}
	}
	return false
}

var stoppables = func() (names []string) {
	for _, c := range Commands {
		if c.Stoppable {
			names = append(names, c.Name)
		}
	}
	return names
}()
