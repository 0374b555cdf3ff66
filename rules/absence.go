package rules

import (
	"github.com/pbxflow/pbxflow/internal/lang"
)

// absences are events that must not follow, each with a condition.
type absences struct {
	events
	where map[string]lang.Cond // by event; an event without one counts always
}

// DecodeYAML reads one name, a list, or a mapping from names to conditions.
func (a *absences) DecodeYAML(d *lang.Decoder, n lang.Node) {
	if !n.IsMapping() {
		a.events.decode(d, n)
		return
	}
	a.where = map[string]lang.Cond{}
	for _, pair := range d.Unique(n) {
		names := a.events.decodeName(d, pair.Key)
		if pair.Value.IsScalar() && pair.Value.Value == "true" {
			continue
		}
		outer := d.Scope
		d.Scope = outer.Child(names)
		if names == nil {
			d.Scope.SetPartial()
		}
		var where lang.Cond
		d.Decode(pair.Value, &where)
		a.where[pair.Key.Value] = where
		d.Scope = outer
	}
}

// Schema describes the three forms.
func (a *absences) Schema(s *lang.Schema) map[string]any {
	conditions := map[string]any{
		"type": "object", "propertyNames": map[string]any{"enum": allEvents()},
		"additionalProperties": map[string]any{"type": []string{"string", "boolean"}},
	}
	return map[string]any{"anyOf": []any{a.events.Schema(s), conditions}}
}

// SchemaWords names them in the reference.
func (a *absences) SchemaWords() string {
	return "the name of an event, a list, or names with conditions"
}
