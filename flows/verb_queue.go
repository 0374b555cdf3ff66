package flows

import (
	"context"
	"fmt"
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var (
	queueCompleted = Outcome{Name: "completed", Doc: "An agent took the call, and the conversation is over."}
	queueTimeout   = Outcome{Name: "timeout", Doc: "No agent took the call in time.", Failure: true}
	queueFull      = Outcome{Name: "full", Doc: "The queue takes no more callers.", Failure: true}
	queueNoAgents  = Outcome{Name: "no_agents", Doc: "The queue has nobody who could take the call.", Failure: true}
	queueLeft      = Outcome{Name: "left", Doc: "The caller left with a key.", Failure: true}
	queueWithdrawn = Outcome{Name: "withdrawn", Doc: "Somebody took the caller out of the queue.", Failure: true}
	queueUnknown   = Outcome{Name: "unknown", Doc: "There is no such queue in Asterisk.", Failure: true}
)

// queueOutcomes are the values of QUEUESTATUS.
var queueOutcomes = map[string]Outcome{
	"CONTINUE":     queueCompleted,
	"TIMEOUT":      queueTimeout,
	"FULL":         queueFull,
	"JOINEMPTY":    queueNoAgents,
	"LEAVEEMPTY":   queueNoAgents,
	"JOINUNAVAIL":  queueNoAgents,
	"LEAVEUNAVAIL": queueNoAgents,
	"WITHDRAW":     queueWithdrawn,
	"UNKNOWN":      queueUnknown,
	"":             queueLeft, // Queue says nothing when the caller leaves with a key
}

var queueVerb = Verb{
	Name:    "queue",
	Summary: "Puts the caller into an Asterisk queue and connects the agent who answers.",
	Doc: "The flow goes on when the agent has hung up, or when the caller leaves the queue in another way. " +
		"When the caller hangs up, the flow is over. A caller leaves with a key that is an extension of the queue's " +
		"`context` in queues.conf; at its end the flow then gives the call back to that extension.",
	Example: "- answer\n- queue: support\n  music: calm\n  timeout: 5m\n  on:\n    else: { play: nobody-there }",
	Outcomes: []Outcome{
		queueCompleted, queueTimeout, queueFull, queueNoAgents, queueLeft, queueWithdrawn, queueUnknown,
	},
	NeedsCall: true, Media: true,
	Result: (*queueResult)(nil), ResultAlways: true, MustCover: true,
	New: func() Step { return &queueStep{} },
}

type queueStep struct {
	Queue    lang.Value[QueueName]     `yaml:"queue,required" doc:"The queue, one of those under queues."`
	Timeout  lang.Value[time.Duration] `yaml:"timeout" doc:"How long the caller waits at most; as long as it takes if left out."`
	Music    lang.Value[QueueName]     `yaml:"music" doc:"The music class, instead of the queue's own."`
	Priority lang.Value[int]           `yaml:"priority" doc:"Callers with a greater one come first; 0 if left out."`
}

type queueResult struct {
	Status string `expr:"status" doc:"Asterisk's QUEUESTATUS"`
	Agent  string `expr:"agent" doc:"the interface of the agent who took the call; needs setinterfacevar=yes in queues.conf"`
}

// CheckYAML checks the queue's name when it is known at load.
func (q *queueStep) CheckYAML(d *lang.Decoder, _ lang.Node) {
	if name, ok := q.Queue.Constant(); ok {
		checkName(d, q.Queue.Pos(), "queue", string(name), namesOf(d).Queues)
	}
}

func (q *queueStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	name, err := text(c, q.Queue)
	if err != nil {
		return Outcome{}, err
	}
	if err := q.prepare(ctx, c); err != nil {
		return Outcome{}, err
	}
	timeout, err := q.Timeout.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	// c: go on here when the agent hangs up, rather than end the call.
	args := name + ",c"
	if timeout > 0 {
		args += ",,," + seconds(timeout)
	}
	if _, err := c.Session.Exec(ctx, "Queue", args); err != nil {
		return Outcome{}, err
	}
	return queueEnded(ctx, c)
}

// prepare sets what Queue reads from the channel, and forgets what an earlier
// queue left there.
func (q *queueStep) prepare(ctx context.Context, c *Call) error {
	variables := [][2]string{{"QUEUESTATUS", ""}, {"MEMBERINTERFACE", ""}}
	if q.Music.IsSet() {
		music, err := text(c, q.Music)
		if err != nil {
			return err
		}
		variables = append(variables, [2]string{"CHANNEL(musicclass)", music})
	}
	if q.Priority.IsSet() {
		priority, err := q.Priority.Get(c)
		if err != nil {
			return err
		}
		variables = append(variables, [2]string{"QUEUE_PRIO", fmt.Sprint(priority)})
	}
	for _, v := range variables {
		if err := c.Session.SetVariable(ctx, v[0], v[1]); err != nil {
			return err
		}
	}
	return nil
}

// queueEnded reads from the channel how the visit ended.
func queueEnded(ctx context.Context, c *Call) (Outcome, error) {
	status, err := c.variable(ctx, "QUEUESTATUS")
	if err != nil {
		return Outcome{}, err
	}
	agent, err := c.variable(ctx, "MEMBERINTERFACE")
	if err != nil {
		return Outcome{}, err
	}
	c.SetResult(&queueResult{Status: status, Agent: agent})
	outcome, ok := queueOutcomes[status]
	if !ok {
		return Outcome{}, Fail("queue.status", fmt.Errorf("asterisk's QUEUESTATUS is %q", status))
	}
	return outcome, nil
}
