package agi

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// GetData plays a sound file and collects the keys that the caller presses, until
// there are max of them, the caller presses #, which is not returned, or none
// comes for the time timeout. A timeout of 0 means Asterisk's own (6 s for the
// first key, 2 s between keys), a negative one for ever. max 0 means as many as
// come; more than 1023 are refused with [ErrTooLong], as Asterisk has no room for them.
//
// timedOut tells that the timeout ended it, with the keys so far. Digits are text:
// "0123" and "1*2" are possible, and "" when the caller pressed only #.
//
// The error is [ErrHangup] when the caller hung up, and an [*Error] with code 200 when
// the file cannot be played; file "" is no prompt. The prompt and the waiting stop when
// ctx ends.
func (s *Session) GetData(ctx context.Context, file string, timeout time.Duration, max int) (digits string, timedOut bool, err error) {
	if max > maxKeys {
		return "", false, fmt.Errorf("%w: GET DATA of %d keys, Asterisk keeps %d", ErrTooLong, max, maxKeys)
	}
	args := []string{file}
	if timeout != 0 || max > 0 {
		args = append(args, millis(timeout))
	}
	if max > 0 {
		args = append(args, strconv.Itoa(max))
	}
	r, err := s.run(ctx, "GET DATA", args...)
	if err != nil {
		return "", false, err
	}
	return r.Result, r.Data == "timeout", nil
}

// maxKeys is how many keys fit into the array of res_agi.c, which does not check.
const maxKeys = 1023

// WaitForDigit waits for a key and returns it, "" when none came for the time
// timeout. A negative timeout means for ever; 0 is no wait.
//
// The error is [ErrHangup] when the caller hung up. The waiting stops when ctx
// ends.
func (s *Session) WaitForDigit(ctx context.Context, timeout time.Duration) (digit string, err error) {
	r, err := s.run(ctx, "WAIT FOR DIGIT", millis(timeout))
	if err != nil {
		return "", err
	}
	return r.digit()
}
