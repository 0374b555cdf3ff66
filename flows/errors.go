package flows

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// Error is what went wrong in a step. Handlers read it as error.id,
// error.message and error.at.
type Error struct {
	// ID names the kind of error: "dial.busy" for an unhandled outcome,
	// otherwise one of the ids below.
	ID string
	// At is the step that failed.
	At lang.Pos
	// Err is the cause; its text is error.message.
	Err error
}

// IDs of errors that are not outcomes.
const (
	IDAGI        = "agi"        // Asterisk refused a command, or the connection broke
	IDExpression = "expression" // an expression failed
	IDTimeout    = "timeout"    // the step's timeout passed
	IDFlow       = "flow"       // there is no such flow, or its parameters are wrong
	IDLimit      = "limit"      // too many steps
	IDPanic      = "panic"      // a verb panicked
	IDStep       = "step"       // anything else
)

// Error returns "file:line:col: id: message".
func (e *Error) Error() string { return fmt.Sprintf("%s: %s: %v", e.At, e.ID, e.Err) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Fail returns an error with an id of the verb's own choosing, such as
// "http.failed". The engine adds the place.
func Fail(id string, err error) error { return &Error{ID: id, Err: err} }

// asError wraps what a step returned with its place and an id.
func asError(err error, at lang.Pos) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		if e.At.Source == nil {
			e = &Error{e.ID, at, e.Err}
		}
		return e
	}
	id := IDStep
	if _, ok := errors.AsType[*lang.EvalError](err); ok {
		id = IDExpression
	} else if _, ok := errors.AsType[*agi.Error](err); ok ||
		errors.Is(err, agi.ErrClosed) || errors.Is(err, agi.ErrBadArgument) || errors.Is(err, agi.ErrTooLong) {
		id = IDAGI
	} else if _, ok := errors.AsType[*ami.Error](err); ok ||
		errors.Is(err, ami.ErrNotConnected) || errors.Is(err, ami.ErrOutcomeUnknown) ||
		errors.Is(err, ami.ErrInvalidAction) || errors.Is(err, ami.ErrIncompleteList) {
		id = IDAMI
	}
	return &Error{id, at, err}
}

// errorInfo is how handlers see an error.
type errorInfo struct {
	ID      string `expr:"id" doc:"the kind of error, such as dial.busy or http.timeout"`
	Message string `expr:"message" doc:"what went wrong, for people"`
	At      string `expr:"at" doc:"the step that failed, as file:line:col"`
}

// callEnded reports whether err only says that the call or the server is no
// longer there.
func callEnded(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, agi.ErrHangup) || errors.Is(err, agi.ErrServerClosed)
}

// failureOf is the error of an outcome that nothing handles.
func failureOf(verb *Verb, o Outcome, at lang.Pos) *Error {
	text := strings.TrimSuffix(o.Doc, ".")
	if text == "" {
		text = verb.Name + " ended in " + o.Name
	}
	return &Error{verb.Name + "." + o.Name, at, errors.New(strings.ToLower(text[:1]) + text[1:])}
}
