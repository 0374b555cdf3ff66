package flows

import (
	"context"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var queuePauseVerb = Verb{
	Name:     "queue_pause",
	Summary:  "Pauses a member of queues, or ends the pause.",
	Doc:      "A paused member gets no calls of the queue. The manager user needs `write = agent`.",
	Example:  "- queue_pause: PJSIP/101\n  reason: lunch\n- queue_pause: PJSIP/101\n  queue: support\n  paused: false",
	Outcomes: []Outcome{Done, memberMissing},
	New:      func() Step { return &queuePauseStep{} },
}

type queuePauseStep struct {
	Device   lang.Value[DialString] `yaml:"queue_pause,required" doc:"The device of the member, such as PJSIP/101."`
	Queue    lang.Value[QueueName]  `yaml:"queue" doc:"The queue, one of those under queues; all of the member's if left out."`
	Paused   lang.Value[bool]       `yaml:"paused" default:"true" doc:"False ends the pause."`
	Reason   lang.Value[string]     `yaml:"reason" doc:"Why: it goes into Asterisk's queue log and is read as agents' reason."`
	onServer `yaml:",inline"`
}

// CheckYAML checks the names that are known at load.
func (s *queuePauseStep) CheckYAML(d *lang.Decoder, n lang.Node) {
	s.onServer.CheckYAML(d, n)
	checkQueue(d, s.Queue)
}

func (s *queuePauseStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	action, err := c.action("QueuePause", option("Interface", s.Device), printed("Paused", s.Paused),
		option("Queue", s.Queue), option("Reason", s.Reason))
	if err != nil {
		return Outcome{}, err
	}
	server, err := s.server(ctx, c)
	if err != nil {
		return Outcome{}, err
	}
	return server.do(ctx, action, memberMissing, noMember...)
}
