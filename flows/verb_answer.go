package flows

import (
	"context"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var answerVerb = Verb{
	Name:      "answer",
	Summary:   "Answers the call.",
	Doc:       "Sound reaches the caller only on an answered call. Answering an answered call does nothing.",
	Example:   "- answer",
	NeedsCall: true, Media: true,
	New: func() Step { return &answerStep{} },
}

type answerStep struct {
	None nothing `yaml:"answer"`
}

func (*answerStep) answers(Outcome) bool { return true }

func (*answerStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	return Done, c.Session.Answer(ctx)
}

// nothing is the main argument of a verb that has none.
type nothing struct{}

// DecodeYAML refuses a value.
func (*nothing) DecodeYAML(d *lang.Decoder, n lang.Node) {
	if !n.IsNull() {
		d.Errorf(n, "wrong-type", "this verb takes no value").Hint("leave it empty")
	}
}

// Schema describes the empty value.
func (*nothing) Schema(*lang.Schema) map[string]any { return map[string]any{"type": "null"} }

// SchemaWords names it in the reference.
func (*nothing) SchemaWords() string { return "nothing" }
