package flows

import (
	"context"
	"fmt"
	"reflect"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var repeatVerb = Verb{
	Name:    "repeat",
	Summary: "Runs steps several times.",
	Doc: "`while` is looked at before each turn. When the turns are over, the flow goes on below. " +
		"The number of the turn is read as try.",
	Example: "- repeat: 3\n  do:\n    - log: turn ${try}\n- set: { open: true }\n- repeat:\n  while: open\n  do:\n    - set: { open: false }",
	New:     func() Step { return &repeatStep{} },
}

type repeatStep struct {
	Times turns     `yaml:"repeat" doc:"How often at most."`
	While lang.Cond `yaml:"while" doc:"Ends the loop when it is false before a turn."`
	Do    turnSteps `yaml:"do,required" doc:"What to do in each turn."`
}

// maxTurns bounds a loop that has no number of turns.
const maxTurns = 1000

// turns is a number of turns; none is written beside while.
type turns struct{ lang.Value[int] }

// DecodeYAML reads the number, or nothing.
func (t *turns) DecodeYAML(d *lang.Decoder, n lang.Node) {
	if !n.IsNull() {
		t.Value.DecodeYAML(d, n)
	}
}

// Schema describes the number.
func (t *turns) Schema(s *lang.Schema) map[string]any {
	return map[string]any{"anyOf": []any{map[string]any{"type": "null"}, s.Of(reflect.TypeOf(t.Value))}}
}

// SchemaWords names it in the reference.
func (t *turns) SchemaWords() string { return "a whole number" }

// CheckYAML refuses a loop without an end.
func (r *repeatStep) CheckYAML(d *lang.Decoder, n lang.Node) {
	if !n.Lookup("while").IsZero() || !n.Lookup("repeat").IsNull() {
		if times, ok := r.Times.Constant(); ok && times < 1 {
			d.ErrorAt(r.Times.Pos(), "bad-count", "a loop has at least one turn, not %d", times)
		}
		return
	}
	d.Errorf(n, "endless-loop", "this loop has no end").Hint("write how often at most, such as repeat: 3, or while: and a condition")
}

func (r *repeatStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	times, err := r.Times.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	bounded := r.Times.IsSet()
	for turn := 1; !bounded || turn <= times; turn++ {
		if turn > maxTurns && !bounded {
			return Outcome{}, Fail(IDLimit, fmt.Errorf("the loop had %d turns and would go on", maxTurns))
		}
		if r.While.IsSet() {
			on, err := r.While.Get(c)
			if err != nil {
				return Outcome{}, err
			}
			if !on {
				break
			}
		}
		c.vars["try"] = turn
		if ended, err := c.runTurn(ctx, r.Do.Steps); ended || err != nil {
			return Done, err
		}
	}
	return Done, nil
}

// runTurn runs the steps of one turn. ended says that they leave the loop.
func (c *Call) runTurn(ctx context.Context, steps Steps) (ended bool, err error) {
	err = c.Run(ctx, steps)
	switch {
	case isA[breakLoop](err):
		return true, nil
	case isA[nextTurn](err):
		return false, nil
	}
	return false, err
}

// turnSteps are the steps of a loop, which can read the number of the turn.
type turnSteps struct{ Steps }

// DecodeYAML decodes the steps in a place where break and next make sense.
func (t *turnSteps) DecodeYAML(d *lang.Decoder, n lang.Node) {
	scope := d.Scope
	d.Scope = scope.Child(lang.Names{"try": 0})
	in(d, func(names *Names) { names.inLoop = true }, func() { t.Steps.DecodeYAML(d, n) })
	d.Scope = scope
}
