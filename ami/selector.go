package ami

import (
	"cmp"
	"strings"
)

// selector is what one filter lets through: the events of a name, or those of them
// that hold a header with exactly that value.
type selector struct{ name, header, value string }

func (s selector) compare(t selector) int {
	return cmp.Or(strings.Compare(s.name, t.name), strings.Compare(s.header, t.header), strings.Compare(s.value, t.value))
}

// selectors returns those that let through what is wanted, and perhaps more; nil is
// everything.
func (w *Want) selectors() []selector {
	if w.Names == nil {
		return nil
	}
	var header, value string
	if len(w.Fields) == 1 && plain(w.Fields[0].Name) && plain(w.Fields[0].Value) { // a filter compares one
		header, value = w.Fields[0].Name, w.Fields[0].Value
	}
	all := []selector{}
	for _, name := range w.Names {
		if !plain(name) {
			return nil
		}
		all = append(all, selector{name, header, value})
	}
	return all
}

// plain reports whether a text means itself in a filter, and leaves room for more.
func plain(text string) bool {
	return text != "" && len(text) < 200 && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

// filters returns the actions that let the events of these through. MatchCriteria
// compares a hash of the name; before it there were only regular expressions, which
// search the whole event.
func filters(selected []selector, advanced bool) []Action {
	const room = 900 // of the 1,024 bytes of a line
	add := Action{Name: "Filter"}.With("Operation", "Add")
	var actions []Action
	var names []string // of events for the next regular expression
	size := 0
	flush := func() {
		if len(names) > 0 {
			actions = append(actions, add.With("Filter", "^Event: ("+strings.Join(names, "|")+")[[:space:]]"))
		}
		names, size = nil, 0
	}
	for _, s := range selected {
		switch {
		case advanced && s.header == "":
			actions = append(actions, add.With("MatchCriteria", "action(include),name("+s.name+"),method(none)"))
		case advanced:
			actions = append(actions, add.With("MatchCriteria", "action(include),name("+s.name+"),header("+s.header+"),method(exact)").With("Filter", s.value))
		case s.header != "":
			actions = append(actions, add.With("Filter", "^Event: "+s.name+"[[:space:]].*[[:space:]]"+s.header+": "+s.value+"[[:space:]]"))
		default:
			if size+len(s.name) > room {
				flush()
			}
			names, size = append(names, s.name), size+len("|")+len(s.name)
		}
	}
	flush()
	return actions
}
