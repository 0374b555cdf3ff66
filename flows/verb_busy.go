package flows

import (
	"context"
	"errors"
	"time"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/internal/lang"
)

var busyVerb = Verb{
	Name:    "busy",
	Summary: "Tells the caller that the line is busy, hangs up and ends the flow.",
	Doc: "A call that is not answered is refused as busy, and its phone says so. On an answered one " +
		"the caller hears the busy tone for the time given, 10 s if it is left out.",
	Example:   "- busy: 5s",
	NeedsCall: true, Media: true,
	New: func() Step { return &busyStep{} },
}

type busyStep struct {
	For optional[time.Duration] `yaml:"busy" doc:"How long a caller who does not hang up hears the tone; 10s if left out."`
}

func (*busyStep) effect() effect { return leaving }

func (b *busyStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	return c.refuse(ctx, "Busy", b.For.Value)
}

// refuseTime is how long a caller hears the tone if the flow does not say.
const refuseTime = 10 * time.Second

// refuse plays the tone of the application, Busy or Congestion, and hangs up. A caller
// who hangs up first changes nothing: the flow has refused the call.
func (c *Call) refuse(ctx context.Context, app string, length lang.Value[time.Duration]) (Outcome, error) {
	d, err := length.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	if d == 0 {
		d = refuseTime
	}
	_, err = c.execute(ctx, app, seconds(d))
	if err == nil {
		err = c.Session.Hangup(ctx, "")
	}
	if err != nil && !errors.Is(err, agi.ErrHangup) {
		return Outcome{}, err
	}
	return Done, endCall{"hung up by the flow"}
}
