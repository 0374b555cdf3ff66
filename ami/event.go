package ami

import (
	"fmt"
	"strconv"
	"strings"
)

// Event is something that happened, told by Asterisk unasked, or an item of a list.
type Event struct {
	Message
	origin *origin
}

// origin says where an event came from.
type origin struct {
	server string
	gap    *Gap
}

// NewEvent makes an event from its name, then names and values in turn. It is
// meant for tests and simulators.
func NewEvent(name string, pairs ...string) Event {
	return Event{Message: NewMessage(append([]string{"Event", name}, pairs...)...)}
}

// Name returns the event's name as Asterisk spells it ("QueueCallerJoin").
func (e Event) Name() string { return e.Get("Event") }

// Server returns the name of the server whose client received the event,
// Options.Name; "" for one that was made or read otherwise.
func (e Event) Server() string {
	if e.origin == nil {
		return ""
	}
	return e.origin.server
}

// ListEnd says what is missing in a list that ends with e, for who collects the items of
// a list by hand: ErrIncompleteList when Asterisk broke it off, or counted more than these.
// Asterisk 16 counts one for all items of DBGetTree, so more of them are no fault.
func (e Event) ListEnd(items int) error {
	if end := e.Get("EventList"); !strings.EqualFold(end, "Complete") {
		return fmt.Errorf("%w: %s", ErrIncompleteList, strings.TrimSpace(end+" "+e.Get("Message")))
	}
	counted, ok := e.Lookup("ListItems")
	if n, err := strconv.Atoi(counted); ok && (err != nil || n > items) {
		return fmt.Errorf("%w: %d of %s items", ErrIncompleteList, items, counted)
	}
	return nil
}

// Ref names something on one of several servers. Ids such as those of channels are
// unique within their server only.
type Ref struct{ Server, ID string }

// Ref returns the server together with the value of a header that holds an id:
// Uniqueid, Linkedid, BridgeUniqueid, Queue.
func (e Event) Ref(header string) Ref { return Ref{e.Server(), e.Get(header)} }

// Response is Asterisk's answer to an action.
type Response struct{ Message }

// Text returns the answer's Message header: words for people, and different from
// version to version.
func (r Response) Text() string { return r.Get("Message") }

// Output returns the lines that a Command action printed, also those of
// Asterisk 13 and older.
func (r Response) Output() []string { return r.Values("Output") }

// ok reports whether the action succeeded. Versions before 13 answer some actions
// with words of their own (Pong, Follows), Logoff is answered by Goodbye.
func (r Response) ok() bool { return !strings.EqualFold(r.Get("Response"), "Error") }
