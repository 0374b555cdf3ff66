package flows

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
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
		"`context` in queues.conf; at its end the flow then gives the call back to that extension. " +
		"Announcements to those who wait are the same for all callers of a queue, because Asterisk takes them from queues.conf. " +
		"`announce` says what the flow counts on, for those who read it and for `pbxflow check --asterisk`; it changes nothing in Asterisk.",
	Example: "- answer\n- queue: support\n  music: calm\n  timeout: 5m\n  on:\n    else: { play: nobody-there }",
	Outcomes: []Outcome{
		queueCompleted, queueTimeout, queueFull, queueNoAgents, queueLeft, queueWithdrawn, queueUnknown,
	},
	NeedsCall: true, Media: true, MustCover: true,
	Result: (*queueResult)(nil), ResultAlways: true,
	New: func() Step { return &queueStep{} },
}

type queueStep struct {
	Queue             lang.Value[QueueName]     `yaml:"queue,required" doc:"The queue, one of those under queues."`
	Timeout           lang.Value[time.Duration] `yaml:"timeout" doc:"How long the caller waits at most; as long as it takes if left out."`
	Music             lang.Value[QueueName]     `yaml:"music" doc:"The music class, instead of the queue's own."`
	Ring              lang.Value[bool]          `yaml:"ring" doc:"Ringing instead of music."`
	Priority          lang.Value[int]           `yaml:"priority" doc:"Callers with a greater one come first; 0 if left out."`
	Position          lang.Value[int]           `yaml:"position" doc:"The place in the queue where the caller begins, 1 for the first; the last if left out."`
	AgentAnnouncement []lang.Value[Sound]       `yaml:"agent_announcement" doc:"What the agent hears before the caller, instead of the queue's own."`
	Rule              lang.Value[QueueName]     `yaml:"rule" doc:"The rule of queuerules.conf by which more agents are asked in time, instead of the queue's own."`
	Announce          Announcements             `yaml:"announce" doc:"What callers who wait are told by queues.conf, as this flow counts on it."`
}

type queueResult struct {
	Status   string        `expr:"status" doc:"Asterisk's QUEUESTATUS"`
	Agent    string        `expr:"agent" doc:"the interface of the agent who took the call; needs setinterfacevar=yes in queues.conf"`
	Waited   time.Duration `expr:"waited" doc:"how long the caller waited; of a call that an agent took, Asterisk 16 knows it only with setqueueentryvar=yes in queues.conf"`
	Position int           `expr:"position" doc:"the caller's last place in the queue; 0 for one who was not let in"`
}

// CheckYAML checks the queue's name when it is known at load.
func (q *queueStep) CheckYAML(d *lang.Decoder, _ lang.Node) {
	if name, ok := q.Queue.Constant(); ok {
		checkName(d, q.Queue.Pos(), "queue", string(name), namesOf(d).Queues)
	}
	if ring, _ := q.Ring.Constant(); ring && q.Music.IsSet() {
		d.ErrorAt(q.Music.Pos(), "keys-clash", "the caller hears either music or ringing")
	}
}

// Announcements are what a queue tells those who wait. Asterisk has them per queue and
// not per call: these are what a flow counts on.
type Announcements struct {
	Position time.Duration `yaml:"position" doc:"How often the place in the queue is told; announce-frequency and announce-position of queues.conf."`
	HoldTime bool          `yaml:"hold_time" doc:"Whether the waiting time to expect is told too; announce-holdtime."`
	Periodic time.Duration `yaml:"periodic" doc:"How often the periodic announcement is played; periodic-announce-frequency."`
}

// Settings returns the lines of queues.conf that make a queue announce that, by the
// name of the setting.
func (a Announcements) Settings() map[string]string {
	settings := map[string]string{}
	if a.Position > 0 {
		settings["announce-frequency"], settings["announce-position"] = seconds(a.Position), "yes"
	}
	if a.HoldTime {
		settings["announce-holdtime"] = "yes"
	}
	if a.Periodic > 0 {
		settings["periodic-announce-frequency"] = seconds(a.Periodic)
	}
	return settings
}

// Announced returns what the step counts on, if it is a queue step that says so and names
// its queue without an expression.
func (n *Node) Announced() (queue string, announced Announcements, ok bool) {
	step, ok := n.Step.(*queueStep)
	if !ok || step.Announce == (Announcements{}) {
		return "", Announcements{}, false
	}
	name, known := step.Queue.Constant()
	return string(name), step.Announce, known
}

func (*queueStep) answers(o Outcome) bool { return o == queueCompleted }

func (q *queueStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	if err := q.prepare(ctx, c); err != nil {
		return Outcome{}, err
	}
	args, err := q.args(c)
	if err != nil {
		return Outcome{}, err
	}
	begin := c.Now()
	if _, err := c.Session.Exec(ctx, "Queue", args); err != nil {
		return Outcome{}, err
	}
	return queueEnded(ctx, c, begin)
}

// args are those of the application: queue, options, URL, announcement to the agent,
// timeout, AGI, gosub, rule, position. Before Asterisk 21 a macro stood before gosub.
func (q *queueStep) args(c *Call) (string, error) {
	name, err := text(c, q.Queue)
	if err != nil {
		return "", err
	}
	options, err := flags(c, []flag{{q.Ring, "r"}})
	if err != nil {
		return "", err
	}
	announcement, err := texts(c, q.AgentAnnouncement)
	if err != nil {
		return "", err
	}
	timeout, err := q.Timeout.Get(c)
	if err != nil {
		return "", err
	}
	rule, err := text(c, q.Rule)
	if err != nil {
		return "", err
	}
	position, err := q.Position.Get(c)
	if err != nil {
		return "", err
	}
	// c: go on here when the agent hangs up, rather than end the call.
	args := []string{name, "c" + options, "", strings.Join(announcement, "&"), "", "", ""}
	if timeout > 0 {
		args[4] = seconds(timeout)
	}
	if v := c.majorVersion(); v > 0 && v < 21 {
		args = append(args, "")
	}
	args = append(args, rule, "")
	if position > 0 {
		args[len(args)-1] = strconv.Itoa(position)
	}
	return strings.TrimRight(strings.Join(args, ","), ","), nil
}

// prepare sets what Queue reads from the channel, and forgets what an earlier
// queue left there.
func (q *queueStep) prepare(ctx context.Context, c *Call) error {
	variables := []string{"QUEUESTATUS", "", "MEMBERINTERFACE", "", "QEHOLDTIME", ""}
	if q.Music.IsSet() {
		music, err := text(c, q.Music)
		if err != nil {
			return err
		}
		variables = append(variables, "CHANNEL(musicclass)", music)
	}
	if q.Priority.IsSet() {
		priority, err := q.Priority.Get(c)
		if err != nil {
			return err
		}
		variables = append(variables, "QUEUE_PRIO", strconv.Itoa(priority))
	}
	return c.setVariables(ctx, variables...)
}

// queueEnded reads from the channel how the visit that began then ended.
func queueEnded(ctx context.Context, c *Call, begin time.Time) (Outcome, error) {
	result := &queueResult{Waited: c.Now().Sub(begin)}
	var err error
	if result.Status, err = c.variable(ctx, "QUEUESTATUS"); err != nil {
		return Outcome{}, err
	}
	if result.Agent, err = c.variable(ctx, "MEMBERINTERFACE"); err != nil {
		return Outcome{}, err
	}
	outcome, ok := queueOutcomes[result.Status]
	if outcome == queueCompleted {
		// The time since the beginning has the conversation in it.
		if result.Waited, err = c.queueWait(ctx); err != nil {
			return Outcome{}, err
		}
	}
	if ok && !notLetIn(result.Status) {
		if result.Position, err = c.number(ctx, "QUEUEPOSITION"); err != nil {
			return Outcome{}, err
		}
	}
	c.SetResult(result)
	if !ok {
		return Outcome{}, Fail("queue.status", fmt.Errorf("asterisk's QUEUESTATUS is %q", result.Status))
	}
	return outcome, nil
}

// notLetIn reports whether the queue did not let the caller in.
func notLetIn(status string) bool {
	return slices.Contains([]string{"FULL", "JOINEMPTY", "JOINUNAVAIL", "UNKNOWN"}, status)
}

// queueWait is how long the caller waited for the agent.
func (c *Call) queueWait(ctx context.Context) (time.Duration, error) {
	name := "QUEUEWAIT"
	if v := c.majorVersion(); v > 0 && v < 18 {
		name = "QEHOLDTIME"
	}
	return c.secondsVariable(ctx, name)
}
