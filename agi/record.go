package agi

import (
	"context"
	"strconv"
	"time"
)

// RecordOptions tell RecordFile when to stop. The zero value records until the
// caller presses one of the escape digits or hangs up.
type RecordOptions struct {
	EscapeDigits string        // keys that end the recording
	Timeout      time.Duration // the longest recording; 0 or less means any
	Offset       int64         // where in the file to begin, in samples
	Beep         bool          // whether to play a beep first
	Silence      time.Duration // silence that ends the recording, in whole seconds; 0 means none does
}

// Recording tells how a recording ended.
type Recording struct {
	Digit   string // the key that ended it, "" if none did
	Timeout bool   // whether the time or the silence ended it
	EndPos  int64  // its end, in samples; 0 when a key ended the beep, and nothing was recorded
}

// RecordFile records the caller to a file, named without its extension, in a
// format such as "wav". An existing file is replaced.
//
// The error is [ErrHangup] when the caller hung up, which leaves a recording like
// any other end does, and an [*Error] with code 200 when the file could not be
// written. Asterisk cannot be made to stop recording when ctx ends.
func (s *Session) RecordFile(ctx context.Context, file, format string, o RecordOptions) (Recording, error) {
	const command = "RECORD FILE"
	timeout := "-1"
	if o.Timeout > 0 {
		timeout = millis(o.Timeout)
	}
	args := []string{file, format, o.EscapeDigits, timeout}
	if o.Offset > 0 {
		args = append(args, strconv.FormatInt(o.Offset, 10))
	}
	if o.Beep {
		args = append(args, "BEEP")
	}
	if o.Silence > 0 {
		args = append(args, "s="+seconds(o.Silence))
	}
	r, err := s.Do(ctx, command, args...)
	if err != nil {
		return Recording{}, err
	}
	rec := Recording{Timeout: r.Data == "timeout", EndPos: r.EndPos}
	switch r.Data {
	case "hangup":
		s.hangup()
		return rec, ErrHangup
	case "dtmf":
		rec.Digit, err = r.digit()
		return rec, err
	case "randomerror": // the beep did not come to its end
		if !r.failed() {
			rec.Digit, err = r.digit()
			return rec, err
		}
	}
	if r.failed() {
		return rec, s.whyFailed(ctx, command, &r)
	}
	return rec, nil
}
