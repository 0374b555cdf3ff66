package flows

import (
	"context"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/lang"
)

var muteVerb = Verb{
	Name:     "mute",
	Summary:  "Silences a channel, or lets it be heard again.",
	Doc:      "The manager user needs `write = system`, and Asterisk the module res_mutestream.",
	Example:  "- mute: PJSIP/101-00000007\n  direction: in\n- mute: PJSIP/101-00000007\n  direction: in\n  state: off",
	Outcomes: []Outcome{Done, channelGone},
	New:      func() Step { return &muteStep{} },
}

type muteStep struct {
	Channel   lang.Value[ChannelName] `yaml:"mute,required" doc:"The channel, by its name or unique id."`
	Direction string                  `yaml:"direction" enum:"in,out,all" default:"in" doc:"What is silenced: in is what the phone says, out is what it hears."`
	State     string                  `yaml:"state" enum:"on,off" default:"on" doc:"Off lifts it."`
	onServer  `yaml:",inline"`
}

func (s *muteStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	channel, err := text(c, s.Channel)
	if err != nil {
		return Outcome{}, err
	}
	server, err := s.server(ctx, c)
	if err != nil {
		return Outcome{}, err
	}
	action := ami.Action{Name: "MuteAudio"}.With("Channel", channel).With("Direction", s.Direction).With("State", s.State)
	return server.do(ctx, action, channelGone, noChannel...)
}
