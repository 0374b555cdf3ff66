package catalog

import (
	"cmp"
	"slices"
	"strings"
)

// CompleteAction returns the names of the actions that begin with prefix, in any case,
// sorted. Version is the major version of Asterisk that must have them; 0 means any. The
// result is the caller's; nil: none. So it is with the functions below.
func CompleteAction(prefix string, version int) []string {
	return complete(Actions(), prefix, version)
}

// CompleteArgument returns the names of an action's arguments that begin with prefix.
func CompleteArgument(action, prefix string, version int) []string {
	a, _ := LookupAction(action)
	return complete(a.Arguments, prefix, version)
}

// CompleteValue returns the documented values of an action's argument that begin with
// prefix.
func CompleteValue(action, argument, prefix string, version int) []string {
	a, _ := LookupAction(action)
	g, _ := a.Argument(argument)
	return complete(g.Values, prefix, version)
}

// CompleteEvent returns the names of the events that begin with prefix.
func CompleteEvent(prefix string, version int) []string { return complete(Events(), prefix, version) }

// CompleteField returns the names of an event's fields that begin with prefix.
func CompleteField(event, prefix string, version int) []string {
	e, _ := LookupEvent(event)
	return complete(e.Fields, prefix, version)
}

// CompleteApplication returns the names of the applications that begin with prefix.
func CompleteApplication(prefix string, version int) []string {
	return complete(Applications(), prefix, version)
}

// CompleteFunction returns the names of the functions that begin with prefix.
func CompleteFunction(prefix string, version int) []string {
	return complete(Functions(), prefix, version)
}

// CompleteCommand returns the names of the AGI commands that begin with prefix.
func CompleteCommand(prefix string, version int) []string {
	return complete(Commands(), prefix, version)
}

func complete[T entry](all []T, prefix string, version int) []string {
	var names []string
	for _, x := range all {
		name, in := x.entry()
		if len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix) && (version == 0 || in.Has(version)) {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return names
}
