package flows

import (
	"context"
	"errors"
	"strings"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/lang"
)

var channelStatusVerb = Verb{
	Name:     "channel_status",
	Summary:  "Asks for the state of a channel.",
	Doc:      "In a rule, and for a channel of another server, the manager user needs `write = call` or `reporting`.",
	Example:  "- channel_status: PJSIP/101-00000007\n  as: other\n  on: { not_found: { log: gone } }\n- log: ${other.state}",
	Outcomes: []Outcome{Done, channelGone},
	Result:   (*channelStatusResult)(nil), ResultAlways: true,
	New: func() Step { return &channelStatusStep{} },
}

type channelStatusStep struct {
	Channel  lang.Value[ChannelName] `yaml:"channel_status,required" doc:"The channel, by its name."`
	onServer `yaml:",inline"`
}

type channelStatusResult struct {
	State string `expr:"state" doc:"what the channel does: down, reserved, off hook, dialing, ring, ringing, up, busy or unknown; empty when there is none"`
	Up    bool   `expr:"up" doc:"whether it is answered"`
}

func (s *channelStatusStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	channel, err := text(c, s.Channel)
	if err != nil {
		return Outcome{}, err
	}
	var state string
	if s.own(c) {
		state, err = ownChannelState(ctx, c, channel)
	} else {
		state, err = s.ask(ctx, c, channel)
	}
	if err != nil {
		return Outcome{}, err
	}
	state = strings.ToLower(state)
	c.SetResult(&channelStatusResult{State: state, Up: state == "up"})
	if state == "" {
		return channelGone, nil
	}
	return Done, nil
}

// ownChannelState asks by the call; the state is empty when there is no such channel.
func ownChannelState(ctx context.Context, c *Call, channel string) (string, error) {
	state, err := c.Session.ChannelStatus(ctx, channel)
	if e, ok := errors.AsType[*agi.Error](err); ok && e.Code == 200 {
		return "", nil
	}
	return state.String(), err
}

// ask asks by the manager.
func (s *channelStatusStep) ask(ctx context.Context, c *Call, channel string) (string, error) {
	server, err := s.server(ctx, c)
	if err != nil {
		return "", err
	}
	rows, err := server.Manager.List(ctx, ami.Action{Name: "Status"}.With("Channel", channel))
	if refused(err, noChannel...) {
		return "", nil
	}
	for _, row := range rows {
		return row.Get("ChannelStateDesc"), nil
	}
	return "", err
}
