package ami

import (
	"fmt"
	"strings"
)

const (
	// MaxLine is the longest line, with its end, that Asterisk reads. A longer one
	// makes it refuse the whole action.
	MaxLine = 1024

	// MaxLines is the largest number of lines in an action, counting Action and
	// ActionID, that Asterisk reads.
	MaxLines = 128
)

// Action is a request to Asterisk. The client adds the ActionID.
//
// A name may repeat where Asterisk takes lists (Variable). Asterisk splits each
// Variable line of an Originate at commas; use WithVariable.
type Action struct {
	Name   string
	Fields []Field
}

// With returns the action with one more field. The receiver's fields are not
// changed, so a common beginning may be shared.
func (a Action) With(name, value string) Action {
	a.Fields = append(a.Fields[:len(a.Fields):len(a.Fields)], Field{name, value})
	return a
}

// Check reports whether the action can be put on the wire; an error wraps
// [ErrInvalidAction] and names the field, never its value.
func (a Action) Check() error {
	if a.Name == "" {
		return fmt.Errorf("%w: no name", ErrInvalidAction)
	}
	if n := len(a.Fields) + 2; n > MaxLines {
		return fmt.Errorf("%w: %s has %d lines, Asterisk reads at most %d", ErrInvalidAction, a.Name, n, MaxLines)
	}
	if err := checkField(Field{"Action", a.Name}); err != nil {
		return err
	}
	originate := strings.EqualFold(a.Name, "Originate")
	for _, f := range a.Fields {
		if strings.EqualFold(f.Name, "Action") || strings.EqualFold(f.Name, "ActionID") {
			return fmt.Errorf("%w: %s: the client sets %s", ErrInvalidAction, a.Name, f.Name)
		}
		if err := checkField(f); err != nil {
			return fmt.Errorf("%w (in %s)", err, a.Name)
		}
		if originate {
			if err := checkOriginate(f); err != nil {
				return fmt.Errorf("%w (in %s)", err, a.Name)
			}
		}
	}
	return nil
}

// checkField refuses what would be read as another line. Asterisk ends a line at a
// bare LF and cuts it at NUL; CR is refused as well.
func checkField(f Field) error {
	switch {
	case f.Name == "":
		return fmt.Errorf("%w: a field has no name", ErrInvalidAction)
	case strings.ContainsAny(f.Name, "\r\n\x00: "):
		return fmt.Errorf("%w: the name %.40q holds a line end, NUL, colon or blank", ErrInvalidAction, f.Name)
	case strings.ContainsAny(f.Value, "\r\n\x00"):
		return fmt.Errorf("%w: the value of %s holds a line end or NUL", ErrInvalidAction, f.Name)
	case len(f.Name)+len(": ")+len(f.Value)+len("\r\n") > MaxLine:
		return fmt.Errorf("%w: %s is longer than the %d bytes Asterisk reads", ErrInvalidAction, f.Name, MaxLine)
	}
	return nil
}

// append writes the action, which has passed Check, with its id.
func (a Action) append(dst []byte, id string) []byte {
	dst = appendField(dst, "Action", a.Name)
	dst = appendField(dst, "ActionID", id)
	for _, f := range a.Fields {
		dst = appendField(dst, f.Name, f.Value)
	}
	return append(dst, "\r\n"...)
}

func appendField(dst []byte, name, value string) []byte {
	dst = append(dst, name...)
	dst = append(dst, ": "...)
	dst = append(dst, value...)
	return append(dst, "\r\n"...)
}
