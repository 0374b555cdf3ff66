package flows

import (
	"context"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var queueRemoveVerb = Verb{
	Name:     "queue_remove",
	Summary:  "Takes a member out of a queue.",
	Doc:      "Members that stand in queues.conf cannot be taken out. The manager user needs `write = agent`.",
	Example:  "- queue_remove: PJSIP/101\n  queue: support\n  on: { not_member: { log: was not there } }",
	Outcomes: []Outcome{Done, memberMissing},
	New:      func() Step { return &queueRemoveStep{} },
}

type queueRemoveStep struct {
	Device   lang.Value[DialString] `yaml:"queue_remove,required" doc:"The device of the member, such as PJSIP/101."`
	Queue    lang.Value[QueueName]  `yaml:"queue,required" doc:"The queue, one of those under queues."`
	onServer `yaml:",inline"`
}

// CheckYAML checks the names that are known at load.
func (s *queueRemoveStep) CheckYAML(d *lang.Decoder, n lang.Node) {
	s.onServer.CheckYAML(d, n)
	checkQueue(d, s.Queue)
}

func (s *queueRemoveStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	action, err := c.action("QueueRemove", option("Interface", s.Device), option("Queue", s.Queue))
	if err != nil {
		return Outcome{}, err
	}
	server, err := s.server(ctx, c)
	if err != nil {
		return Outcome{}, err
	}
	return server.do(ctx, action, memberMissing, noMember...)
}

// noMember are the words with which Asterisk says that a device is no member.
var noMember = []string{"not there", "no such queue", "not found", "invalid interface"}
