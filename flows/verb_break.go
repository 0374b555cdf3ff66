package flows

import (
	"context"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var breakVerb = Verb{
	Name:    "break",
	Summary: "Leaves the enclosing repeat or each.",
	Example: "- each: name\n  in: [anna, beat]\n  do:\n    - log: ${name}\n    - break",
	New:     func() Step { return &breakStep{} },
}

type breakStep struct {
	None nothing `yaml:"break"`
}

// CheckYAML refuses it outside a loop.
func (*breakStep) CheckYAML(d *lang.Decoder, n lang.Node) { checkInLoop(d, n, "break") }

func (*breakStep) effect() effect { return leaving }

func (*breakStep) Run(context.Context, *Call) (Outcome, error) { return Done, breakLoop{} }

func checkInLoop(d *lang.Decoder, n lang.Node, verb string) {
	if !namesOf(d).inLoop {
		d.Errorf(n, "outside-loop", "%s has no loop around it", verb).Hint("it belongs into the steps of repeat or each")
	}
}
