package rules

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/pbxflow/pbxflow/ami/catalog"
	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// events are the names of the events that a rule looks at.
type events struct{ names []string }

// DecodeYAML reads one name or a list, and declares what all of them carry.
func (e *events) DecodeYAML(d *lang.Decoder, n lang.Node) {
	carried := e.decode(d, n)
	if len(carried) == 0 {
		// The names are unknown, so nothing that follows can be judged.
		d.Scope.SetPartial()
	}
	for path, values := range commonValues(e.names) {
		d.Scope.SetValues(path, values)
	}
	for name, prototype := range common(carried) {
		d.Scope.Declare(name, prototype)
		for _, path := range outside(name, prototype) {
			d.Scope.Distrust(path)
		}
	}
	e.explainMissing(d, carried)
}

// outside are the dotted paths under a payload that callers, or who is called, have
// chosen: numbers, names and what was dialled. Of Asterisk's own events that is all.
func outside(name string, prototype any) []string {
	t := reflect.TypeOf(prototype)
	if t == nil || t.Kind() != reflect.Pointer {
		return []string{name}
	}
	var paths []string
	for _, f := range reflect.VisibleFields(t.Elem()) {
		tag := f.Tag.Get("expr")
		if f.Type == reflect.TypeFor[live.Party]() || tag == "dialed" {
			paths = append(paths, name+"."+tag)
		}
	}
	return paths
}

// explainMissing makes messages say which event lacks a name that another has.
func (e *events) explainMissing(d *lang.Decoder, carried []lang.Names) {
	if len(carried) != len(e.names) {
		return
	}
	for _, name := range payloadNames() {
		lacks := func(names lang.Names) bool { _, has := names[name]; return !has }
		if i := slices.IndexFunc(carried, lacks); i >= 0 {
			d.Scope.Missing(name, e.names[i]+" has none")
		}
	}
}

// explainMissing says why the rule has none of the names that events carry.
func explainMissing(d *lang.Decoder, why string) {
	for _, name := range payloadNames() {
		d.Scope.Missing(name, why)
	}
}

// payloadNames are all names that events carry.
func payloadNames() []string { return append(slices.Collect(maps.Keys(payloads)), "event") }

// decode reads the names and returns what each event carries.
func (e *events) decode(d *lang.Decoder, n lang.Node) (carried []lang.Names) {
	items := n.Items()
	if !n.IsList() {
		items = []lang.Node{n}
	}
	for _, item := range items {
		if names := e.decodeName(d, item); names != nil {
			carried = append(carried, names)
		}
	}
	if len(items) == 0 {
		d.Errorf(n, "missing-value", "the rule looks at no event").Hint("write the name of one, such as call.ended")
	}
	return carried
}

// decodeName adds one event and returns what it carries; nil when that is not
// known. A misspelt name is read on as if it were spelt right, to find the other
// mistakes in the rule.
func (e *events) decodeName(d *lang.Decoder, n lang.Node) lang.Names {
	if n.IsScalar() && n.Value == "" {
		d.Errorf(n, "missing-value", "the name of an event is missing").Hint("write one such as call.ended")
		return nil
	}
	var name string
	if d.Decode(n, &name); name == "" {
		return nil // and Decode said why
	}
	names := eventNames(name)
	if names == nil {
		p := d.Errorf(n, "unknown-event", "there is no event %q", name).Suggest(name, allEvents())
		if strings.Contains(name, ",") {
			p.Hint("write several as a list: [%s]", name)
		}
		if p.Suggestion == "" {
			p.Hint("events are derived ones, such as call.ended, and those of Asterisk, such as Hangup; the reference has them all")
		}
		name = lang.Nearest(name, allEvents())
		names = eventNames(name)
	} else if slices.Contains(e.names, name) {
		d.Errorf(n, "duplicate-name", "%s stands twice under on", name).Hint("remove one")
		return names
	}
	if names != nil {
		e.names = append(e.names, name)
	}
	return names
}

// Schema describes the names.
func (e *events) Schema(*lang.Schema) map[string]any {
	name := map[string]any{"anyOf": []any{map[string]any{"enum": allEvents()}, map[string]any{"type": "string", "pattern": `^custom\.`}}}
	return map[string]any{"anyOf": []any{name, map[string]any{"type": "array", "items": name}}}
}

// SchemaWords names them in the reference.
func (e *events) SchemaWords() string { return "the name of an event, or a list of names" }

// common keeps what all events carry; of Asterisk's own, the fields that all have.
func common(carried []lang.Names) lang.Names {
	if len(carried) == 0 {
		return nil
	}
	names := maps.Clone(carried[0])
	for _, other := range carried[1:] {
		for name, prototype := range names {
			theirs, ok := other[name]
			if !ok || reflect.TypeOf(prototype) != reflect.TypeOf(theirs) {
				delete(names, name)
				continue
			}
			mine, ok := prototype.(lang.Names)
			if ok {
				names[name] = common([]lang.Names{mine, theirs.(lang.Names)})
			}
		}
	}
	return names
}

// commonValues returns what the headers of Asterisk's own events can be, where all the
// events that have them list their values.
func commonValues(events []string) map[string][]string {
	values := map[string][]string{}
	open := map[string]bool{}
	for _, event := range events {
		t, ok := lookupEvent(event)
		if !ok {
			continue
		}
		for _, f := range t.Fields {
			path := "event." + f.Name
			if len(f.Values) == 0 {
				open[path] = true
			}
			for _, v := range f.Values {
				values[path] = append(values[path], v.Name)
			}
		}
	}
	for path := range open {
		delete(values, path)
	}
	return values
}

func derivedEvents() []string {
	var names []string
	for _, t := range live.Events {
		names = append(names, t.Name)
	}
	return names
}

func allEvents() []string {
	names := derivedEvents()
	for _, t := range catalog.Events() {
		if t.Class != nil {
			names = append(names, t.Name)
		}
	}
	return names
}

// lookupEvent finds an event of Asterisk's own, spelt as Asterisk does. Those without a
// class are left out: they only answer an action, and no rule would see them.
func lookupEvent(name string) (catalog.Event, bool) {
	t, ok := catalog.LookupEvent(name)
	return t, ok && t.Name == name && t.Class != nil
}

// eventNames returns what a rule can read of an event, by name; nil when there is
// no such event.
func eventNames(event string) lang.Names {
	if t, ok := live.LookupEvent(event); ok {
		names := lang.Names{}
		for _, v := range t.Vars {
			names[v] = payloads[v]
		}
		return names
	}
	if flows.IsCustomEvent(event) {
		return lang.Names{"event": map[string]string(nil)} // what it carries is known when it comes
	}
	t, ok := lookupEvent(event)
	if !ok {
		return nil
	}
	fields := lang.Names{}
	for _, f := range t.Fields {
		fields[f.Name] = headerType(f)
	}
	return lang.Names{"event": fields}
}

// payloads are the zero values of what derived events carry, by the expr tags of
// [live.Event].
var payloads = func() lang.Names {
	names := lang.Names{}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[live.Event]()) {
		if name := f.Tag.Get("expr"); name != "" {
			names[name] = reflect.Zero(f.Type).Interface()
		}
	}
	return names
}()
