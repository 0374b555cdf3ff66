package catalog

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"github.com/pbxflow/pbxflow/ami/catalog/internal/table"
)

//go:embed documented.txt
var documented string

//go:embed observed.txt
var observed string

// tables is the catalogue as the functions of this package hand it out.
type tables struct {
	actions      []Action
	events       []Event
	applications []Application
	functions    []Function
	commands     []Command

	action, event, application, function, command index // of the above
}

// loaded reads the catalogue once. A mistake in the built-in tables panics; tests read
// all of them.
var loaded = sync.OnceValue(func() *tables {
	t, err := load(documented, observed)
	if err != nil {
		panic(fmt.Sprintf("catalog: %v", err))
	}
	return t
})

func load(texts ...string) (*tables, error) {
	var all []table.Entry
	for _, text := range texts {
		entries, err := table.Parse(text)
		if err != nil {
			return nil, err
		}
		all = append(all, entries...)
	}
	if err := correct(all); err != nil {
		return nil, err
	}
	table.Sort(all)
	t := new(tables)
	kinds := newKindTable()
	for i := range all {
		switch e := &all[i]; e.Kind {
		case table.Action:
			if !absent[e.Name] {
				t.actions = append(t.actions, action(e))
			}
		case table.Event:
			t.events = append(t.events, event(e, kinds))
		case table.Application:
			t.applications = append(t.applications, Application{e.Name, VersionSet(e.Versions), e.Added, arguments(e)})
		case table.Function:
			t.functions = append(t.functions, Function{e.Name, VersionSet(e.Versions), e.Added, arguments(e)})
		case table.AGI:
			t.commands = append(t.commands, Command{e.Name, VersionSet(e.Versions), e.Dead, arguments(e)})
		}
	}
	t.action, t.event = indexOf(t.actions), indexOf(t.events)
	t.application, t.function, t.command = indexOf(t.applications), indexOf(t.functions), indexOf(t.commands)
	return t, nil
}

// correct applies what is known better than the documentation.
func correct(all []table.Entry) error {
	events := make(map[string]*table.Entry)
	for i := range all {
		e := &all[i]
		if e.Kind != table.Event {
			continue
		}
		if events[e.Name] != nil {
			return fmt.Errorf("two events %s", e.Name)
		}
		events[e.Name] = e
	}
	for _, c := range corrections {
		e := events[c.event]
		if e == nil {
			return fmt.Errorf("a correction of %s, which is no event", c.event)
		}
		if err := c.apply(e); err != nil {
			return err
		}
		events[e.Name] = e
	}
	for _, l := range lists {
		for name := range strings.FieldsSeq(l.items) {
			if err := addFields(events, name, "ActionID"); err != nil {
				return err
			}
		}
		if err := addFields(events, l.complete, "ActionID", "EventList", "ListItems"); err != nil {
			return err
		}
	}
	for i := range all {
		e := &all[i]
		if e.Kind != table.Event {
			continue
		}
		e.Members = append(e.Members, member("Timestamp", e.Versions), member("SystemName", e.Versions))
	}
	return nil
}

// addFields adds to an event the fields that it has as part of a list.
func addFields(events map[string]*table.Entry, name string, fields ...string) error {
	e := events[name]
	if e == nil {
		return fmt.Errorf("%s of a list is no event", name)
	}
	for _, f := range fields {
		if e.Member(f) == nil {
			e.Members = append(e.Members, member(f, e.Versions))
		}
	}
	return nil
}

func member(name string, in table.Versions) table.Member {
	return table.Member{Name: name, Versions: in}
}

func action(e *table.Entry) Action {
	a := Action{Name: e.Name, Versions: VersionSet(e.Versions), Added: e.Added, Rights: e.Rights, Arguments: arguments(e)}
	for _, l := range lists {
		if l.action == e.Name {
			a.Items, a.Complete = strings.Fields(l.items), l.complete
		}
	}
	return a
}

func arguments(e *table.Entry) []Argument {
	all := make([]Argument, len(e.Members))
	for i, m := range e.Members {
		all[i] = Argument{m.Name, VersionSet(m.Versions), m.Required, m.Options, values(m.Values)}
	}
	return all
}

func values(words []table.Word) []Value {
	if len(words) == 0 {
		return nil
	}
	all := make([]Value, len(words))
	for i, w := range words {
		all[i] = Value{w.Text, VersionSet(w.Versions)}
	}
	return all
}
