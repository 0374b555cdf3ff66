package flows

import (
	"context"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/lang"
)

var stopRecordingVerb = Verb{
	Name:     "stop_recording",
	Summary:  "Ends the recording of the call: one by its id, or all that record_call began.",
	Doc:      "Ending a recording that there is not does nothing. With `channel` the manager user needs `write = call`.",
	Example:  "- answer\n- record_call: greeting\n- play: welcome\n- stop_recording:",
	Outcomes: []Outcome{Done, channelGone},
	New:      func() Step { return &stopRecordingStep{} },
}

type stopRecordingStep struct {
	ID      lang.Value[recordingID] `yaml:"stop_recording" doc:"The recording, by its id as record_call gave it; all if left out."`
	anyCall `yaml:",inline"`
}

// recordingID is Asterisk's id of a recording.
type recordingID string

// UnmarshalText takes an id, or nothing.
func (r *recordingID) UnmarshalText(b []byte) error {
	if len(b) > 0 && !namePattern.Match(b) {
		return lang.Mistake("that is not the id of a recording", "")
	}
	*r = recordingID(b)
	return nil
}

// LangType describes an id for messages and editors.
func (recordingID) LangType() (string, string) { return "the id of a recording", "" }

func (s *stopRecordingStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	id, err := text(c, s.ID)
	if err != nil {
		return Outcome{}, err
	}
	channel, err := s.channel(c)
	if err != nil {
		return Outcome{}, err
	}
	if channel == "" {
		_, err := c.execute(ctx, "StopMixMonitor", id)
		return Done, err
	}
	server, err := s.server(ctx, c)
	if err != nil {
		return Outcome{}, err
	}
	action := ami.Action{Name: "StopMixMonitor"}.With("Channel", channel)
	if id != "" {
		action = action.With("MixMonitorID", id)
	}
	_, err = server.Manager.Do(ctx, action)
	switch {
	case refused(err, noChannel...):
		return channelGone, nil
	case refused(err, "could not stop"): // there is none
		return Done, nil
	}
	return Done, err
}
