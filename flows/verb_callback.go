package flows

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/lang"
)

var (
	callbackTaken     = Outcome{Name: "taken", Doc: "The number will be called."}
	callbackForbidden = Outcome{Name: "forbidden", Doc: "The number may not be called: see dialing.", Failure: true}
	callbackFull      = Outcome{Name: "full", Doc: "Too many callbacks wait already.", Failure: true}
)

var callbackVerb = Verb{
	Name:    "callback",
	Summary: "Calls a number back, and puts whoever answers into a queue, a flow or the dialplan.",
	Doc: "In a flow the number is called when the call is over, in a rule at once; nothing waits for it, and the log tells how it went. " +
		"Callbacks that wait are lost when the server is stopped. How to call outside stands under `outbound` of the server in " +
		"[asterisk](app.md#asterisk). The manager user needs `read = call` and `write = originate`, and for `flow` also `write = system`.",
	Example: "- callback: +41441234567\n  queue: support\n  dial: PJSIP/+41441234567@carrier\n  tries: 3\n" +
		"  on: { else: { log: cannot be called back } }",
	Outcomes: []Outcome{callbackTaken, callbackForbidden, callbackFull},
	New:      func() Step { return &callbackStep{} },
}

type callbackStep struct {
	Number   lang.Value[PhoneNumber]   `yaml:"callback,required" doc:"The number to call."`
	Queue    lang.Value[QueueName]     `yaml:"queue" doc:"The queue that whoever answers is put into, one of those under queues."`
	To       destination               `yaml:",inline"`
	Dial     lang.Value[DialString]    `yaml:"dial" doc:"How to call the number, such as PJSIP/${number}@carrier, instead of outbound."`
	CallerID lang.Value[string]        `yaml:"caller_id" doc:"What the called phone shows, such as Support <100>."`
	Delay    lang.Value[time.Duration] `yaml:"delay" default:"5s" doc:"How long to wait before, so that the line is free again."`
	Timeout  lang.Value[time.Duration] `yaml:"timeout" default:"30s" doc:"How long it rings."`
	Tries    lang.Value[int]           `yaml:"tries" default:"1" doc:"How often to try when nobody answers."`
	Between  lang.Value[time.Duration] `yaml:"between" default:"5m" doc:"How long to wait between two tries."`
	onServer `yaml:",inline"`
}

// CheckYAML checks the names that are known at load.
func (s *callbackStep) CheckYAML(d *lang.Decoder, n lang.Node) {
	s.onServer.CheckYAML(d, n)
	checkQueue(d, s.Queue)
	if s.Dial.IsSet() {
		checkDevice(d, s.Dial)
	}
	other := s.To.Context.IsSet() || !n.Lookup("flow").IsZero()
	if s.Queue.IsSet() && other {
		d.Errorf(n.Lookup("queue"), "keys-clash", "a call goes on either in a queue, in a flow or in a context of the dialplan")
	} else if !s.Queue.IsSet() {
		s.To.check(d, n)
	}
}

// callback is a number to call back.
type callback struct {
	number         string
	server         *Server
	call           origination
	delay, between time.Duration
	tries          int
}

func (s *callbackStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	if c.engine.Background == nil {
		return Outcome{}, Fail("callback.off", errors.New("this server makes no calls in the background"))
	}
	b, err := s.prepare(ctx, c)
	if err != nil {
		return Outcome{}, err
	}
	if !c.allowed(c.Program.Outward.Dialing.Check(b.number)) || !c.mayCall(b.call.device) {
		return callbackForbidden, nil
	}
	logger, clock := c.Logger.With("callback", b.number), c.engine.clock()
	if !c.afterwards(func(ctx context.Context) {
		for try := 1; try <= b.tries; try++ {
			wait := b.delay
			if try > 1 {
				wait = b.between
			}
			if !clock.Sleep(ctx, wait) {
				logger.Warn("callback is lost: the server was stopped")
				return
			}
			outcome, result, err := b.server.originate(ctx, b.call)
			logger.Info("called back", "try", try, "outcome", outcome.Name, "channel", result.Channel, "error", err)
			if outcome == originateAnswered {
				return
			}
		}
	}) {
		return callbackFull, nil
	}
	return callbackTaken, nil
}

// prepare evaluates all that is said of the callback.
func (s *callbackStep) prepare(ctx context.Context, c *Call) (*callback, error) {
	server, err := s.server(ctx, c)
	if err != nil {
		return nil, err
	}
	b := &callback{server: server}
	if b.number, err = text(c, s.Number); err != nil {
		return nil, err
	}
	if b.call.device, err = text(c, s.Dial); err != nil {
		return nil, err
	}
	if b.call.device == "" {
		if server.Outbound == "" {
			return nil, Fail("callback.outbound", fmt.Errorf("%w, or dial: in the step", errOutbound))
		}
		b.call.device = strings.ReplaceAll(server.Outbound, "{number}", b.number)
	}
	b.call.callerID, err = s.CallerID.Get(c)
	for _, v := range []struct {
		from lang.Value[time.Duration]
		to   *time.Duration
	}{{s.Delay, &b.delay}, {s.Timeout, &b.call.timeout}, {s.Between, &b.between}} {
		if err == nil {
			*v.to, err = v.from.Get(c)
		}
	}
	if err == nil {
		b.tries, err = s.Tries.Get(c)
	}
	if err != nil {
		return nil, err
	}
	if s.Queue.IsSet() {
		queue, err := text(c, s.Queue)
		b.call.to = []ami.Field{{Name: "Application", Value: "Queue"}, {Name: "Data", Value: queue}}
		return b, err
	}
	b.call.to, err = s.To.headers(ctx, c, server)
	return b, err
}
