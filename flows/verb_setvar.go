package flows

import (
	"context"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/lang"
)

var setvarVerb = Verb{
	Name:     "setvar",
	Summary:  "Sets a variable of the channel, or a function of the dialplan that can be written.",
	Doc:      "One underscore before the name hands the variable down to channels that this one calls, two to those that they call. With `channel` the manager user needs `write = call`.",
	Example:  "- setvar: CALLERID(name)\n  value: VIP ${call.caller.name}\n- setvar: __ORDER\n  value: 17",
	Outcomes: []Outcome{Done, channelGone},
	New:      func() Step { return &setvarStep{} },
}

type setvarStep struct {
	Name    lang.Value[VariableName] `yaml:"setvar,required" doc:"The name of the variable, or a function such as CALLERID(name)."`
	Value   lang.Value[string]       `yaml:"value,required" doc:"The value."`
	anyCall `yaml:",inline"`
}

func (s *setvarStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	name, err := text(c, s.Name)
	if err != nil {
		return Outcome{}, err
	}
	value, err := s.Value.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	channel, err := s.channel(c)
	if err != nil {
		return Outcome{}, err
	}
	if channel == "" {
		return Done, c.Session.SetVariable(ctx, name, value)
	}
	server, err := s.server(ctx, c)
	if err != nil {
		return Outcome{}, err
	}
	action := ami.Action{Name: "Setvar"}.With("Channel", channel).With("Variable", name).With("Value", value)
	return server.do(ctx, action, channelGone, noChannel...)
}
