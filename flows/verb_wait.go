package flows

import (
	"context"
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var waitVerb = Verb{
	Name:    "wait",
	Summary: "Waits.",
	Doc:     "The caller hears nothing new meanwhile: music or ringing that was started goes on. A rule can wait as well.",
	Example: "- answer\n- wait: 1s\n- play: welcome",
	New:     func() Step { return &waitStep{} },
}

type waitStep struct {
	For lang.Value[time.Duration] `yaml:"wait,required" doc:"How long."`
}

func (w *waitStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	d, err := w.For.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	if !c.Sleep(ctx, d) {
		return Outcome{}, context.Cause(ctx)
	}
	return Done, nil
}
