package flows

import (
	"context"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var ifVerb = Verb{
	Name:    "if",
	Summary: "Runs steps when a condition is true, and others when it is not.",
	Example: "- if: call.caller.num == \"\"\n  then: { log: the number is withheld }\n  else: { log: \"${call.caller.num} calls\" }",
	New: func() Step {
		s := &ifStep{}
		s.Then = given{cond: &s.Cond, truth: true}
		s.Else = given{cond: &s.Cond}
		return s
	},
}

type ifStep struct {
	Cond lang.Cond `yaml:"if,required" doc:"The condition."`
	Then given     `yaml:"then,required" doc:"What to do when it is true."`
	Else given     `yaml:"else" doc:"What to do when it is false."`
}

// given are steps that run when a condition is true, or when it is false.
type given struct {
	Steps
	cond  *lang.Cond // set before decoding, as is truth
	truth bool
}

// DecodeYAML decodes the steps where the condition says what it says.
func (g *given) DecodeYAML(d *lang.Decoder, n lang.Node) {
	entry := d.Path
	d.Path = entry.With(g.cond.Facts(g.truth))
	g.Steps.DecodeYAML(d, n)
	d.Path = entry
}

// CheckYAML warns when the condition makes no difference.
func (s *ifStep) CheckYAML(d *lang.Decoder, n lang.Node) {
	if then, other := n.Lookup("then"), n.Lookup("else"); then.Text() != "" && then.Text() == other.Text() {
		d.Warnf(other, "same-branches", "then and else do the same").Hint("remove the condition")
	}
}

// effect is that of either branch.
func (s *ifStep) effect() effect {
	return either(effect{facts: s.Cond.Facts(true)}.then(s.Then.effect()), effect{facts: s.Cond.Facts(false)}.then(s.Else.effect()))
}

func (s *ifStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	ok, err := s.Cond.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	if ok {
		return Done, c.Run(ctx, s.Then.Steps)
	}
	return Done, c.Run(ctx, s.Else.Steps)
}
