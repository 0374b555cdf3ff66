package flows

import (
	"context"
	"time"
)

var congestionVerb = Verb{
	Name:    "congestion",
	Summary: "Tells the caller that there is no way through, hangs up and ends the flow.",
	Doc: "A call that is not answered is refused, and the network it came from may try another way. On an answered one " +
		"the caller hears the congestion tone for the time given, 10 s if it is left out.",
	Example:   "- congestion",
	NeedsCall: true, Media: true,
	New: func() Step { return &congestionStep{} },
}

type congestionStep struct {
	For optional[time.Duration] `yaml:"congestion" doc:"How long a caller who does not hang up hears the tone; 10s if left out."`
}

func (*congestionStep) effect() effect { return leaving }

func (s *congestionStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	return c.refuse(ctx, "Congestion", s.For.Value)
}
