package flows

import (
	"context"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var nextVerb = Verb{
	Name:    "next",
	Summary: "Goes on with the next turn of the enclosing repeat or each.",
	Example: "- each: name\n  in: [anna, beat]\n  do:\n    - next:\n      when: name == \"anna\"\n    - log: ${name}",
	New:     func() Step { return &nextStep{} },
}

type nextStep struct {
	None nothing `yaml:"next"`
}

// CheckYAML refuses it outside a loop.
func (*nextStep) CheckYAML(d *lang.Decoder, n lang.Node) { checkInLoop(d, n, "next") }

func (*nextStep) effect() effect { return leaving }

func (*nextStep) Run(context.Context, *Call) (Outcome, error) { return Done, nextTurn{} }
