package rules

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/pbxflow/pbxflow/ami/catalog"
	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// Rule says what to do when something happens. It is immutable once decoded.
type Rule struct {
	Name string
	Pos  lang.Pos

	keys ruleKeys
	hash string // of what decides when the rule fires
}

// ruleKeys are the keys of a rule, in the order in which they are decoded: the
// events decide which names the rest may use.
type ruleKeys struct {
	Description string            `yaml:"description" doc:"What the rule is for."`
	On          events            `yaml:"on,required" doc:"The event, or events, that the rule looks at: derived ones such as call.ended, or Asterisk's own such as Hangup."`
	Where       lang.Cond         `yaml:"where" doc:"A condition on the event."`
	Hours       hoursRef          `yaml:"hours" doc:"Only while these hours are open."`
	Per         caseKey           `yaml:"per" doc:"What tells one case from another: the call, unless said otherwise."`
	Cooldown    time.Duration     `yaml:"cooldown" doc:"How long the rule keeps quiet for the same case after it fired."`
	Severity    string            `yaml:"severity" enum:"info,warning,critical" default:"info" doc:"How important it is."`
	Labels      map[string]string `yaml:"labels" doc:"Names and texts that go along with notices."`
	Enabled     bool              `yaml:"enabled" default:"true" doc:"Whether the rule is in force."`
	DryRun      bool              `yaml:"dry_run" doc:"Evaluates and traces, but does nothing."`
	Do          actions           `yaml:"do,required" doc:"What to do. How many cases the cooldown swallowed is read as suppressed."`
}

// Events returns the names of the events that the rule looks at.
func (r *Rule) Events() []string { return r.keys.On.names }

// DecodeYAML reads the rule.
func (r *Rule) DecodeYAML(d *lang.Decoder, n lang.Node) {
	r.Pos = n.Pos()
	outer := d.Scope
	d.Scope = outer.Child(nil)
	d.Decode(n, &r.keys)
	d.Scope = outer
	r.hash = hash(r.keys)
}

// hash identifies what decides when a rule fires; its actions do not belong to it.
func hash(k ruleKeys) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %v", k.On.names, k.Where, k.Per, k.Hours.name, k.Cooldown))
	return hex.EncodeToString(sum[:8])
}

// Schema describes a rule.
func (r *Rule) Schema(s *lang.Schema) map[string]any {
	return s.Define("rule", func() map[string]any { return s.Object(&ruleKeys{}) })
}

// SchemaWords names a rule in the reference.
func (r *Rule) SchemaWords() string { return "a rule" }

// Keys describes the keys of a rule for the reference.
func Keys() []lang.Key { return lang.Describe(ruleKeys{}) }

// actions are steps that run without a call.
type actions struct{ flows.Steps }

// DecodeYAML decodes the steps with what only they can read.
func (a *actions) DecodeYAML(d *lang.Decoder, n lang.Node) {
	outer, path := d.Scope, d.Path
	defer func() { d.Scope, d.Path = outer, path }()
	d.Scope, d.Path = outer.Child(lang.Names{"suppressed": 0}), lang.NewPath()
	d.Soundly(func() {
		a.Steps.DecodeYAML(d, n)
		d.WarnUnused("in this rule")
	})
}

// caseKey is an expression whose value tells cases apart.
type caseKey struct{ lang.Expr[any] }

// DecodeYAML refuses what is another value each time, such as a whole call, whose
// duration differs from event to event.
func (k *caseKey) DecodeYAML(d *lang.Decoder, n lang.Node) {
	k.Expr.DecodeYAML(d, n)
	t := k.Type()
	if t == nil {
		return
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Func:
		d.Errorf(n, "wrong-type", `"per" wants one value, but this is %s`, lang.Words(t)).
			Hint("write a field of it, such as call.id or queue.name")
	}
}

// hoursRef is the name of opening hours.
type hoursRef struct{ name string }

// DecodeYAML looks the hours up.
func (h *hoursRef) DecodeYAML(d *lang.Decoder, n lang.Node) {
	h.name = flows.DecodeHoursName(d, n)
}

// Schema describes the name.
func (h *hoursRef) Schema(*lang.Schema) map[string]any { return map[string]any{"type": "string"} }

// SchemaWords names it in the reference.
func (h *hoursRef) SchemaWords() string { return "the name of opening hours" }

// events are the names of the events that a rule looks at.
type events struct{ names []string }

// DecodeYAML reads one name or a list, and declares what all of them carry.
func (e *events) DecodeYAML(d *lang.Decoder, n lang.Node) {
	items := n.Items()
	if !n.IsList() {
		items = []lang.Node{n}
	}
	var carried []lang.Names
	for _, item := range items {
		if names := e.decodeName(d, item); names != nil {
			carried = append(carried, names)
		}
	}
	if len(items) == 0 {
		d.Errorf(n, "missing-value", "the rule looks at no event").Hint("write the name of one, such as call.ended")
	}
	if len(carried) == 0 {
		// The names are unknown, so nothing that follows can be judged.
		d.Scope.SetPartial()
	}
	for name, prototype := range common(carried) {
		d.Scope.Declare(name, prototype)
	}
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
	name := map[string]any{"enum": allEvents()}
	return map[string]any{"anyOf": []any{name, map[string]any{"type": "array", "items": name}}}
}

// SchemaWords names them in the reference.
func (e *events) SchemaWords() string { return "the name of an event, or a list of names" }

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
	t, ok := lookupEvent(event)
	if !ok {
		return nil
	}
	fields := lang.Names{}
	for _, f := range t.Fields {
		fields[f.Name] = ""
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

// common keeps what all events carry; of Asterisk's own, the fields that all have.
func common(carried []lang.Names) lang.Names {
	if len(carried) == 0 {
		return nil
	}
	names := maps.Clone(carried[0])
	for _, other := range carried[1:] {
		for name, prototype := range names {
			theirs, ok := other[name]
			if !ok {
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

// key returns the default key of an event: the call, else what it is about, the channel
// or the server.
func key(e live.Event) any {
	switch {
	case e.Call != nil:
		return e.Call.ID
	case e.Agent != nil:
		return e.Agent.ID
	case e.Voicemail != nil:
		return e.Server + "/" + e.Voicemail.Mailbox
	case e.Device != nil:
		return e.Server + "/" + e.Device.Name
	case e.Endpoint != nil:
		return e.Server + "/" + e.Endpoint.Name
	case e.CDR != nil:
		return e.Server + "/" + cmp.Or(e.CDR.Linkedid, e.CDR.Uniqueid)
	case e.Peer != nil:
		return e.Server
	}
	for _, header := range []string{"Uniqueid", "Linkedid"} {
		if id := e.Raw.Get(header); id != "" {
			return e.Server + "/" + id
		}
	}
	return e.Server
}

// fieldsOf returns the fields that an event of Asterisk's own can have.
func fieldsOf(event string) []string {
	t, ok := lookupEvent(event)
	if !ok {
		return nil
	}
	return t.FieldNames()
}
