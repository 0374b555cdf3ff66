package agi

import "context"

// SetVariable sets a channel variable, or a dialplan function that can be written:
// "CALLERID(name)". The value is taken as it is; `${}` in it is not expanded.
// Asterisk reports success too when there is no such function. It works after a hangup.
func (s *Session) SetVariable(ctx context.Context, name, value string) error {
	_, err := s.run(ctx, "SET VARIABLE", name, value)
	return err
}

// GetVariable returns the value of a channel variable or dialplan function, and
// whether it is set; functions always are. Asterisk cuts the value after 1023
// bytes; GetFullVariable returns longer ones. It works after a hangup.
//
// A value may have several lines. Asterisk writes it raw and does not say how long it
// is, so one with a line that ends with a parenthesis is whole only if it came in one
// piece: over a network the values of functions do, longer ones may be cut there.
func (s *Session) GetVariable(ctx context.Context, name string) (value string, ok bool, err error) {
	return s.value(ctx, "GET VARIABLE", name)
}

// GetFullVariable returns what an expression such as "${CALLERID(num)}" expands
// to, for the session's own channel or, when channel is not "", for another. An
// unset variable expands to "", so ok only tells whether the channel exists. It
// works after a hangup.
func (s *Session) GetFullVariable(ctx context.Context, expression, channel string) (value string, ok bool, err error) {
	return s.value(ctx, "GET FULL VARIABLE", trim(expression, channel)...)
}

// value runs a command whose result is 1 with a value, or 0 without.
func (s *Session) value(ctx context.Context, command string, args ...string) (string, bool, error) {
	r, err := s.Do(ctx, command, args...)
	return r.Data, err == nil && r.Result == "1", err
}
