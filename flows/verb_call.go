package flows

import (
	"context"
	"errors"
	"fmt"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var callVerb = Verb{
	Name:    "call",
	Summary: "Runs another flow and comes back.",
	Doc: "What the flow returns is kept by `as`. An error that it does not handle is the step's. " +
		"A `goto` in it leaves this flow as well.",
	Example:   "- call: other\n- log: back again",
	NeedsCall: true, Media: true,
	Result: (*struct{})(nil), // that of the flow, see resultName
	New:    func() Step { return &callStep{} },
}

type callStep struct {
	Target calledFlow `yaml:"call,required" doc:"The flow."`
	With   Args       `yaml:"with" doc:"Its parameters."`
}

// calledFlow is a flow that comes back.
type calledFlow struct{ flowRef }

// DecodeYAML looks the flow up and has it decoded first, so that it is known what comes
// back.
func (f *calledFlow) DecodeYAML(d *lang.Decoder, n lang.Node) {
	f.flowRef.DecodeYAML(d, n)
	if names := namesOf(d); f.flow != nil && names.Decode != nil {
		names.Decode(f.flow.Name)
	}
}

// maxCalls is how many flows may have called each other.
const maxCalls = 50

// CheckYAML compares the parameters with those of the flow.
func (s *callStep) CheckYAML(d *lang.Decoder, _ lang.Node) {
	if s.Target.flow != nil {
		s.With.check(d, s.Target.pos, s.Target.flow)
	}
}

// result is what the flow returns, by name; nil when that is nothing.
func (s *callStep) result() lang.Names {
	if s.Target.flow == nil || len(s.Target.flow.Returns) == 0 {
		return nil
	}
	return s.Target.flow.Returns.names()
}

// proven are the fields whose form every return of the flow has shown.
func (s *callStep) proven() []string {
	if s.Target.flow == nil {
		return nil
	}
	return s.Target.flow.provenReturns()
}

func (s *callStep) answers(Outcome) bool { return s.Target.flow != nil && s.Target.flow.answers() }

func (s *callStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	vars, err := s.With.values(c, s.Target.flow)
	if err != nil {
		return Outcome{}, err
	}
	if c.depth >= maxCalls {
		return Outcome{}, Fail(IDLimit, fmt.Errorf("%d flows have called each other: they run in circles", maxCalls))
	}
	c.TraceValue("call", s.Target.flow.Name)
	outer, name := c.vars, c.flow
	c.vars = vars
	c.depth++
	err = c.runFlow(ctx, s.Target.flow)
	c.depth--
	c.vars, c.flow = outer, name
	if back, ok := errors.AsType[returnFlow](err); ok {
		c.SetResult(back.values)
		return Done, nil
	}
	return Done, err
}
