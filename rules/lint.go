package rules

import (
	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// Lint warns of what can only be seen once all rules are decoded: steps that make no
// sense together, and two rules that do the same at the same time.
func Lint(d *lang.Decoder, rules []*Rule) {
	first := map[string]*Rule{}
	for _, r := range rules {
		flows.LintSteps(d, r.keys.Do.Steps, r.keys.Resolved.Steps)
		if r.does == "[]" || r.does == "" {
			continue // it is not written yet
		}
		same := r.hash + r.does
		if other := first[same]; other != nil {
			d.WarnAt(r.Pos, "same-rule", "this rule fires when %s does, and does the same", other.Name).Hint("remove one of them")
			continue
		}
		first[same] = r
	}
}
