// Package catalog knows the names of Asterisk 16 to 23: manager actions with their
// arguments, manager events with their fields, applications and functions of the
// dialplan, AGI commands. It tells which version has what, what a manager user must be
// allowed, which actions answer with a list, and what kind of value a field holds:
//
//	a, ok := catalog.LookupAction("queueadd")
//	a.Rights // agent: the user needs it in "write"
//
//	e, ok := catalog.LookupEvent("AgentConnect")
//	f, ok := e.Field("RingTime")
//	v, err := f.Parse("7") // 7 * time.Second
//
// Begin with [Actions], [Events], [Applications], [Functions] or [Commands] to see all
// of a sort, with LookupAction and the like to find one in any case, with
// [CompleteAction] and the like to help people who type.
//
// The names come from Asterisk's own documentation of those versions, corrected where
// real servers do otherwise: 16 and 22 were asked. A name that is here in a version may
// have come with a late release of it (see Added), and its module may not be loaded. A
// field may be sent only when there is something to say.
//
// Fields that a configuration or a caller adds are not known here: ChanVariable, the
// mappings of cdr_manager.conf, the headers of a UserEvent.
//
// All that the functions return is shared and must not be changed. They may be called
// by several goroutines. The first call reads the catalogue, which takes a few
// milliseconds.
package catalog

// Action is an action of the manager interface.
type Action struct {
	Name      string
	Versions  VersionSet
	Added     []string   // the releases that first had it, "20.11.0"; nil: 16.0.0 or before
	Rights    []string   // any one of these write permissions suffices; nil: none is needed
	Arguments []Argument // without ActionID, which all take
	Items     []string   // names of the events of its list, in no order; nil: no list, or only its end is known
	Complete  string     // name of the event that ends its list; empty: it answers without one. Hangup lists only for a pattern
}

// Argument returns the argument of that name, in any case, and whether there is one.
func (a Action) Argument(name string) (Argument, bool) { return lookup(a.Arguments, name) }

// Argument is an argument of an action, application, function or AGI command. Those of
// actions are headers in any order; the others stand in this order.
type Argument struct {
	Name     string
	Versions VersionSet
	Required bool
	Options  bool    // Values are letters that may be combined
	Values   []Value // what the documentation names; nil: anything
}

// Event is an event of the manager interface.
type Event struct {
	Name     string
	Versions VersionSet
	Class    []string // read permissions; the user needs all of them
	Fields   []Field  // without Event and Privilege, which all have
}

// Field returns the field of that name, in any case, and whether there is one.
func (e Event) Field(name string) (Field, bool) { return lookup(e.Fields, name) }

// Has reports whether the event may hold a field of that name, in any case.
func (e Event) Has(field string) bool {
	_, ok := e.Field(field)
	return ok
}

// FieldNames returns the names of the fields. The result is the caller's.
func (e Event) FieldNames() []string {
	names := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		names[i] = f.Name
	}
	return names
}

// Application is an application of the dialplan.
type Application struct {
	Name      string
	Versions  VersionSet
	Added     []string // as in Action
	Arguments []Argument
}

// Function is a function of the dialplan.
type Function struct {
	Name      string
	Versions  VersionSet
	Added     []string // as in Action
	Arguments []Argument
}

// Command is an AGI command. Its name is in upper case and may hold blanks.
type Command struct {
	Name      string
	Versions  VersionSet
	Dead      bool // whether it works after the channel was hung up
	Arguments []Argument
}

// Actions returns all actions, sorted by name in any case.
func Actions() []Action { return loaded().actions }

// LookupAction returns the action of that name, in any case, and whether there is one.
func LookupAction(name string) (Action, bool) { return find(loaded().action, Actions(), name) }

// Events returns all events, sorted by name in any case.
func Events() []Event { return loaded().events }

// LookupEvent returns the event of that name, in any case, and whether there is one.
func LookupEvent(name string) (Event, bool) { return find(loaded().event, Events(), name) }

// Applications returns all applications of the dialplan, sorted by name in any case.
func Applications() []Application { return loaded().applications }

// LookupApplication returns the application of that name, in any case, and whether
// there is one.
func LookupApplication(name string) (Application, bool) {
	return find(loaded().application, Applications(), name)
}

// Functions returns all functions of the dialplan, sorted by name.
func Functions() []Function { return loaded().functions }

// LookupFunction returns the function of that name, in any case, and whether there is
// one. (Asterisk itself wants upper case.)
func LookupFunction(name string) (Function, bool) {
	return find(loaded().function, Functions(), name)
}

// Commands returns all AGI commands, sorted by name.
func Commands() []Command { return loaded().commands }

// LookupCommand returns the AGI command of that name, in any case, and whether there is
// one.
func LookupCommand(name string) (Command, bool) { return find(loaded().command, Commands(), name) }
