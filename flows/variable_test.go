package flows_test

import (
	"context"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// variableVerb is a verb of a host program: one command and its reply.
var variableVerb = flows.Verb{
	Name: "variable", Summary: "Reads a channel variable.", NeedsCall: true,
	Result: (*variableResult)(nil), New: func() flows.Step { return &variableStep{} },
}

type variableStep struct {
	Variable lang.Value[string] `yaml:"variable,required" doc:"Its name."`
}

type variableResult struct {
	Value string `expr:"value" doc:"its value"`
}

func (v *variableStep) Run(ctx context.Context, c *flows.Call) (flows.Outcome, error) {
	name, err := v.Variable.Get(c)
	if err != nil {
		return flows.Outcome{}, err
	}
	value, _, err := c.Session.GetVariable(ctx, name)
	c.SetResult(&variableResult{value})
	return flows.Done, err
}
