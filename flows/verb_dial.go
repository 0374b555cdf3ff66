package flows

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// dialOutcomes are the values of DIALSTATUS and what they mean.
var dialOutcomes = map[string]Outcome{
	"ANSWER":      {Name: "answered", Doc: "Somebody answered, and the conversation is over."},
	"BUSY":        {Name: "busy", Doc: "All that were called are busy.", Failure: true},
	"NOANSWER":    {Name: "no_answer", Doc: "Nobody answered in time.", Failure: true},
	"CHANUNAVAIL": {Name: "unavailable", Doc: "What was called does not exist or is not registered.", Failure: true},
	"CONGESTION":  {Name: "congestion", Doc: "The network has no way through.", Failure: true},
	"DONTCALL":    {Name: "declined", Doc: "The called party does not take the call.", Failure: true},
	"TORTURE":     {Name: "declined", Doc: "The called party does not take the call.", Failure: true},
	"CANCEL":      {Name: "cancelled", Doc: "The caller gave up while it rang.", Failure: true},
	"INVALIDARGS": {Name: "invalid", Doc: "Asterisk did not understand what to dial.", Failure: true},
}

var dialVerb = Verb{
	Name:    "dial",
	Summary: "Calls devices and connects the first that answers.",
	Doc: "The flow goes on when the called party has hung up. When the caller hangs up, the flow is over. " +
		"Several devices ring together.",
	Example: "- dial: [PJSIP/101, PJSIP/102]\n  timeout: 20s\n  on:\n    else: { play: nobody-there }",
	Outcomes: []Outcome{
		dialOutcomes["ANSWER"], dialOutcomes["BUSY"], dialOutcomes["NOANSWER"], dialOutcomes["CHANUNAVAIL"],
		dialOutcomes["CONGESTION"], dialOutcomes["DONTCALL"], dialOutcomes["CANCEL"], dialOutcomes["INVALIDARGS"],
	},
	NeedsCall: true, Media: true,
	Result: (*dialResult)(nil), ResultAlways: true, MustCover: true,
	New: func() Step { return &dialStep{} },
}

type dialStep struct {
	Targets []lang.Value[DialString]  `yaml:"dial,required" doc:"The device, or a list of devices that ring together."`
	Timeout lang.Value[time.Duration] `yaml:"timeout" default:"30s" doc:"How long it rings."`
	Music   lang.Value[QueueName]     `yaml:"music" doc:"The music class that the caller hears instead of ringing."`
}

type dialResult struct {
	Status   string        `expr:"status" doc:"Asterisk's DIALSTATUS"`
	Answered time.Duration `expr:"answered" doc:"how long the conversation lasted"`
	Peer     string        `expr:"peer" doc:"the channel that answered"`
}

func (s *dialStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	targets, err := texts(c, s.Targets)
	if err != nil {
		return Outcome{}, err
	}
	timeout, err := s.Timeout.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	options := "g" // go on when the called party hangs up
	if s.Music.IsSet() {
		music, err := text(c, s.Music)
		if err != nil {
			return Outcome{}, err
		}
		options += "m(" + music + ")"
	}
	args := strings.Join([]string{strings.Join(targets, "&"), seconds(timeout), options}, ",")
	if _, err := c.Session.Exec(ctx, "Dial", args); err != nil {
		return Outcome{}, err
	}
	return dialEnded(ctx, c)
}

// dialEnded reads from the channel how Dial ended.
func dialEnded(ctx context.Context, c *Call) (Outcome, error) {
	status, err := c.variable(ctx, "DIALSTATUS")
	if err != nil {
		return Outcome{}, err
	}
	result := &dialResult{Status: status}
	if status == "ANSWER" {
		if result.Answered, err = c.secondsVariable(ctx, "ANSWEREDTIME"); err != nil {
			return Outcome{}, err
		}
		if result.Peer, err = c.variable(ctx, "DIALEDPEERNAME"); err != nil {
			return Outcome{}, err
		}
	}
	c.SetResult(result)
	outcome, ok := dialOutcomes[status]
	if !ok {
		return Outcome{}, Fail("dial.status", fmt.Errorf("asterisk's DIALSTATUS is %q", status))
	}
	if status == "CHANUNAVAIL" {
		// To Dial a phone whose user declined is as unavailable as one that is not
		// there. Only the cause tells.
		cause, err := c.variable(ctx, "HANGUPCAUSE")
		if err != nil {
			return Outcome{}, err
		}
		if cause == causeRejected {
			return dialOutcomes["DONTCALL"], nil
		}
	}
	return outcome, nil
}

// causeRejected is Q.850's cause "call rejected", SIP's 603.
const causeRejected = "21"

// seconds writes a duration as applications want it: whole seconds, rounded up so
// that a short one does not become "for ever".
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64(math.Ceil(d.Seconds())), 10)
}
