package flowtest

import (
	"slices"
	"time"
)

// fault is something that the test lacks.
type fault struct {
	event *event // in which it showed; nil for none
	text  string
}

// entry is a line of the transcript: an item that happened, one that did not, or
// something that is not in the script.
type entry struct {
	item    *item  // nil: not in the script
	event   *event // nil: did not happen
	notes   []string
	changed map[string]string // values of the item's keys as they were, in YAML
	partial int               // how many sounds of the item were heard, when not all
	silent  bool              // it may happen without standing in the script
}

// event is something that the flow did.
type event struct {
	kind    string
	what    []string
	text    string // what is said or written
	how     string // it is said
	at      time.Duration
	command int // the number of the command, from 1; 0 for none
	fields  map[string][]string
	silent  bool // may happen without standing in the script, like others of some kinds
}

func (e *event) isSilent() bool { return e.silent || kinds[e.kind].silent }

// String returns the event as a script has it.
func (e *event) String() string {
	s := e.kind
	if len(e.what) > 0 {
		s += ": " + yamlList(e.what)
	}
	if e.how != "" {
		s += ", type: " + e.how
	}
	if e.text != "" {
		s += ", text: " + yamlText(e.text)
	}
	return s
}

// is reports whether the item is that event.
func (it *item) is(e *event) bool {
	if it.kind != e.kind {
		return false
	}
	if it.told.Text != nil && !matches(*it.told.Text, e.text) || it.told.Type != "" && it.told.Type != e.how {
		return false
	}
	if e.kind == "hear" {
		return len(it.what) > 0 && matches(it.what[0], e.what[0])
	}
	return len(it.what) == 0 || slices.EqualFunc(it.what, e.what, matches)
}
