package flows

import (
	"context"
	"maps"
	"slices"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var returnVerb = Verb{
	Name:    "return",
	Summary: "Ends the flow and goes back to the flow that called it, or to the dialplan.",
	Doc: "The values are what the flow's `returns` names. The dialplan reads FLOWSTATUS RETURN and, in FLOWRESULT, " +
		"the value; several are written as JSON.",
	Example:   "- return:\n  when: call.caller.num == \"\"\n- log: ${call.caller.num} calls",
	NeedsCall: true, Media: true,
	New: func() Step { return &returnStep{} },
}

type returnStep struct {
	Values returnValues `yaml:"return" doc:"The values that the flow's returns names; nothing when it names none."`
}

func (*returnStep) effect() effect { return leaving }

func (r *returnStep) Run(_ context.Context, c *Call) (Outcome, error) {
	values := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(r.Values.byName)) {
		v, err := r.Values.byName[name].Get(c)
		if err != nil {
			return Outcome{}, err
		}
		values[name] = v
	}
	return Done, returnFlow{values}
}

// returnValues are the values of a return by name.
type returnValues struct{ byName Args }

// DecodeYAML reads a mapping of names to values and compares it with the flow's returns.
func (r *returnValues) DecodeYAML(d *lang.Decoder, n lang.Node) {
	flow := namesOf(d).flow
	switch {
	case flow == nil:
		return // it stands in a rule, which has been reported
	case n.IsNull() && len(flow.Returns) == 0:
		return
	case n.IsNull():
		d.Errorf(n, "missing-return", "this flow returns %s", orNone(flow.Returns.list())).
			Hint("write return: { %s: … }", flow.Returns[0].Name)
		return
	case !n.IsMapping():
		d.Errorf(n, "wrong-type", "\"return\" wants a mapping from names to values")
		return
	}
	d.Decode(n, &r.byName)
	for _, name := range slices.Sorted(maps.Keys(r.byName)) {
		v := r.byName[name]
		declared, ok := flow.Returns.lookup(name)
		if !ok {
			p := d.ErrorAt(v.Pos(), "unknown-return", "this flow does not return %q", name).Suggest(name, flow.Returns.list())
			if p.Suggestion == "" {
				p.Hint("declare it: returns: { %s: string }", name)
			}
			continue
		}
		as, problem := lang.As(v, declared.Type)
		if problem != "" {
			d.ErrorAt(v.Pos(), "wrong-type", "%q of this flow's returns is %s", name, problem)
			continue
		}
		r.byName[name] = as
		if v.Tainted() != "" {
			flow.taint(name)
		}
	}
	for _, p := range flow.Returns {
		if _, given := r.byName[p.Name]; !given {
			d.Errorf(n, "missing-return", "this flow also returns %q", p.Name)
		}
	}
}

// Schema describes the mapping.
func (r *returnValues) Schema(*lang.Schema) map[string]any {
	return map[string]any{"type": []string{"object", "null"}}
}

// SchemaWords names it in the reference.
func (r *returnValues) SchemaWords() string { return "values by name" }
