package flows

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/lang"
)

var (
	originateAnswered   = Outcome{Name: "answered", Doc: "The device answered, and the call runs on its own."}
	originateNoAnswer   = Outcome{Name: "no_answer", Doc: "Nobody answered in time.", Failure: true}
	originateBusy       = Outcome{Name: "busy", Doc: "The device is busy.", Failure: true}
	originateCongestion = Outcome{Name: "congestion", Doc: "The network has no way through.", Failure: true}
	originateForbidden  = Outcome{Name: "forbidden", Doc: "The app's dialing does not allow the number; nothing was called.", Failure: true}
	originateFailed     = Outcome{Name: "failed", Doc: "The device does not exist, is not registered or refused the call.", Failure: true}
)

// originateOutcomes are by the Reason of OriginateResponse: the last control frame of the
// channel. 1 is a hangup and 3 is ringing.
var originateOutcomes = map[string]Outcome{
	"4": originateAnswered, "1": originateNoAnswer, "3": originateNoAnswer, "5": originateBusy, "8": originateCongestion,
}

var originateVerb = Verb{
	Name:    "originate",
	Summary: "Calls a device, and sends it into the dialplan or a flow when it answers.",
	Doc: "The step is over when the device has answered or the attempt has failed; the new call then goes on by itself. " +
		"When the step is ended before that, so is the attempt. " +
		"The manager user needs `read = call` and `write = originate`, and for `flow` also `write = system`.",
	Example:  "- originate: PJSIP/101\n  context: internal\n  exten: 200\n  timeout: 20s\n  as: new\n  on: { else: { log: \"not reached: ${new.reason}\" } }",
	Outcomes: []Outcome{originateAnswered, originateNoAnswer, originateBusy, originateCongestion, originateForbidden, originateFailed},
	Result:   (*originateResult)(nil), ResultAlways: true, MustCover: true,
	New: func() Step { return &originateStep{} },
}

type originateStep struct {
	Device    lang.Value[DialString]        `yaml:"originate,required" doc:"The device to call, such as PJSIP/101."`
	To        destination                   `yaml:",inline"`
	CallerID  lang.Value[string]            `yaml:"caller_id" doc:"What the device shows, such as Support <100>."`
	Timeout   lang.Value[time.Duration]     `yaml:"timeout" default:"30s" doc:"How long it rings."`
	Variables map[string]lang.Value[string] `yaml:"variables" doc:"Variables of the new channel."`
	onServer  `yaml:",inline"`
}

type originateResult struct {
	Channel string `expr:"channel" doc:"the name of the new channel; empty when there was none"`
	ID      string `expr:"id" doc:"its unique id"`
	Reason  string `expr:"reason" doc:"Asterisk's number for how it ended: 4 answered, 3 no answer, 5 busy, 8 congestion, 0 failed"`
}

// CheckYAML checks the names that are known at load.
func (s *originateStep) CheckYAML(d *lang.Decoder, n lang.Node) {
	s.onServer.CheckYAML(d, n)
	s.To.check(d, n)
	checkDevice(d, s.Device)
}

func (s *originateStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	o := origination{}
	var err error
	if o.device, err = text(c, s.Device); err != nil {
		return Outcome{}, err
	}
	if !c.mayCall(o.device) {
		return originateForbidden, nil
	}
	if o.callerID, err = s.CallerID.Get(c); err != nil {
		return Outcome{}, err
	}
	if o.timeout, err = s.Timeout.Get(c); err != nil {
		return Outcome{}, err
	}
	o.variables = map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(s.Variables)) {
		if o.variables[name], err = s.Variables[name].Get(c); err != nil {
			return Outcome{}, err
		}
	}
	server, err := s.server(ctx, c)
	if err != nil {
		return Outcome{}, err
	}
	if o.to, err = s.To.headers(ctx, c, server); err != nil {
		return Outcome{}, err
	}
	outcome, result, err := server.originate(ctx, o)
	c.SetResult(result)
	return outcome, err
}

// origination is a call to make.
type origination struct {
	device, callerID string
	timeout          time.Duration
	variables        map[string]string
	to               []ami.Field
}

// originate makes the call and waits for how it ends. When ctx ends first, the attempt is
// hung up.
func (s *Server) originate(ctx context.Context, o origination) (Outcome, *originateResult, error) {
	result := &originateResult{ID: "pbxflow-" + rand.Text()[:16]}
	a := ami.Action{Name: "Originate"}.With("Channel", o.device).
		With("ChannelId", result.ID).With("Timeout", fmt.Sprint(o.timeout.Milliseconds()))
	if o.callerID != "" {
		a = a.With("CallerID", o.callerID)
	}
	for _, f := range o.to {
		a = a.With(f.Name, f.Value)
	}
	for _, name := range slices.Sorted(maps.Keys(o.variables)) {
		a = a.WithVariable(name, o.variables[name])
	}
	event, err := s.Manager.Originate(ctx, a)
	if ctx.Err() != nil {
		s.hangUp(ctx, result.ID)
		return Outcome{}, result, context.Cause(ctx)
	}
	if event.Name() == "" { // not even tried
		return Outcome{}, result, err
	}
	result.Channel, result.Reason = event.Get("Channel"), event.Get("Reason")
	outcome, ok := originateOutcomes[result.Reason]
	if !ok {
		outcome = originateFailed
	}
	return outcome, result, nil
}

// hangUp ends what a step began and nobody waits for any more. It is best effort: the
// channel may be gone.
func (s *Server) hangUp(ctx context.Context, channel string) {
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), statusSetBy)
	defer cancel()
	_, _ = s.Manager.Do(after, ami.Action{Name: "Hangup"}.With("Channel", channel))
}

// destination is where a new call goes on: a place in the dialplan or a flow.
type destination struct {
	Context lang.Value[QueueName] `yaml:"context" doc:"The context of the dialplan where the call goes on."`
	Exten   lang.Value[Extension] `yaml:"exten" doc:"The extension there; s if left out."`
	Flow    flowRef               `yaml:"flow" doc:"The flow where the call goes on, instead of a place in the dialplan."`
	With    Args                  `yaml:"with" doc:"The flow's parameters."`
}

// check reports a call that would go nowhere, or to two places.
func (t *destination) check(d *lang.Decoder, n lang.Node) {
	flow := !n.Lookup("flow").IsZero()
	switch {
	case flow && t.Context.IsSet():
		d.Errorf(n.Lookup("flow"), "keys-clash", "a call goes on either in a flow or in a context of the dialplan")
	case !flow && !t.Context.IsSet():
		d.Errorf(n, "missing-key", "it is not said where the call goes on").Hint("write context: and exten:, or flow:")
	case t.Flow.flow != nil:
		t.Flow.flow.dialled = true
		t.With.check(d, t.Flow.pos, t.Flow.flow)
	}
}

// headers are those of an Originate.
func (t *destination) headers(ctx context.Context, c *Call, server *Server) ([]ami.Field, error) {
	if t.Flow.flow != nil {
		return t.application(ctx, c, server)
	}
	name, err := text(c, t.Context)
	if err != nil {
		return nil, err
	}
	exten, err := text(c, t.Exten)
	if err != nil {
		return nil, err
	}
	if exten == "" {
		exten = "s"
	}
	return []ami.Field{{Name: "Context", Value: name}, {Name: "Exten", Value: exten}, {Name: "Priority", Value: "1"}}, nil
}

var errNoAGI = errors.New("it is not known where Asterisk reaches this server: write agi: { address: host:port } in pbxflow.yaml")

// application runs the flow by AGI: the address that Asterisk is given is that of this
// server, the parameters are its query.
func (t *destination) application(ctx context.Context, c *Call, server *Server) ([]ami.Field, error) {
	vars, err := t.With.values(c, t.Flow.flow)
	if err != nil {
		return nil, err
	}
	if server.AGI == nil {
		return nil, Fail(IDServer, errNoAGI)
	}
	address, err := server.AGI(ctx)
	if err != nil {
		return nil, Fail(IDServer, err)
	}
	query := url.Values{}
	for name, value := range vars {
		text, err := lang.Text(value)
		if err != nil {
			return nil, err
		}
		query.Set(name, text)
	}
	// A comma would divide the arguments of the application; Encode leaves none, and a
	// plus would be a blank, which is %20 as well.
	data := "agi://" + address + "/" + url.PathEscape(t.Flow.flow.Name)
	if len(query) > 0 {
		data += "?" + strings.ReplaceAll(query.Encode(), "+", "%20")
	}
	return []ami.Field{{Name: "Application", Value: "AGI"}, {Name: "Data", Value: data}}, nil
}
