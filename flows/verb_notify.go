package flows

import (
	"context"
	"fmt"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var notifyVerb = Verb{
	Name:    "notify",
	Summary: "Sends a notice to one of the places under notify.",
	Doc: "A notice that cannot be delivered is tried a few times more. In a rule it then is an error with the id notify.failed. " +
		"A flow does not wait: its notice is sent in the background, and the log tells when it is lost.",
	Example: "- notify: ops\n  text: call from ${call.caller.num}",
	New:     func() Step { return &notifyStep{} },
}

type notifyStep struct {
	To   notifierRef        `yaml:"notify,required" doc:"The name of the place."`
	Text lang.Value[string] `yaml:"text,required" doc:"What to say."`
}

func (s *notifyStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	text, err := s.Text.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	notifier := c.Program.Notifiers[s.To.name]
	c.TraceValue("notify", s.To.name)
	if background := c.engine.Background; background != nil && c.info.ID != "" {
		return c.notifyLater(background, s.To.name, notifier, text)
	}
	if err := c.engine.send(ctx, notifier, text, c.Meta); err != nil {
		if ctx.Err() != nil {
			return Outcome{}, context.Cause(ctx)
		}
		return Outcome{}, Fail("notify.failed", fmt.Errorf("notice to %s: %w", s.To.name, err))
	}
	return Done, nil
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
	return Done, nil
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
