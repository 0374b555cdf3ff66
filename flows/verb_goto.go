package flows

import (
	"context"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var gotoVerb = Verb{
	Name:      "goto",
	Summary:   "Goes on in another flow and does not come back.",
	Doc:       "The `finally` of the flow that is left runs first.",
	Example:   "- goto: other",
	NeedsCall: true, Media: true,
	New: func() Step { return &gotoStep{} },
}

type gotoStep struct {
	Target flowRef `yaml:"goto,required" doc:"The flow."`
	With   Args    `yaml:"with" doc:"Its parameters."`
}

// CheckYAML compares the parameters with those of the flow.
func (g *gotoStep) CheckYAML(d *lang.Decoder, _ lang.Node) {
	if g.Target.flow != nil {
		g.With.check(d, g.Target.pos, g.Target.flow)
	}
}

func (g *gotoStep) effect() effect { return leaving }

func (g *gotoStep) Run(_ context.Context, c *Call) (Outcome, error) {
	c.TraceValue("goto", g.Target.flow.Name)
	vars, err := g.With.values(c, g.Target.flow)
	if err != nil {
		return Outcome{}, err
	}
	return Done, gotoFlow{g.Target.flow, vars}
}

// flowRef is the name of a flow.
type flowRef struct {
	flow *Flow
	pos  lang.Pos
}

// DecodeYAML looks the flow up.
func (r *flowRef) DecodeYAML(d *lang.Decoder, n lang.Node) {
	r.pos = n.Pos()
	flows := namesOf(d).Flows
	r.flow = flows[decodeRef(d, n, "flow", flows)]
}

// Schema describes the name.
func (r *flowRef) Schema(*lang.Schema) map[string]any { return map[string]any{"type": "string"} }

// SchemaWords names it in the reference.
func (r *flowRef) SchemaWords() string { return "the name of a flow" }
