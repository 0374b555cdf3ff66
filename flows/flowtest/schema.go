package flowtest

import (
	"reflect"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// Schema returns the JSON Schema (draft 2020-12) of *.test.yaml files for editors, with
// the outcomes of these verbs.
func Schema(verbs *flows.Verbs) map[string]any {
	s := lang.Schema{Host: verbs}
	return s.Document("https://github.com/pbxflow/pbxflow/test.schema.json", "Tests of a pbxflow app", file{})
}

// anyOf is what fits one of several schemas.
func anyOf(schemas ...any) map[string]any { return map[string]any{"anyOf": schemas} }

// schemaOf is that of a type.
func schemaOf[T any](s *lang.Schema) map[string]any { return s.Of(reflect.TypeFor[T]()) }

// Schema describes a test: a call to a flow, or events for rules.
func (t *test) Schema(s *lang.Schema) map[string]any {
	of := s.Object(t)
	ofFlow := map[string]any{"required": []string{"flow"}, "properties": map[string]any{"expect": map[string]any{"type": []string{"object", "null"}}}}
	of["anyOf"] = []any{
		map[string]any{"required": []string{"rules"}},
		map[string]any{"required": []string{"timeline"}},
		map[string]any{"required": []string{"replay"}},
		ofFlow,
	}
	return of
}

// SchemaWords names it in the reference.
func (*test) SchemaWords() string { return "a test" }

// Schema describes a moment as text: a number is none.
func (*moment) Schema(*lang.Schema) map[string]any {
	return map[string]any{"type": "string", "pattern": `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$`}
}

// SchemaWords names it in the reference.
func (m *moment) SchemaWords() string {
	words, _ := m.LangType()
	return words
}

// Schema describes a number, or a mapping.
func (*caller) Schema(s *lang.Schema) map[string]any {
	return anyOf(schemaOf[string](s), s.Object(&callerKeys{}))
}

// SchemaWords names it in the reference.
func (*caller) SchemaWords() string { return "a number, or a mapping with num and name" }

// Schema describes what is decoded by others: anything.
func (*raw) Schema(*lang.Schema) map[string]any { return map[string]any{} }

// SchemaWords names it in the reference.
func (*raw) SchemaWords() string { return "any value" }

// Schema describes answers by address.
func (*answers) Schema(s *lang.Schema) map[string]any {
	one := anyOf(
		map[string]any{"enum": []string{"timeout", "failed"}}, schemaOf[int](s), map[string]any{"type": "string", "pattern": "^[0-9]+$"},
		s.Object(&answer{}))
	return map[string]any{"type": "object", "additionalProperties": anyOf(one, map[string]any{"type": "array", "items": one})}
}

// SchemaWords names them in the reference.
func (*answers) SchemaWords() string { return "answers by address" }

// Schema describes the end of a call or, of rules, a word.
func (*expected) Schema(s *lang.Schema) map[string]any {
	return anyOf(s.Object(&expectation{}), map[string]any{"type": []string{"string", "null"}})
}

// SchemaWords names it in the reference.
func (*expected) SchemaWords() string { return "a mapping, or a word" }

// Schema describes how verbs end where the script does not say it, and which notices
// are refused.
func (g *given) Schema(s *lang.Schema) map[string]any {
	of := s.Object(g)
	properties := of["properties"].(map[string]any)
	for key, values := range map[string][]string{
		"dial": outcomes(s, "dial"), "queue": outcomes(s, "queue"), "notify": {noticeFailed, noticeUnacknowledged}, "channels": channelStates,
	} {
		properties[key].(map[string]any)["additionalProperties"] = map[string]any{"enum": values}
	}
	return of
}

// SchemaWords names it in the reference.
func (*given) SchemaWords() string { return "what the world is like" }

// outcomes are the names of a verb's outcomes; none if there is no such verb.
func outcomes(s *lang.Schema, verb string) []string {
	v := s.Host.(*flows.Verbs).Lookup(verb)
	if v == nil {
		return nil
	}
	var names []string
	for _, o := range v.Outcomes {
		names = append(names, o.Name)
	}
	return names
}
