package flows

import (
	"context"
	"reflect"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var setVerb = Verb{
	Name:    "set",
	Summary: "Gives names to values for the steps below.",
	Example: "- set: { vip: \"${call.caller.num startsWith '+4179'}\", tries: 3 }\n- log: vip caller\n  when: vip and tries == 3",
	New:     func() Step { return &setStep{} },
}

type setStep struct {
	Values assignments `yaml:"set,required" doc:"The names, each with its value."`
}

func (s *setStep) effect() effect {
	var e effect
	for _, a := range s.Values {
		e.facts.Assigned = append(e.facts.Assigned, a.name)
	}
	return e
}

func (s *setStep) Run(_ context.Context, c *Call) (Outcome, error) {
	for _, a := range s.Values {
		v, err := a.value.Get(c)
		if err != nil {
			return Outcome{}, err
		}
		c.SetVar(a.name, v)
	}
	return Done, nil
}

// assignments are names with their values, in the order written: a value may use
// the names before it.
type assignments []assignment

type assignment struct {
	name  string
	value lang.Value[any]
}

// DecodeYAML reads the mapping and declares its names, each with the type of its
// value.
func (as *assignments) DecodeYAML(d *lang.Decoder, n lang.Node) {
	*as = nil
	if !n.IsMapping() {
		d.Errorf(n, "wrong-type", `"set" wants a mapping such as { name: value }`)
		return
	}
	for _, pair := range d.Unique(n) {
		if !checkVariable(d, pair.Key) {
			continue
		}
		a := assignment{name: pair.Key.Value}
		d.Decode(pair.Value, &a.value)
		prototype := lang.Any
		if t := a.value.Type(); t != nil {
			prototype = reflect.Zero(t).Interface()
		}
		d.Scope.DeclareVariable(a.name, prototype, pair.Key.Pos()).Untrusted = a.value.Tainted() != ""
		d.Path = d.Path.Assign(a.name)
		*as = append(*as, a)
	}
}

// Schema describes the mapping.
func (as *assignments) Schema(*lang.Schema) map[string]any {
	return map[string]any{"type": "object", "propertyNames": map[string]any{"pattern": namePatterns.String()}}
}

// SchemaWords names it in the reference.
func (as *assignments) SchemaWords() string { return "names with values" }
