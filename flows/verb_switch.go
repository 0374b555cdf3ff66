package flows

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var switchVerb = Verb{
	Name:    "switch",
	Summary: "Runs the steps of the case that a value has.",
	Doc:     "A case has one value or a list of them. Without a case that fits and without `else` the flow goes on below.",
	Example: "- switch: call.language\n  case:\n    de: { log: German }\n    [fr, it]: { log: Romance }\n  else: { log: another }",
	New: func() Step {
		s := &switchStep{}
		s.Cases.of = s
		return s
	},
}

type switchStep struct {
	Value lang.Expr[any] `yaml:"switch,required" doc:"The expression whose value decides."`
	Cases switchCases    `yaml:"case,required" doc:"Steps for each value, or list of values."`
	Else  Steps          `yaml:"else" doc:"What to do when no case fits."`
}

// effect is that of any case.
func (s *switchStep) effect() effect {
	ways := []effect{s.Else.effect()}
	for _, c := range s.Cases.list {
		ways = append(ways, c.steps.effect())
	}
	return either(ways...)
}

func (s *switchStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	v, err := s.Value.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	for _, sc := range s.Cases.list {
		for _, value := range sc.values {
			if sameValue(v, value) {
				return Done, c.Run(ctx, sc.steps)
			}
		}
	}
	return Done, c.Run(ctx, s.Else)
}

// sameValue compares a value with one that was written. What is only known in the call
// may be of another type, and is compared as text.
func sameValue(v, written any) bool {
	if v == written {
		return true
	}
	text, err := lang.Text(v)
	if err != nil {
		return false
	}
	other, err := lang.Text(written)
	return err == nil && text == other
}

// switchCases are the cases in the order written.
type switchCases struct {
	list []switchCase
	of   *switchStep // set before decoding
}

type switchCase struct {
	values []any
	steps  Steps
}

// DecodeYAML reads a mapping from values, or lists of them, to steps.
func (s *switchCases) DecodeYAML(d *lang.Decoder, n lang.Node) {
	s.list = nil
	if !n.IsMapping() || len(n.Pairs()) == 0 {
		d.Errorf(n, "wrong-type", "\"case\" wants a mapping such as { de: steps, [fr, it]: steps }")
		return
	}
	seen := map[any]lang.Pos{}
	for _, pair := range n.Pairs() {
		var c switchCase
		keys := pair.Key.Items()
		if !pair.Key.IsList() {
			keys = []lang.Node{pair.Key}
		}
		for _, key := range keys {
			if v, ok := s.value(d, key, seen); ok {
				c.values = append(c.values, v)
			}
		}
		d.Decode(pair.Value, &c.steps)
		s.list = append(s.list, c)
	}
}

// value reads one value of a case as what the expression gives.
func (s *switchCases) value(d *lang.Decoder, key lang.Node, seen map[any]lang.Pos) (any, bool) {
	if !key.IsScalar() {
		d.Errorf(key, "wrong-type", "a case is a value or a list of values")
		return nil, false
	}
	t := s.of.Value.Type()
	if t == nil || !lang.IsText(t) {
		t = reflect.TypeFor[string]()
	}
	v, err := lang.ParseText(t, key.Value)
	if err != nil {
		d.Errorf(key, "wrong-type", "a case of this switch is %s, not %q", lang.Words(t), key.Value)
		return nil, false
	}
	if first, twice := seen[v]; twice {
		d.Errorf(key, "duplicate-case", "%q is a case already", key.Value).Hint("the first one is on line %d", first.Line)
		return nil, false
	}
	seen[v] = key.Pos()
	if possible := s.of.Value.Possible(d.Scope); possible != nil && key.Value != "" && !slices.Contains(possible, key.Value) {
		p := d.Warnf(key, "impossible-value", "%s is never %q", s.of.Value, key.Value).Suggest(key.Value, possible)
		if p.Suggestion == "" {
			p.Hint("it can be %s", strings.Join(possible, ", "))
		}
	}
	return v, true
}

// Schema describes the mapping. Lists as keys are beyond JSON.
func (s *switchCases) Schema(schema *lang.Schema) map[string]any {
	return map[string]any{"type": "object", "additionalProperties": new(Steps).Schema(schema)}
}

// SchemaWords names it in the reference.
func (s *switchCases) SchemaWords() string { return "steps by values" }
