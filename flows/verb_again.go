package flows

import (
	"context"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var againVerb = Verb{
	Name:      "again",
	Summary:   "Makes the enclosing menu, read or login ask again, without using a try.",
	Example:   "- answer\n- set: { heard: false }\n- menu: main-menu\n  options:\n    1:\n      - play: opening-hours\n      - if: not heard\n        then: [{ set: { heard: true } }, again]\n  give_up: hangup",
	NeedsCall: true, Media: true,
	New: func() Step { return &againStep{} },
}

type againStep struct {
	None nothing `yaml:"again"`
}

// CheckYAML refuses it outside a menu.
func (*againStep) CheckYAML(d *lang.Decoder, n lang.Node) {
	if !namesOf(d).inMenu {
		d.Errorf(n, "outside-menu", "again has no menu around it").Hint("it belongs into the options of a menu, or into no_input or no_match")
	}
}

func (*againStep) effect() effect { return leaving }

func (*againStep) Run(context.Context, *Call) (Outcome, error) { return Done, askAgain{} }
