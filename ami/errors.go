package ami

import (
	"cmp"
	"errors"
	"strings"
)

var (
	// ErrNotConnected means that no session was up: the action was not sent.
	ErrNotConnected = errors.New("ami: not connected")

	// ErrOutcomeUnknown means that the action was sent, or was about to be, and no
	// answer came: the link dropped, or the caller's patience ended. Asterisk may or may not have
	// carried it out. The client never sends it again by itself.
	ErrOutcomeUnknown = errors.New("ami: outcome unknown")

	// ErrLoginRefused means that Asterisk did not accept the user or the secret.
	// The error that wraps it holds an [*Error] with Asterisk's words.
	ErrLoginRefused = errors.New("ami: login refused")

	// ErrDeadPeer means that the other side went silent: a Ping had no answer and
	// nothing else came either.
	ErrDeadPeer = errors.New("ami: peer is silent")

	// ErrInvalidAction means that an action cannot be put on the wire: a name or
	// value with CR, LF or NUL, a line over [MaxLine] bytes or more than
	// [MaxLines] lines. Nothing was sent.
	ErrInvalidAction = errors.New("ami: invalid action")

	// ErrIncompleteList means that Asterisk broke a list off, or that it counted more
	// items than came.
	ErrIncompleteList = errors.New("ami: incomplete list")

	// ErrMessageTooLong means that a message from Asterisk had no end within
	// [MaxMessage] bytes. The session is given up.
	ErrMessageTooLong = errors.New("ami: message too long")
)

// Error is an action that Asterisk refused: a response with "Response: Error".
type Error struct {
	Action  string // name of the action
	Message string // Asterisk's own words; may be empty

	// Output is what a command printed that failed (the action Command), in lines; Message
	// is then the first that is not empty. Nil for other actions.
	Output []string

	// Classes are those of which the manager user needs one in its write line, when
	// Asterisk refused for want of them; nil when it did not, or none is known.
	Classes []string
}

// newError makes the error of a response.
func newError(action string, r Response) *Error {
	e := &Error{Action: action, Output: r.Output()}
	printed, _, _ := strings.Cut(strings.TrimSpace(strings.Join(e.Output, "\n")), "\n")
	e.Message = cmp.Or(printed, r.Text())
	switch {
	case e.Message == "Permission denied":
		e.Classes = writeClasses(action)
	case strings.HasPrefix(e.Message, "Originate Access Forbidden"):
		e.Classes = []string{"system"} // for applications that can run programs
	}
	return e
}

func (e *Error) Error() string {
	text := "ami: " + e.Action + ": " + e.Message
	switch {
	case e.Message == "":
		return "ami: " + e.Action + ": refused without a reason"
	case len(e.Classes) == 0:
		return text
	case len(e.Classes) > 1:
		return text + ": the manager user has none of the write classes " + strings.Join(e.Classes, ", ") +
			": add for example write = " + e.Classes[0] + " to its section of manager.conf"
	}
	return text + ": the manager user lacks the write class " + e.Classes[0] +
		": add write = " + e.Classes[0] + " to its section of manager.conf"
}
