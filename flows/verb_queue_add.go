package flows

import (
	"context"
	"fmt"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// Outcomes of verbs that change the members of queues.
var (
	memberMissing = Outcome{Name: "not_member", Doc: "The device is no member of the queue, or there is no such queue.", Failure: true}
	memberThere   = Outcome{Name: "already", Doc: "The device is a member of the queue already."}
	queueMissing  = Outcome{Name: "unknown", Doc: "There is no such queue in Asterisk.", Failure: true}
)

var queueAddVerb = Verb{
	Name:     "queue_add",
	Summary:  "Makes a device a member of a queue.",
	Doc:      "The member is gone after a restart of Asterisk unless queues.conf has `persistentmembers = yes`. The manager user needs `write = agent`.",
	Example:  "- queue_add: PJSIP/101\n  queue: support\n  name: Ann",
	Outcomes: []Outcome{Done, memberThere, queueMissing},
	New:      func() Step { return &queueAddStep{} },
}

type queueAddStep struct {
	Device   lang.Value[DialString] `yaml:"queue_add,required" doc:"The device that the queue calls, such as PJSIP/101."`
	Queue    lang.Value[QueueName]  `yaml:"queue,required" doc:"The queue, one of those under queues."`
	Name     lang.Value[string]     `yaml:"name" doc:"The name by which the queue knows the member; the device if left out."`
	Penalty  lang.Value[int]        `yaml:"penalty" doc:"Members with a lower one are called first; 0 if left out."`
	Paused   lang.Value[bool]       `yaml:"paused" doc:"Whether the member begins with a pause."`
	State    lang.Value[Header]     `yaml:"state_interface" doc:"The device whose state counts, when it is another one than is called."`
	onServer `yaml:",inline"`
}

// CheckYAML checks the names that are known at load.
func (s *queueAddStep) CheckYAML(d *lang.Decoder, n lang.Node) {
	s.onServer.CheckYAML(d, n)
	checkQueue(d, s.Queue)
}

// checkQueue checks the name of a queue when it is known at load.
func checkQueue(d *lang.Decoder, v lang.Value[QueueName]) {
	if name, ok := v.Constant(); ok {
		checkName(d, v.Pos(), "queue", string(name), namesOf(d).Queues)
	}
}

func (s *queueAddStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	action, err := c.action("QueueAdd", option("Interface", s.Device), option("Queue", s.Queue),
		option("MemberName", s.Name), option("StateInterface", s.State), printed("Penalty", s.Penalty), printed("Paused", s.Paused))
	if err != nil {
		return Outcome{}, err
	}
	server, err := s.server(ctx, c)
	if err != nil {
		return Outcome{}, err
	}
	_, err = server.Manager.Do(ctx, action)
	switch {
	case refused(err, "no such queue"):
		return queueMissing, nil
	case refused(err, "already there"):
		return memberThere, nil
	}
	return Done, err
}

// printed is a header with a number, or with true or false.
func printed[T int | bool](name string, v lang.Value[T]) header {
	return header{name, func(c *Call) (string, bool, error) {
		x, err := v.Get(c)
		return fmt.Sprint(x), v.IsSet(), err
	}}
}
