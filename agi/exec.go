package agi

import (
	"context"
	"strconv"
)

// Exec runs a dialplan application with its arguments, as in ("Dial",
// "PJSIP/100,30"), waits for its end and returns its result. Arguments are not
// expanded, unless the channel has AGIEXECFULL=yes. What an application has to
// say it commonly leaves in a variable, such as DIALSTATUS.
//
// The error is [ErrHangup] when the application ended because of a hangup, and an
// [*Error] with code 200 when it failed or there is no such application.
// Asterisk cannot be made to give up an application when ctx ends.
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
		err = s.whyFailed(ctx, command, r)
	case n == noApplication:
		err = &Error{Code: r.Code, Command: command, Text: "no application " + app}
	}
	return n, err
}

// noApplication is EXEC's result for an application that does not exist.
const noApplication = -2

// Gosub runs a dialplan subroutine, in the context of that name, and waits for its Return. The error is an
// [*Error] with code 200 when there is no such place in the dialplan.
func (s *Session) Gosub(ctx context.Context, name, extension, priority string, args ...string) error {
	_, err := s.run(ctx, "GOSUB", append([]string{name, extension, priority}, args...)...)
	return err
}

// Noop does nothing, but asks Asterisk whether it is there. It works after a
// hangup.
func (s *Session) Noop(ctx context.Context) error {
	_, err := s.Do(ctx, "NOOP")
	return err
}

// Verbose writes a message to Asterisk's console and log, at a verbosity from 1 to
// 4. It works after a hangup.
func (s *Session) Verbose(ctx context.Context, message string, level int) error {
	_, err := s.run(ctx, "VERBOSE", message, strconv.Itoa(level))
	return err
}
