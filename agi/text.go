package agi

import (
	"context"
	"errors"
	"time"
)

// Text and images are for channels that carry them, next to the voice or without one:
// SIP MESSAGE, T.140. Most telephones do not.

// SendText sends a text to the caller. Asterisk reports success too when the channel
// cannot carry text. The error is [ErrHangup] when the caller hung up, and an [*Error]
// with code 200 when sending failed.
func (s *Session) SendText(ctx context.Context, text string) error {
	_, err := s.run(ctx, "SEND TEXT", text)
	return err
}

// SendImage sends an image file, named without its extension, to the caller. Asterisk
// reports success too when there is no such file or the channel cannot carry images,
// so the error tells a hangup only.
func (s *Session) SendImage(ctx context.Context, file string) error {
	_, err := s.run(ctx, "SEND IMAGE", file)
	return err
}

// ReceiveChar waits for a text from the caller and returns its first byte, "" when none
// came. A byte above 127, as in UTF-8, looks to Asterisk like an error, and comes as "";
// use ReceiveText.
//
// A timeout of 0 is no wait, a negative one means for ever. Asterisk counts it anew with
// every piece of audio that comes, so while the caller's audio flows the time is never
// over. That none came makes AGISTATUS FAILURE. The error is [ErrHangup] when the caller hung up. The waiting goes on when ctx
// ends.
func (s *Session) ReceiveChar(ctx context.Context, timeout time.Duration) (char string, err error) {
	r, err := s.receive(ctx, "RECEIVE CHAR", timeout)
	if err != nil || r.failed() {
		return "", err
	}
	return r.digit()
}

// ReceiveText waits for a text from the caller and returns it; ok tells an empty one
// from none. Timeout and errors are as for ReceiveChar.
func (s *Session) ReceiveText(ctx context.Context, timeout time.Duration) (text string, ok bool, err error) {
	r, err := s.receive(ctx, "RECEIVE TEXT", timeout)
	return r.Data, err == nil && r.Result == "1", err
}

// receive runs a command whose result of -1 means that nothing came or that the caller
// hung up; 16 and 22 say "(hangup)" in both cases.
func (s *Session) receive(ctx context.Context, command string, timeout time.Duration) (Reply, error) {
	r, err := s.Do(ctx, command, millis(timeout))
	if err == nil && r.failed() {
		// That the call lives is what an Error says here.
		if err = s.whyFailed(ctx, command, &r); isError(err) {
			err = nil
		}
	}
	return r, err
}

func isError(err error) bool {
	_, ok := errors.AsType[*Error](err)
	return ok
}
