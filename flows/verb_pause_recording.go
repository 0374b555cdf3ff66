package flows

import (
	"context"

	"github.com/pbxflow/pbxflow/ami"
)

var pauseRecordingVerb = Verb{
	Name:    "pause_recording",
	Summary: "Keeps what is said now out of the recording, such as the number of a credit card.",
	Doc: "The recording holds silence for that time. It goes on with `pause_recording: off`. " +
		"Asterisk can do so only by its manager: the user needs `write = call`.",
	Example:  "- answer\n- record_call: order\n- pause_recording: on\n- read: card-number\n  as: _card\n  on_error: continue\n- pause_recording: off",
	Outcomes: []Outcome{Done, {Name: "not_recording", Doc: "The call is not recorded, or there is no such channel.", Failure: true}},
	New:      func() Step { return &pauseRecordingStep{} },
}

type pauseRecordingStep struct {
	State   string `yaml:"pause_recording,required" enum:"on,off" doc:"On begins the pause, off ends it."`
	Side    string `yaml:"side" enum:"both,caller,other" default:"both" doc:"Whose voice is kept out."`
	anyCall `yaml:",inline"`
}

// muteDirections are Asterisk's words: it reads what the caller says.
var muteDirections = map[string]string{"both": "both", "caller": "read", "other": "write"}

func (s *pauseRecordingStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	channel, err := s.channel(c)
	if err != nil {
		return Outcome{}, err
	}
	if channel == "" {
		channel = c.info.Channel
	}
	server, err := s.server(ctx, c)
	if err != nil {
		return Outcome{}, err
	}
	state := "0"
	if s.State == "on" {
		state = "1"
	}
	action := ami.Action{Name: "MixMonitorMute"}.With("Channel", channel).With("Direction", muteDirections[s.Side]).With("State", state)
	return server.do(ctx, action, pauseRecordingVerb.Outcomes[1], append([]string{"cannot set mute flag", "not recording"}, noChannel...)...)
}
