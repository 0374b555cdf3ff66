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
	if fault := a.fault(); fault != "" {
		return fmt.Errorf("%w: %s", ErrInvalidAction, fault)
	}
	return nil
}

// fault says what is wrong with the action; "" means nothing.
func (a *Action) fault() string {
	if a.Name == "" {
		return "no name"
	}
	if n := len(a.Fields) + 2; n > MaxLines {
		return fmt.Sprintf("%s has %d lines, Asterisk reads at most %d", a.Name, n, MaxLines)
	}
	fault := Field{"Action", a.Name}.fault()
	for i := 0; i < len(a.Fields) && fault == ""; i++ {
		f := a.Fields[i]
		if fault = f.fault(); fault != "" {
			continue
		}
		switch {
		case strings.EqualFold(f.Name, "Action"), strings.EqualFold(f.Name, "ActionID"):
			fault = "the client sets " + f.Name
		case strings.EqualFold(a.Name, "Originate"):
			fault = f.originateFault()
		}
	}
	if fault == "" {
		return ""
	}
	return fault + " (in " + a.Name + ")"
}

// fault is about what would be read as another line. Asterisk ends a line at a bare LF
// and cuts it at NUL; CR is refused as well.
func (f Field) fault() string {
	const lineEnds = "\r\n\x00"
	switch {
	case f.Name == "":
		return "a field has no name"
	case holds(f.Name, lineEnds+": "):
		return fmt.Sprintf("the name %.40q holds a line end, NUL, colon or blank", f.Name)
	case holds(f.Value, lineEnds):
		return "the value of " + f.Name + " holds a line end or NUL"
	case len(f.Name)+len(": ")+len(f.Value)+len("\r\n") > MaxLine:
		return fmt.Sprintf("%s is longer than the %d bytes Asterisk reads", f.Name, MaxLine)
	}
	return ""
}

// holds is strings.ContainsAny for a few ASCII characters. It is quicker, and needs
// little stack: that of a new goroutine is enough for an action.
func holds(s, chars string) bool {
	for i := range len(chars) {
		if strings.IndexByte(s, chars[i]) >= 0 {
			return true
		}
	}
	return false
}

// append writes the action, which has passed Check, with the ActionID of that number.
func (a *Action) append(dst []byte, ids *ids, number uint64) []byte {
	dst = appendField(dst, "Action", a.Name)
	dst = append(ids.append(append(dst, "ActionID: "...), number), lineEnd...)
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
