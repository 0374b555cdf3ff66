package flows

import (
	"context"
	"fmt"
	"strings"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var (
	notifyDone           = Outcome{Name: "done", Doc: "The notice was sent."}
	notifyAcknowledged   = Outcome{Name: "acknowledged", Doc: "Somebody at a phone pressed the key."}
	notifyUnacknowledged = Outcome{Name: "unacknowledged", Doc: "Phones were called, and nobody pressed the key.", Failure: true}
)

var notifyVerb = Verb{
	Name:    "notify",
	Summary: "Sends a notice to one of the places under notify.",
	Doc: "A notice that cannot be delivered is tried a few times more. In a rule it then is an error with the id notify.failed. " +
		"A flow does not wait, unless it says `wait: true`: its notice is sent in the background, and the log tells when it is lost.\n\n" +
		"A phone is called over the manager session and plays the notice: the sounds of the place, then `play` and `say`, until somebody presses the key. " +
		"Asterisk does not read text aloud, so `text` is only for the log. [More about phones](../notices.md).",
	Example:  "- notify: ops\n  text: call from ${call.caller.num}",
	Outcomes: []Outcome{notifyDone, notifyAcknowledged, notifyUnacknowledged},
	Result:   (*notifyResult)(nil), ResultAlways: true,
	New: func() Step { return &notifyStep{} },
}

type notifyStep struct {
	To   notifierRef         `yaml:"notify,required" doc:"The name of the place."`
	Text lang.Value[string]  `yaml:"text,required" doc:"What to say."`
	Play []lang.Value[Sound] `yaml:"play" doc:"Sounds that a phone plays."`
	Say  lang.Value[string]  `yaml:"say" doc:"What a phone says behind them, such as a number."`
	Type string              `yaml:"type" enum:"digits,number,alpha,phonetic,date,time,datetime" doc:"How to say it, as in the verb say."`
	Wait lang.Value[bool]    `yaml:"wait" default:"false" doc:"Whether a flow waits until the notice is sent, or acknowledged at a phone."`
}

type notifyResult struct {
	By string `expr:"by" doc:"the phone where the notice was acknowledged; empty otherwise"`
}

// CheckYAML reports what only a phone can do, what is not waited for, and a phone that
// would say nothing.
func (s *notifyStep) CheckYAML(d *lang.Decoder, n lang.Node) {
	notifier, names := namesOf(d).Notifiers[s.To.name], namesOf(d)
	if notifier == nil {
		return // which has been reported
	}
	switch typ := n.Lookup("type"); {
	case !s.Say.IsSet() && !typ.IsZero():
		d.Errorf(typ, "no-effect", "nothing is said of which this is the type").Hint("write say: and what")
	case s.Say.IsSet() && typ.IsZero():
		d.Errorf(n.Lookup("say"), "missing-key", "it is not said how to say it").Hint("write type: number, or digits for one by one")
	default:
		if text, ok := s.Say.Constant(); ok && s.Type != "" {
			if err := s.sayStep().fits(text); err != nil {
				d.ErrorAt(s.Say.Pos(), "wrong-type", "%v", err).Hint("%s", sayTypes[s.Type].example)
			}
		}
	}
	if !notifier.isPhone() {
		for _, key := range []string{"play", "say"} {
			if option := n.Lookup(key); !option.IsZero() {
				d.Errorf(option, "no-effect", "only a phone can %s something, and %s is none", key, s.To.name)
			}
		}
	} else if len(notifier.Play)+len(s.Play) == 0 && !s.Say.IsSet() {
		d.Errorf(n, "missing-key", "%s is a phone, and nothing is played there", s.To.name).Hint("write play: and a sound, here or under notify")
	}
	wait, constant := s.Wait.Constant()
	if names.place == inRule && !n.Lookup("wait").IsZero() {
		d.Warnf(n.Lookup("wait"), "no-effect", "a rule waits for its notices anyway").Hint("remove it")
	}
	for _, pair := range n.Lookup("on").Pairs() {
		switch outcome := pair.Key.Value; {
		case outcome != notifyAcknowledged.Name && outcome != notifyUnacknowledged.Name:
		case !notifier.isPhone():
			d.Warnf(pair.Key, "no-effect", "a notice is acknowledged at a phone only, and %s is none", s.To.name).Hint("remove it")
		case names.place != inRule && constant && !wait:
			d.Warnf(pair.Key, "no-effect", "a flow does not wait until its notice is acknowledged").Hint("write wait: true")
		}
	}
}

func (s *notifyStep) sayStep() *sayStep { return &sayStep{Type: s.Type} }

func (s *notifyStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	c.SetResult(&notifyResult{})
	text, err := s.Text.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	wait, err := s.Wait.Get(untraced{c})
	if err != nil {
		return Outcome{}, err
	}
	notifier := c.Program.Notifiers[s.To.name]
	c.TraceValue("notify", s.To.name)
	later := c.engine.Background
	if wait || c.info.ID == "" {
		later = nil
	}
	if notifier.isPhone() {
		outcome, err := s.phone(ctx, c, notifier, text, later)
		if err == nil && !wait && c.info.ID != "" {
			return notifyDone, nil // in a test nothing goes on in the background
		}
		return outcome, err
	}
	if later != nil {
		return c.notifyLater(later, s.To.name, notifier, text)
	}
	if err := c.engine.send(ctx, notifier, text, c.Meta); err != nil {
		return Outcome{}, s.failed(ctx, err)
	}
	return notifyDone, nil
}

// failed is that the notice was not sent, or what ended the step.
func (s *notifyStep) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return Fail("notify.failed", fmt.Errorf("notice to %s: %w", s.To.name, err))
}

// phone has the notice said on phones, in the background if later is not nil.
func (s *notifyStep) phone(ctx context.Context, c *Call, n *Notifier, text string, later *Background) (Outcome, error) {
	m := message{say: *s.sayStep()}
	var err error
	m.sounds = soundNames(c, s.Play, &err)
	if evaluate(c, s.Say, &m.said, &err); err != nil {
		return Outcome{}, err
	}
	if s.Say.IsSet() {
		if err := m.say.fits(m.said); err != nil {
			return Outcome{}, Fail("say.text", err)
		}
	}
	if c.engine.CallPhones != nil {
		by, err := c.engine.CallPhones(ctx, s.To.name, text)
		if err != nil && later == nil {
			return Outcome{}, s.failed(ctx, err)
		}
		return s.phoned(c, phoned{by: by}), nil
	}
	p, err := c.phoneNotice(ctx, n, m)
	if err != nil {
		return Outcome{}, s.failed(ctx, err)
	}
	if later == nil {
		result, err := c.engine.callPhones(ctx, p)
		c.TraceValue("called", strings.Join(result.calls, ", "))
		if err != nil {
			return Outcome{}, s.failed(ctx, err)
		}
		return s.phoned(c, result), nil
	}
	engine, logger, to := c.engine, c.Logger.With("to", s.To.name, "text", text), s.To.name
	if !later.do(func(ctx context.Context) {
		switch result, err := engine.callPhones(ctx, p); {
		case err != nil:
			logger.Error("notice is lost", "called", result.calls, "error", err)
		case result.by == "":
			logger.Warn("nobody acknowledged the notice", "called", result.calls)
		default:
			logger.Info("notice acknowledged", "by", result.by)
		}
	}) {
		return Outcome{}, s.failed(ctx, fmt.Errorf("too much goes on in the background to call %s", to))
	}
	return notifyDone, nil
}

// phoned is the outcome of a notice to phones that was waited for.
func (s *notifyStep) phoned(c *Call, result phoned) Outcome {
	if result.by == "" {
		return notifyUnacknowledged
	}
	c.SetResult(&notifyResult{By: result.by})
	return notifyAcknowledged
}

// notifyLater sends a notice of a flow, whose caller does not wait for it.
func (c *Call) notifyLater(background *Background, name string, n *Notifier, text string) (Outcome, error) {
	engine, meta, logger := c.engine, c.Meta, c.Logger
	if !background.send(func(ctx context.Context) {
		if err := engine.send(ctx, n, text, meta); err != nil {
			logger.Error("notice is lost", "to", name, "error", err)
			return
		}
		logger.Debug("notice sent", "to", name)
	}) {
		return Outcome{}, Fail("notify.failed", fmt.Errorf("notice to %s: too many others wait to be sent", name))
	}
	return notifyDone, nil
}

// notifierRef is the name of a notifier.
type notifierRef struct{ name string }

// DecodeYAML looks the notifier up.
func (r *notifierRef) DecodeYAML(d *lang.Decoder, n lang.Node) {
	r.name = decodeRef(d, n, "notifier", namesOf(d).Notifiers)
}

// Schema describes the name.
func (r *notifierRef) Schema(*lang.Schema) map[string]any { return map[string]any{"type": "string"} }

// SchemaWords names it in the reference.
func (r *notifierRef) SchemaWords() string { return "the name of a notifier" }
