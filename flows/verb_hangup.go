package flows

import (
	"context"
	"errors"

	"github.com/pbxflow/pbxflow/agi"
)

var hangupVerb = Verb{
	Name:      "hangup",
	Summary:   "Hangs up and ends the flow.",
	Doc:       "The flow's `finally` runs; its `on_hangup` does not, since it was not the caller who hung up.",
	Example:   "- answer\n- play: goodbye\n- hangup",
	NeedsCall: true, Media: true,
	New: func() Step { return &hangupStep{} },
}

type hangupStep struct {
	None nothing `yaml:"hangup"`
}

func (*hangupStep) effect() effect { return leaving }

func (*hangupStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	// A caller who is quicker by a moment changes nothing: the call is over.
	if err := c.Session.Hangup(ctx, ""); err != nil && !errors.Is(err, agi.ErrHangup) {
		return Done, err
	}
	return Done, endCall{"hung up by the flow"}
}
