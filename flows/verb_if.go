package flows

import (
	"context"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var ifVerb = Verb{
	Name:    "if",
	Summary: "Runs steps when a condition is true, and others when it is not.",
	Example: "- if: call.caller.num == \"\"\n  then: { log: the number is withheld }\n  else: { log: \"${call.caller.num} calls\" }",
	New:     func() Step { return &ifStep{} },
}

type ifStep struct {
	Cond lang.Cond `yaml:"if,required" doc:"The condition."`
	Then Steps     `yaml:"then,required" doc:"What to do when it is true."`
	Else Steps     `yaml:"else" doc:"What to do when it is false."`
}

func (s *ifStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	ok, err := s.Cond.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	if ok {
		return Done, c.Run(ctx, s.Then)
	}
	return Done, c.Run(ctx, s.Else)
}
