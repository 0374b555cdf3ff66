package rules

import (
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// group gathers notices.
type group struct {
	Wait time.Duration  `yaml:"wait,required" doc:"How long to gather."`
	By   lang.Expr[any] `yaml:"by" doc:"What tells one group from another; all of the rule's are one if left out."`
}

// DecodeYAML reads a duration or a mapping.
func (g *group) DecodeYAML(d *lang.Decoder, n lang.Node) {
	if !n.IsMapping() {
		d.Decode(n, &g.Wait)
		return
	}
	d.Fields(n, g)
}

// Schema describes the two forms.
func (g *group) Schema(s *lang.Schema) map[string]any {
	type keys group
	return map[string]any{"anyOf": []any{map[string]any{"type": "string"}, s.Object(&keys{})}}
}

// SchemaWords names it in the reference.
func (g *group) SchemaWords() string { return "a duration, or a mapping with by and wait" }
