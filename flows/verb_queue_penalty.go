package flows

import (
	"context"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var queuePenaltyVerb = Verb{
	Name:     "queue_penalty",
	Summary:  "Changes the penalty of a member of queues: those with a lower one are called first.",
	Doc:      "The manager user needs `write = agent`.",
	Example:  "- queue_penalty: PJSIP/101\n  penalty: 5\n  queue: support",
	Outcomes: []Outcome{Done, memberMissing},
	New:      func() Step { return &queuePenaltyStep{} },
}

type queuePenaltyStep struct {
	Device   lang.Value[DialString] `yaml:"queue_penalty,required" doc:"The device of the member, such as PJSIP/101."`
	Penalty  lang.Value[int]        `yaml:"penalty,required" doc:"The penalty, 0 or more."`
	Queue    lang.Value[QueueName]  `yaml:"queue" doc:"The queue, one of those under queues; all of the member's if left out."`
	onServer `yaml:",inline"`
}

// CheckYAML checks the names that are known at load.
func (s *queuePenaltyStep) CheckYAML(d *lang.Decoder, n lang.Node) {
	s.onServer.CheckYAML(d, n)
	checkQueue(d, s.Queue)
	if penalty, ok := s.Penalty.Constant(); ok && penalty < 0 {
		d.ErrorAt(s.Penalty.Pos(), "bad-penalty", "a penalty is 0 or more")
	}
}

func (s *queuePenaltyStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	action, err := c.action("QueuePenalty", option("Interface", s.Device), printed("Penalty", s.Penalty), option("Queue", s.Queue))
	if err != nil {
		return Outcome{}, err
	}
	server, err := s.server(ctx, c)
	if err != nil {
		return Outcome{}, err
	}
	return server.do(ctx, action, memberMissing, noMember...)
}
