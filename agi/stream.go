package agi

import (
	"context"
	"strconv"
	"time"
)

// StreamFile plays a sound file, named without its extension, from an offset in
// samples (8 a millisecond), until it ends or the caller presses one of
// escapeDigits. It returns the key, "" for none, and where playing stopped, in
// samples.
//
// The error is [ErrHangup] when the caller hung up, and an [*Error] with code 200
// when the file cannot be played. The prompt stops when ctx ends.
func (s *Session) StreamFile(ctx context.Context, file, escapeDigits string, offset int64) (digit string, endPos int64, err error) {
	args := []string{file, escapeDigits}
	if offset > 0 {
		args = append(args, strconv.FormatInt(offset, 10))
	}
	return s.play(ctx, "STREAM FILE", args...)
}

// Control says which keys do what during ControlStreamFile. The zero value has
// Asterisk's defaults.
type Control struct {
	Skip    time.Duration // how far to skip; 0 means 3 s
	Forward string        // the key to skip forward; "" means "#"
	Rewind  string        // the key to skip back; "" means "*"
	Pause   string        // the key to pause and go on; "" means none
	Offset  time.Duration // where in the file to begin
}

// ControlStreamFile plays a sound file while the caller may skip and pause, until
// it ends or the caller presses one of escapeDigits. It returns the key, "" for none,
// and where playing stopped, -1 ms at the end of the file. Asterisk also leaves
// CPLAYBACKSTATUS (SUCCESS, USERSTOPPED, REMOTESTOPPED, ERROR), CPLAYBACKOFFSET and
// CPLAYBACKSTOPKEY in the channel.
//
// Errors are as for StreamFile, but the prompt goes on when ctx ends.
func (s *Session) ControlStreamFile(ctx context.Context, file, escapeDigits string, c Control) (digit string, end time.Duration, err error) {
	offset := ""
	if c.Offset > 0 {
		offset = millis(c.Offset)
	}
	skip := ""
	if c.Skip > 0 {
		skip = millis(c.Skip)
	}
	controls := trim(skip, c.Forward, c.Rewind, c.Pause, offset)
	if len(controls) > 0 && skip == "" {
		controls[0] = defaultSkip // this one may not be empty
	}
	digit, pos, err := s.play(ctx, "CONTROL STREAM FILE", append([]string{file, escapeDigits}, controls...)...)
	return digit, time.Duration(pos) * time.Millisecond, err
}

// defaultSkip is how many milliseconds Asterisk skips.
const defaultSkip = "3000"

// GetOption plays a sound file until the caller presses one of escapeDigits, and
// waits for a key some time after the end of the file: 0 means the dialplan's
// digit timeout of commonly 5 s. Results and errors are as for StreamFile. The
// prompt and the waiting stop when ctx ends.
func (s *Session) GetOption(ctx context.Context, file, escapeDigits string, timeout time.Duration) (digit string, endPos int64, err error) {
	args := []string{file, escapeDigits}
	if timeout != 0 {
		args = append(args, millis(timeout))
	}
	return s.play(ctx, "GET OPTION", args...)
}

// play runs a command that answers with a key and a position.
func (s *Session) play(ctx context.Context, command string, args ...string) (string, int64, error) {
	r, err := s.run(ctx, command, args...)
	if err != nil {
		return "", r.EndPos, err
	}
	digit, err := r.digit()
	return digit, r.EndPos, err
}
