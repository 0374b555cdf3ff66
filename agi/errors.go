package agi

import (
	"errors"
	"fmt"
	"strings"
)

// Errors that tell why a session's context ended. They are what [context.Cause]
// returns, and what commands return when their context ended for that reason.
var (
	// ErrHangup says that the call is over. The connection may still be open.
	ErrHangup = errors.New("agi: the call was hung up")

	// ErrClosed says that the connection to Asterisk is gone. It comes wrapped
	// together with the cause (io.EOF, a network error).
	ErrClosed = errors.New("agi: connection closed")

	// ErrReplyTimeout says that a command took longer than
	// [SessionOptions.ReplyTimeout].
	ErrReplyTimeout = errors.New("agi: no reply in time")

	// ErrServerClosed says that the server is shutting down. It is also what
	// Serve and ListenAndServe return after Shutdown or Close.
	ErrServerClosed = errors.New("agi: server closed")
)

// Errors of commands that were not sent, because Asterisk would have read
// something else than was meant.
var (
	// ErrBadArgument says that a command or argument contains a line feed, a
	// carriage return or a NUL, or that the command is none.
	ErrBadArgument = errors.New("agi: argument cannot be sent")

	// ErrTooLong says that the line has more bytes or words than Asterisk reads.
	ErrTooLong = errors.New("agi: command too long")
)

// Error is a command that Asterisk refused or that failed.
//
// An Error with code 511 also is an [ErrHangup] for [errors.Is]: a command that
// needs a living channel came after the hangup.
type Error struct {
	// Code is the reply's code: 510 for an unknown command, 511 for a command
	// that is not allowed on a dead channel, 520 for wrong syntax, 503 when
	// Asterisk ran out of memory, 200 when the command ran and failed.
	Code int

	// Command is the command as it was given to Do, without arguments.
	Command string

	// Text is what Asterisk said after the code. For 520 it holds the usage, over
	// several lines.
	Text string
}

// Error returns the command, the code and the first line of the text.
func (e *Error) Error() string {
	text, _, _ := strings.Cut(e.Text, "\n")
	return fmt.Sprintf("agi: %s: %d %s", e.Command, e.Code, text)
}

// Is reports whether the error is the hangup seen by a command that came late.
func (e *Error) Is(target error) bool {
	return target == ErrHangup && e.Code == codeDeadChannel
}
