package flows

import (
	"context"
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var ringVerb = Verb{
	Name:    "ring",
	Summary: "Lets the caller hear ringing.",
	Doc: "Without a time the flow goes on at once and the caller hears ringing until something else is heard. " +
		"A call that is not answered stays so.",
	Example:   "- ring: 3s\n- answer",
	NeedsCall: true, Media: true,
	New: func() Step { return &ringStep{} },
}

type ringStep struct {
	For optional[time.Duration] `yaml:"ring" doc:"For how long, before the flow goes on."`
}

func (r *ringStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	d, err := r.For.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	if _, err := c.Session.Exec(ctx, "Ringing", ""); err != nil {
		return Outcome{}, err
	}
	if d > 0 && !c.Sleep(ctx, d) {
		return Outcome{}, context.Cause(ctx)
	}
	return Done, nil
}

// optional is the main argument of a verb that also works without one.
type optional[T any] struct{ lang.Value[T] }

// DecodeYAML reads the value, or nothing.
func (o *optional[T]) DecodeYAML(d *lang.Decoder, n lang.Node) {
	if !n.IsNull() {
		o.Value.DecodeYAML(d, n)
	}
}
