package flows

import (
	"context"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var bridgeVerb = Verb{
	Name:    "bridge",
	Summary: "Connects two channels with each other.",
	Doc: "Each is taken out of what it does: whoever it was connected with goes on in the dialplan or is hung up. " +
		"The manager user needs `write = call`.",
	Example:  "- bridge: PJSIP/101-00000007\n  with: PJSIP/102-00000009\n  on: { not_found: { log: gone already } }",
	Outcomes: []Outcome{Done, channelGone},
	New:      func() Step { return &bridgeStep{} },
}

type bridgeStep struct {
	First    lang.Value[ChannelName] `yaml:"bridge,required" doc:"The one channel, by its name."`
	Second   lang.Value[ChannelName] `yaml:"with,required" doc:"The other channel, by its name."`
	Tone     string                  `yaml:"tone" enum:"no,first,second,both" default:"no" doc:"Who hears a tone when they are connected."`
	onServer `yaml:",inline"`
}

// bridgeTones are Asterisk's words for who hears the tone.
var bridgeTones = map[string]string{"no": "no", "first": "channel1", "second": "channel2", "both": "both"}

func (s *bridgeStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	action, err := c.action("Bridge", option("Channel1", s.First), option("Channel2", s.Second))
	if err != nil {
		return Outcome{}, err
	}
	server, err := s.server(ctx, c)
	if err != nil {
		return Outcome{}, err
	}
	return server.do(ctx, action.With("Tone", bridgeTones[s.Tone]), channelGone, noChannel...)
}
