package flows

import (
	"context"

	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var logVerb = Verb{
	Name:    "log",
	Summary: "Writes a line into the server's log.",
	Example: "- log: call from ${call.caller.num}",
	New:     func() Step { return &logStep{} },
}

type logStep struct {
	Text  lang.Value[string] `yaml:"log,required" doc:"What to write."`
	Level string             `yaml:"level" enum:"debug,info,warn,error" default:"info" doc:"How important it is."`
}

func (l *logStep) Run(_ context.Context, c *Call) (Outcome, error) {
	message, err := l.Text.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	c.Logger.Log(hclog.LevelFromString(l.Level), c.masked(message))
	return Done, nil
}
