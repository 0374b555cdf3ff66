package flows

import (
	"context"
	"fmt"
	"reflect"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var eachVerb = Verb{
	Name:    "each",
	Summary: "Runs steps for each value of a list.",
	Example: "- each: name\n  in: [anna, beat]\n  do: { log: \"${name} is number ${try}\" }",
	New: func() Step {
		s := &eachStep{}
		s.Do.loop = s
		return s
	},
}

type eachStep struct {
	Name variableName    `yaml:"each,required" doc:"The name under which the steps read the value."`
	In   lang.Value[any] `yaml:"in,required" doc:"The list, or an expression that gives one."`
	Do   eachSteps       `yaml:"do,required" doc:"What to do for each value. Its number, from 1 on, is read as try."`
}

// CheckYAML refuses what is no list.
func (e *eachStep) CheckYAML(d *lang.Decoder, n lang.Node) {
	if t := e.In.Type(); t != nil && t.Kind() != reflect.Slice {
		d.ErrorAt(e.In.Pos(), "wrong-type", "\"in\" wants a list, not %s", lang.Words(t))
	}
}

func (e *eachStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	list, err := e.In.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	values, err := listOf(list)
	if err != nil {
		return Outcome{}, Fail(IDExpression, err)
	}
	for i, value := range values {
		c.vars[e.Name.text], c.vars["try"] = value, i+1
		if ended, err := c.runTurn(ctx, e.Do.Steps); ended || err != nil {
			return Done, err
		}
	}
	return Done, nil
}

// eachSteps are the steps of a loop over a list.
type eachSteps struct {
	Steps
	loop *eachStep // set before decoding
}

// DecodeYAML decodes the steps with the value in scope.
func (e *eachSteps) DecodeYAML(d *lang.Decoder, n lang.Node) {
	scope, path := d.Scope, d.Path
	d.Scope = scope.Child(lang.Names{"try": 0})
	if name := e.loop.Name; name.text != "" {
		d.Scope.DeclareVariable(name.text, elementOf(e.loop.In.Type()), name.pos).Untrusted = e.loop.In.Tainted() != ""
		d.Path = path.Assign(name.text)
	}
	in(d, func(names *Names) { names.inLoop = true }, func() { e.Steps.DecodeYAML(d, n) })
	d.WarnUnused("in this loop")
	d.Scope, d.Path = scope, path
}

// elementOf returns the zero value of what a list holds, or Any.
func elementOf(t reflect.Type) any {
	if t == nil || t.Kind() != reflect.Slice || t.Elem().Kind() == reflect.Interface {
		return lang.Any
	}
	return reflect.Zero(t.Elem()).Interface()
}

// variableName is the name that a loop gives to the value of its turn.
type variableName struct {
	text string
	pos  lang.Pos
}

// DecodeYAML reads the name.
func (v *variableName) DecodeYAML(d *lang.Decoder, n lang.Node) {
	if !n.IsScalar() {
		d.Errorf(n, "wrong-type", `"each" wants the name for the value, such as each: number`)
		return
	}
	if v.pos = n.Pos(); checkVariable(d, n) {
		v.text = n.Value
	}
}

// Schema describes the name.
func (v *variableName) Schema(*lang.Schema) map[string]any {
	return map[string]any{"type": "string", "pattern": namePatterns.String()}
}

// SchemaWords names it in the reference.
func (v *variableName) SchemaWords() string { return "a name" }

// listOf returns the elements of a list of any type. Nothing is an empty list.
func listOf(v any) ([]any, error) {
	if v == nil {
		return nil, nil
	}
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Slice {
		return nil, fmt.Errorf("%s is no list", lang.Words(rv.Type()))
	}
	list := make([]any, rv.Len())
	for i := range list {
		list[i] = rv.Index(i).Interface()
	}
	return list, nil
}
