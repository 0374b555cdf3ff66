package agi

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// Exec runs a dialplan application with its arguments, as in ("Dial",
// "PJSIP/100,30"), waits for its end and returns its result. What an application has
// to say it commonly leaves in a variable, such as DIALSTATUS.
//
// The arguments arrive as they are, `${}` not expanded unless the channel has
// AGIEXECFULL=yes, but the application divides them, mostly at commas: text from
// outside does not belong there.
//
// It works after a hangup, if the application has no need of the caller.
//
// The error is [ErrHangup] when the application ended because of a hangup, and an
// [*Error] with code 200 when it failed or there is no such application.
// When ctx ends, only [SessionOptions].Interrupt can end the application.
func (s *Session) Exec(ctx context.Context, app, args string) (int, error) {
	const command = "EXEC"
	r, err := s.Do(ctx, command, trim(app, args)...)
	if err != nil {
		return 0, err
	}
	n, err := r.Int()
	switch {
	case err != nil:
	case r.failed():
		err = s.whyFailed(ctx, command, &r)
	case n == noApplication:
		err = &Error{Code: r.Code, Command: command, Text: "no application " + app}
	}
	return n, err
}

// noApplication is EXEC's result for an application that does not exist.
const noApplication = -2

// Gosub runs a dialplan subroutine and waits for its Return: the extension of the
// context name, from a priority, which is a number or a label. The subroutine finds
// the arguments in ARG1, ARG2 and so on.
//
// Asterisk divides arguments at commas, and knows no way to write a comma that is
// none. So an argument with a comma outside of quotes and parentheses, or with an open
// one of these, is refused with [ErrBadArgument]; leave such text in a variable.
//
// The error is [ErrHangup] when the call ended meanwhile, and an [*Error] with code 200
// when there is no such place in the dialplan. When ctx ends, only
// [SessionOptions].Interrupt can end the subroutine.
func (s *Session) Gosub(ctx context.Context, name, extension, priority string, args ...string) error {
	const command = "GOSUB"
	for i, arg := range args {
		if !isOneArgument(arg) {
			return fmt.Errorf("%w: %s, argument %d, would be read as several: %q", ErrBadArgument, command, i+1, arg)
		}
	}
	words := []string{name, extension, priority}
	if len(args) > 0 {
		words = append(words, strings.Join(args, ","))
	}
	_, err := s.run(ctx, command, words...)
	return err
}

// isOneArgument reports whether Asterisk's applications read the text as one argument,
// wherever in a list it stands.
func isOneArgument(arg string) bool {
	quoted, depth := false, 0
	for i := 0; i < len(arg); i++ {
		switch c := arg[i]; {
		case c == '\\':
			i++ // the next one is nothing special
			if i == len(arg) {
				return false
			}
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			depth = max(depth-1, 0)
		case c == ',' && depth == 0:
			return false
		}
	}
	return !quoted && depth == 0
}

// Noop does nothing, but asks Asterisk whether it is there. It works after a
// hangup.
func (s *Session) Noop(ctx context.Context) error {
	_, err := s.Do(ctx, "NOOP")
	return err
}

// Verbose writes a message to Asterisk's console and log, where it is seen from that
// level of verbosity on, 1 to 4; 0 is always seen. It works after a hangup.
func (s *Session) Verbose(ctx context.Context, message string, level int) error {
	_, err := s.run(ctx, "VERBOSE", message, strconv.Itoa(level))
	return err
}

// AsyncAGIBreak ends AsyncAGI, AGI(agi:async) in the dialplan, and gives the call back.
// In a session over a connection it does nothing: closing that ends it. It works after
// a hangup.
func (s *Session) AsyncAGIBreak(ctx context.Context) error {
	_, err := s.Do(ctx, "ASYNCAGI BREAK")
	return err
}
