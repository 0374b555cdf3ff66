package flowtest

import (
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// Schema describes items: one or a list, each with the keys of one kind.
func (*script) Schema(s *lang.Schema) map[string]any {
	one := s.Define("item", func() map[string]any {
		var bare []string
		var forms []any
		for _, name := range sorted(kinds) {
			if needed[name] == "" {
				bare = append(bare, name)
			}
			forms = append(forms, kindSchema(s, name))
		}
		return anyOf(append([]any{map[string]any{"enum": bare}}, forms...)...)
	})
	return anyOf(one, map[string]any{"type": []string{"array", "null"}, "items": one})
}

// SchemaWords names it in the reference.
func (*script) SchemaWords() string { return "what happens, in order" }

// kindSchema is the schema of items of one kind.
func kindSchema(s *lang.Schema, name string) map[string]any {
	k := kinds[name]
	of := s.Object((&item{}).targets(k)...)
	properties := of["properties"].(map[string]any)
	properties[name] = valueSchema(s, name)
	if list := outcomes(s, name); properties["ends"] != nil && list != nil {
		properties["ends"] = map[string]any{"enum": list, "description": "How it ends."}
	}
	of["description"], of["required"] = k.doc, []string{name}
	return of
}

// valueSchema is the schema of what stands behind the first key of an item.
func valueSchema(s *lang.Schema, name string) map[string]any {
	switch name {
	case "hangup":
		return map[string]any{"enum": leavers}
	case "press":
		return schemaOf[keys](s)
	case "silence":
		return schemaOf[time.Duration](s)
	}
	return schemaOf[texts](s)
}

// Schema describes keys, or keys by the time when they are pressed.
func (*presses) Schema(s *lang.Schema) map[string]any {
	return anyOf(schemaOf[keys](s), map[string]any{
		"type": "object", "additionalProperties": schemaOf[keys](s),
		"propertyNames": schemaOf[time.Duration](s),
	})
}

// SchemaWords names them in the reference.
func (*presses) SchemaWords() string { return "keys, or times with keys" }
