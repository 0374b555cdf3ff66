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
	"":            {Name: "invalid", Doc: "Asterisk did not understand what to dial.", Failure: true}, // so it says of options
}

// dialForbidden is an outcome, not an error: where callers choose numbers it is an
// everyday thing, and the flow has something to say to them.
var dialForbidden = Outcome{Name: "forbidden", Doc: "The app's dialing does not allow the number; nothing was called.", Failure: true}

var dialVerb = Verb{
	Name:    "dial",
	Summary: "Calls devices and connects the first that answers.",
	Doc: "The flow goes on when the called party has hung up. When the caller hangs up, the flow is over. " +
		"Several devices ring together, or one after another with `strategy: in turn`, which goes on until somebody takes the call; then the outcome is that of the last.\n\n" +
		"With `confirm` who answers hears a prompt and takes the call with 1; a mailbox does not. Who does not take it has `declined`. " +
		"Asterisk plays the prompt in a context of the dialplan, which has to be there:\n\n" + confirmDialplan,
	Example: "- dial: [PJSIP/101, PJSIP/102]\n  timeout: 20s\n  on:\n    else: { play: nobody-there }",
	Outcomes: []Outcome{
		dialOutcomes["ANSWER"], dialOutcomes["BUSY"], dialOutcomes["NOANSWER"], dialOutcomes["CHANUNAVAIL"],
		dialOutcomes["CONGESTION"], dialOutcomes["DONTCALL"], dialOutcomes["CANCEL"], dialOutcomes["INVALIDARGS"],
		dialForbidden,
	},
	NeedsCall: true, Media: true, MustCover: true,
	Result: (*dialResult)(nil), ResultAlways: true,
	New: func() Step { return &dialStep{} },
}

// confirmDialplan is what Dial needs to ask who answers. A gosub on the called channel
// has no other place than the dialplan.
const confirmDialplan = "```ini\n" +
	"[pbxflow-confirm]\n" +
	"exten => s,1,Set(GOSUB_RESULT=BUSY)\n" +
	" same => n,Read(KEY,${ARG1},1,,3,5)\n" +
	" same => n,ExecIf($[\"${KEY}\" = \"1\"]?Set(GOSUB_RESULT=))\n" +
	" same => n,Return()\n" +
	"```\n"

const confirmContext = "pbxflow-confirm"

type dialStep struct {
	Targets    []lang.Value[DialString]  `yaml:"dial,required" doc:"The device, or a list of devices."`
	Strategy   string                    `yaml:"strategy" enum:"together,in turn" default:"together" doc:"How several devices ring."`
	Timeout    lang.Value[time.Duration] `yaml:"timeout" default:"30s" doc:"How long it rings; in turn, each device."`
	Music      lang.Value[QueueName]     `yaml:"music" doc:"The music class that the caller hears instead of ringing."`
	Ring       lang.Value[bool]          `yaml:"ring" doc:"Lets the caller hear ringing where the network sends nothing."`
	EarlyMedia lang.Value[bool]          `yaml:"early_media" doc:"Whether the caller hears what the network plays before the answer, such as announcements, as is usual; if false, ringing."`
	Confirm    []lang.Value[Sound]       `yaml:"confirm" doc:"The prompt that who answers hears: 1 takes the call."`
	Limit      lang.Value[time.Duration] `yaml:"limit" doc:"How long the conversation lasts at most."`
	Warning    limitWarning              `yaml:"warning" doc:"Who is warned before the limit, when, and by which sound."`
	CallerID   callerID                  `yaml:"caller_id" doc:"What the called party sees instead of the caller's own number and name."`
}

type dialResult struct {
	Status   string        `expr:"status" doc:"Asterisk's DIALSTATUS"`
	Answered time.Duration `expr:"answered" doc:"how long the conversation lasted"`
	Peer     string        `expr:"peer" doc:"the channel that answered"`
	Cause    int           `expr:"cause" doc:"why the line was hung up, as Q.850 counts: 16 normal, 17 busy, 19 no answer, 21 rejected; 0 when not known"`
}

// CheckYAML reports options that exclude each other.
func (s *dialStep) CheckYAML(d *lang.Decoder, n lang.Node) {
	for _, target := range s.Targets {
		checkDevice(d, target)
	}
	early, known := s.EarlyMedia.Constant()
	ring, _ := s.Ring.Constant()
	if s.Music.IsSet() && (ring || known && !early) {
		d.ErrorAt(s.Music.Pos(), "keys-clash", "the caller hears either music or ringing until somebody answers")
	}
	if s.Warning.At.IsSet() && !s.Limit.IsSet() {
		d.Errorf(n.Lookup("warning"), "missing-key", "there is a warning, but no limit to warn of").Hint("write limit: 30m, or what it shall be")
	}
}

func (*dialStep) answers(o Outcome) bool { return o.Name == "answered" }

func (s *dialStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	targets, err := texts(c, s.Targets)
	if err != nil {
		return Outcome{}, err
	}
	for _, target := range targets {
		if !c.mayCall(target) {
			return dialForbidden, nil
		}
	}
	timeout, err := s.Timeout.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	options, restore, err := s.prepare(ctx, c)
	if err != nil {
		return Outcome{}, err
	}
	if s.Strategy == "together" {
		targets = []string{strings.Join(targets, "&")}
	}
	var outcome Outcome
	for _, target := range targets {
		args := strings.Join([]string{target, seconds(timeout), options}, ",")
		if _, err := c.execute(ctx, "Dial", args); err != nil {
			return Outcome{}, err
		}
		outcome, err = s.ended(ctx, c)
		if err != nil || outcome == dialOutcomes["ANSWER"] || outcome == dialOutcomes["CANCEL"] {
			break
		}
	}
	if err == nil {
		err = restore(ctx)
	}
	return outcome, err
}

// ended reads from the channel how Dial ended.
func (s *dialStep) ended(ctx context.Context, c *Call) (Outcome, error) {
	status, err := c.variable(ctx, "DIALSTATUS")
	if err != nil {
		return Outcome{}, err
	}
	result := &dialResult{Status: status}
	if status == "ANSWER" {
		if result.Answered, err = c.secondsVariable(ctx, "ANSWEREDTIME"); err != nil {
			return Outcome{}, err
		}
	}
	if status == "ANSWER" || status == "BUSY" && s.Confirm != nil {
		if result.Peer, err = c.variable(ctx, "DIALEDPEERNAME"); err != nil {
			return Outcome{}, err
		}
	}
	if result.Cause, err = c.number(ctx, "HANGUPCAUSE"); err != nil {
		return Outcome{}, err
	}
	c.SetResult(result)
	outcome, ok := dialOutcomes[status]
	switch {
	case !ok:
		return Outcome{}, Fail("dial.status", fmt.Errorf("asterisk's DIALSTATUS is %q", status))
	case status == "CHANUNAVAIL" && result.Cause == causeRejected:
		// To Dial a phone whose user declined is as unavailable as one that is not
		// there. Only the cause tells.
		return dialOutcomes["DONTCALL"], nil
	case status == "BUSY" && result.Peer != "":
		// Who answered did not confirm: nobody who is busy answers.
		return dialOutcomes["DONTCALL"], nil
	}
	return outcome, nil
}

// causeRejected is Q.850's cause "call rejected", SIP's 603.
const causeRejected = 21

// seconds writes a duration as applications want it: whole seconds, rounded up so
// that a short one does not become "for ever".
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64(math.Ceil(d.Seconds())), 10)
}
