package flows_test

import (
	"testing"

	"github.com/pbxflow/pbxflow/flows"
)

// BenchmarkStep measures the overhead of a step that does next to nothing.
func BenchmarkStep(b *testing.B) {
	for _, bench := range []struct{ name, step string }{
		{"log", "log: hello"},
		{"text", "log: number ${n} calls"},
		{"set", "set: { n: \"${n + 1}\" }"},
		{"if", "if: n > 1\n          then: []"},
		{"skip", "log: hello\n          when: n < 0"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			text := "flows:\n  main:\n    params: { n: int }\n    steps:\n"
			for range 100 {
				text += "        - " + bench.step + "\n"
			}
			program := load(b, text).Program
			var engine flows.Engine
			steps := program.Flows["main"].Steps
			b.ReportAllocs()
			for n := 0; n < b.N; n += len(steps) {
				if _, err := engine.RunSteps(b.Context(), program, steps, map[string]any{"n": 7}, flows.Meta{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
