package lang

import (
	"reflect"
	"strings"
)

// Key describes one key of a mapping for the reference and the JSON Schema.
type Key struct {
	Name     string
	Doc      string
	Wants    string // the type in the author's words
	Default  string
	Enum     []string
	Required bool
	Slot     Slot

	typ reflect.Type
}

// Slot says how a key's value is written.
type Slot int

const (
	// Fixed is literal text, decided when the app is loaded.
	Fixed Slot = iota
	// Template is text in which ${expression} is replaced.
	Template
	// Expression is a bare expression.
	Expression
	// Nested holds further steps or mappings.
	Nested
)

// Describe lists the keys that the struct v (or a pointer to it) is written
// with, in the order of its fields.
func Describe(v any) []Key {
	t := reflect.TypeOf(v)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var keys []Key
	for _, f := range fieldsOf(t) {
		slot, words := describeType(f.typ)
		keys = append(keys, Key{
			Name: f.key, Doc: f.doc, Wants: words, Default: f.def, Enum: f.enum,
			Required: f.required, Slot: slot, typ: f.typ,
		})
	}
	return keys
}

// slotType is implemented by Value and Expr to tell what they hold.
type slotType interface{ holds() (Slot, reflect.Type) }

func (v *Value[T]) holds() (Slot, reflect.Type) { return Template, reflect.TypeFor[T]() }
func (e *Expr[T]) holds() (Slot, reflect.Type)  { return Expression, reflect.TypeFor[T]() }

func describeType(t reflect.Type) (Slot, string) {
	v := reflect.New(t).Interface()
	if h, ok := v.(slotType); ok {
		slot, held := h.holds()
		if slot == Expression && held.Kind() == reflect.Bool {
			return slot, "a condition"
		}
		if slot == Expression {
			return slot, "an expression"
		}
		return slot, Words(held)
	}
	if s, ok := v.(Schemaer); ok {
		return Nested, s.SchemaWords()
	}
	switch t.Kind() {
	case reflect.Slice:
		slot, words := describeType(t.Elem())
		return slot, words + ", or a list of it"
	case reflect.Map:
		slot, words := describeType(t.Elem())
		return slot, "names, each with " + words
	case reflect.Struct:
		if !isText(t) {
			return Nested, "a mapping"
		}
	case reflect.Pointer:
		return describeType(t.Elem())
	}
	return Fixed, Words(t)
}

// exprFields lists the fields that expressions can read from v, by their expr
// and doc tags, as name, type and doc.
func exprFields(t reflect.Type, prefix string) []Field {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var fields []Field
	for _, f := range reflect.VisibleFields(t) {
		name := f.Tag.Get("expr")
		if name == "" || name == "-" || !f.IsExported() {
			continue
		}
		ft := f.Type
		if ft.Kind() == reflect.Pointer {
			ft = ft.Elem()
		}
		if ft.Kind() == reflect.Struct && ft != timeType && !isText(ft) {
			fields = append(fields, exprFields(ft, prefix+name+".")...)
			continue
		}
		fields = append(fields, Field{Name: prefix + name, Type: strings.TrimPrefix(Words(f.Type), "a "), Doc: f.Tag.Get("doc")})
	}
	return fields
}

// Field is one value that expressions can read, such as caller.num of a call.
type Field struct{ Name, Type, Doc string }

// Fields lists what expressions can read from the struct v by its `expr` and
// `doc` tags; nested structs give dotted names.
func Fields(v any) []Field { return exprFields(reflect.TypeOf(v), "") }
