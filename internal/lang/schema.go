package lang

import (
	"maps"
	"reflect"
	"slices"
)

// Schemaer is a type that decodes itself ([Unmarshaler]) and so describes
// itself too.
type Schemaer interface {
	// Schema returns the JSON Schema of what may be written.
	Schema(s *Schema) map[string]any
	// SchemaWords names it in the reference, such as "steps".
	SchemaWords() string
}

// Schema builds one JSON Schema document. Parts that refer to themselves, such
// as steps within steps, are definitions.
type Schema struct {
	// Host carries what the types need to know, as [Decoder.Host] does.
	Host any
	defs map[string]any
}

// Document returns the JSON Schema (draft 2020-12) of root, a struct or a
// pointer to one.
func (s *Schema) Document(id, title string, root any) map[string]any {
	s.defs = map[string]any{}
	doc := s.Of(reflect.TypeOf(root))
	doc["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	doc["$id"], doc["title"] = id, title
	if len(s.defs) > 0 {
		doc["$defs"] = s.defs
	}
	return doc
}

// Define returns a reference to the definition name and makes it by calling
// build, once.
func (s *Schema) Define(name string, build func() map[string]any) map[string]any {
	if _, known := s.defs[name]; !known {
		s.defs[name] = nil // build may refer to it
		s.defs[name] = build()
	}
	return map[string]any{"$ref": "#/$defs/" + name}
}

// Of returns the schema of values of type t.
func (s *Schema) Of(t reflect.Type) map[string]any {
	v := reflect.New(t).Interface()
	if h, ok := v.(slotType); ok {
		slot, held := h.holds()
		if slot == Expression {
			return map[string]any{"type": []string{"string", "boolean", "number"}}
		}
		return s.template(held)
	}
	if d, ok := v.(Schemaer); ok {
		return d.Schema(s)
	}
	if isText(t) {
		return textSchema(t)
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.Of(t.Elem())
	case reflect.Slice:
		item := s.Of(t.Elem())
		return map[string]any{"anyOf": []any{item, map[string]any{"type": "array", "items": item}}}
	case reflect.Map:
		return map[string]any{"type": []string{"object", "null"}, "additionalProperties": s.Of(t.Elem())}
	case reflect.Struct:
		return s.Object(reflect.New(t).Interface())
	}
	return map[string]any{}
}

// Object returns the schema of a mapping with the keys of all the structs that
// the targets point to, as [Decoder.Fields] reads it.
func (s *Schema) Object(targets ...any) map[string]any {
	properties := map[string]any{}
	var required []string
	for _, target := range targets {
		for _, key := range Describe(target) {
			if _, taken := properties[key.Name]; taken {
				continue
			}
			p := s.Of(key.typ)
			if key.Doc != "" {
				p = with(p, "description", key.Doc)
			}
			if key.Default != "" {
				p = with(p, "default", key.Default)
			}
			if key.Enum != nil {
				p = map[string]any{"enum": key.Enum, "description": key.Doc}
			}
			properties[key.Name] = p
			if key.Required {
				required = append(required, key.Name)
			}
		}
	}
	object := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if required != nil {
		object["required"] = slices.Sorted(slices.Values(required))
	}
	return object
}

// template is the schema of a slot that holds a t: a literal of t, or text with
// ${…} in it.
func (s *Schema) template(t reflect.Type) map[string]any {
	if t.Kind() == reflect.Interface {
		return map[string]any{}
	}
	literal := textSchema(t)
	if types, ok := literal["type"].([]string); ok && slices.Contains(types, "string") && literal["pattern"] == nil {
		return literal
	}
	return map[string]any{"anyOf": []any{literal, map[string]any{"type": "string", "pattern": `\$\{`}}}
}

func textSchema(t reflect.Type) map[string]any {
	if d, ok := reflect.New(t).Interface().(Described); ok {
		m := map[string]any{"type": []string{"string", "number"}}
		if _, pattern := d.LangType(); pattern != "" {
			m["pattern"] = pattern
		}
		return m
	}
	if t == durationType {
		return map[string]any{"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$`}
	}
	switch t.Kind() {
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return map[string]any{"type": "integer"}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	}
	// Values are read as written, so 0123 and 2026-12-25 are text as well; an
	// empty value is empty text.
	return map[string]any{"type": []string{"string", "number", "boolean", "null"}}
}

// with returns a copy of m with one more key.
func with(m map[string]any, key string, value any) map[string]any {
	m = maps.Clone(m)
	m[key] = value
	return m
}
