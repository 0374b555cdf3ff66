package flows

import (
	"context"
	"fmt"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// channelGone is the outcome of verbs that act on a channel.
var channelGone = Outcome{Name: "not_found", Doc: "There is no such channel.", Failure: true}

var hangupChannelVerb = Verb{
	Name:     "hangup_channel",
	Summary:  "Hangs up a channel, of this call or of another.",
	Doc:      "The manager user needs `write = call`.",
	Example:  "- hangup_channel: PJSIP/101-00000007\n  on: { not_found: { log: gone already } }",
	Outcomes: []Outcome{Done, channelGone},
	New:      func() Step { return &hangupChannelStep{} },
}

type hangupChannelStep struct {
	Channel  lang.Value[ChannelName] `yaml:"hangup_channel,required" doc:"The channel, by its name or unique id."`
	Cause    lang.Value[int]         `yaml:"cause" doc:"The cause that the phone is told (Q.850), such as 21 for rejected; 16, a normal end, if left out."`
	onServer `yaml:",inline"`
}

func (s *hangupChannelStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	channel, err := text(c, s.Channel)
	if err != nil {
		return Outcome{}, err
	}
	action := ami.Action{Name: "Hangup"}.With("Channel", channel)
	if s.Cause.IsSet() {
		cause, err := s.Cause.Get(c)
		if err != nil {
			return Outcome{}, err
		}
		action = action.With("Cause", fmt.Sprint(cause))
	}
	server, err := s.server(ctx, c)
	if err != nil {
		return Outcome{}, err
	}
	return server.do(ctx, action, channelGone, noChannel...)
}
