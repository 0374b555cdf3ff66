package agi

import (
	"context"
	"math"
	"strconv"
	"time"
)

// run sends a command whose result of -1 means that it failed, by a hangup or
// else, and finds out which.
func (s *Session) run(ctx context.Context, command string, args ...string) (r Reply, err error) {
	r, err = s.Do(ctx, command, args...)
	if err == nil && r.failed() {
		err = s.whyFailed(ctx, command, &r)
	}
	return r, err
}

// whyFailed returns ErrHangup if the call is over and an *Error if not. A result
// of -1 is both the caller's hangup and, for instance, a prompt file that does
// not exist. When the hangup is not known yet, because HANGUP comes after the
// reply or, with AGISIGHUP=no, never, a command that needs a living channel tells.
func (s *Session) whyFailed(ctx context.Context, command string, r *Reply) error {
	if !s.HungUp() {
		// A dead channel's answer is 511, which is taken for the hangup that it is;
		// another error, of a link that breaks or a context that ends, is nearer to
		// the cause.
		if _, err := s.Do(ctx, "CHANNEL STATUS"); err != nil && !s.HungUp() {
			return err
		}
	}
	if s.HungUp() {
		return ErrHangup
	}
	return &Error{Code: r.Code, Command: command, Text: r.Text}
}

// digit returns the key that a result is the code of, "" for none.
func (r Reply) digit() (string, error) {
	n, err := r.Int()
	if err != nil || n <= 0 {
		return "", err
	}
	return string(rune(n)), nil
}

// trim cuts empty arguments off the end, where Asterisk takes its default for
// what is missing.
func trim(args ...string) []string {
	for len(args) > 0 && args[len(args)-1] == "" {
		args = args[:len(args)-1]
	}
	return args
}

// millis writes a time as Asterisk wants it: in milliseconds, rounded up so that
// a short time does not become none, at most what its int holds (24 days), and -1 for
// ever when negative.
func millis(d time.Duration) string {
	if d < 0 {
		return "-1"
	}
	return strconv.FormatInt(roundUp(d, time.Millisecond), 10)
}

// seconds writes a time in seconds, rounded up.
func seconds(d time.Duration) string {
	return strconv.FormatInt(roundUp(d, time.Second), 10)
}

// roundUp counts the units in d, at most as many as an int of Asterisk's holds.
func roundUp(d, unit time.Duration) int64 {
	n := int64(d / unit)
	if d%unit > 0 {
		n++
	}
	return min(n, math.MaxInt32)
}
