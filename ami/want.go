package ami

import (
	"slices"
	"strings"
)

// Filter says which events a subscription gets; nil means all. It is called on the
// read goroutine and must return at once.
type Filter func(Event) bool

// Names returns a Filter for events of these names, compared exactly.
func Names(names ...string) Filter {
	names = slices.Clone(names)
	return func(e Event) bool { return slices.Contains(names, e.Name()) }
}

// Want says which events somebody wants: those that fit all that is set. The zero
// Want is all events. In difference to a Filter it can be told to Asterisk
// ([Options.ServerFilter]), as far as Names, Classes and a single Field go.
type Want struct {
	// Names are names of events, compared exactly; nil means any.
	Names []string

	// Classes are classes of the Privilege header ("call", "agent"), of which an event
	// has one; nil means any.
	Classes []string

	// Fields are headers that an event holds with exactly this value.
	Fields []Field

	// Func is asked last; nil means yes.
	Func Filter
}

// match reports whether e is wanted.
func (w *Want) match(e Event) bool {
	if w.Names != nil && !slices.Contains(w.Names, e.Name()) {
		return false
	}
	if w.Classes != nil && !w.hasClass(e.Get("Privilege")) {
		return false
	}
	for _, f := range w.Fields {
		if value, ok := e.Lookup(f.Name); !ok || value != f.Value {
			return false
		}
	}
	return w.Func == nil || w.Func(e)
}

// hasClass takes a Privilege header: "agent,all".
func (w *Want) hasClass(privilege string) bool {
	for class := range strings.SplitSeq(privilege, ",") {
		if slices.Contains(w.Classes, class) {
			return true
		}
	}
	return false
}

// clone returns a copy that shares no list with w.
func (w *Want) clone() Want {
	return Want{slices.Clone(w.Names), slices.Clone(w.Classes), slices.Clone(w.Fields), w.Func}
}
