package lang

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Fields fills the structs that the targets point to from the keys of the
// mapping n. A key belongs to the first target that has it; a key that none has
// is a problem, as is a missing required one. Keys are decoded in the order
// of the targets and their fields, not in the order written, so that what
// declares a name can come before what uses it.
func (d *Decoder) Fields(n Node, targets ...any) {
	if !n.IsMapping() {
		p := d.Errorf(n, "wrong-type", "%s wants a mapping (key: value), not %s", d.what(), n.shape())
		if f := fieldsOf(reflect.TypeOf(targets[0]).Elem()); n.IsScalar() && len(f) > 0 && f[0].required {
			p.Hint("write { %s: %s }", f[0].key, n.Value)
		}
		return
	}
	values := map[string]Node{}
	for _, p := range d.Unique(n) {
		values[p.Key.Value] = p.Value
	}
	known, misspelt := unknownKeys(values, targets)
	taken := map[string]bool{}
	for _, target := range targets {
		v := reflect.ValueOf(target).Elem()
		for _, f := range fieldsOf(v.Type()) {
			if taken[f.key] {
				continue
			}
			taken[f.key] = true
			f.required = f.required && !misspelt[f.key]
			d.decodeField(n, values[f.key], f, v.FieldByIndex(f.index))
		}
	}
	for _, p := range n.Pairs() {
		if !taken[p.Key.Value] {
			d.unknownKey(p.Key, known, targets)
		}
	}
	for _, target := range targets {
		if c, ok := target.(Checker); ok {
			c.CheckYAML(d, n)
		}
	}
}

// unknownKeys returns the keys of the targets if one that is written is none of them, and
// what such ones are likely meant to be.
func unknownKeys(written map[string]Node, targets []any) (known []string, meant map[string]bool) {
	for key := range written {
		if slices.ContainsFunc(targets, func(target any) bool { return hasKey(target, key) }) {
			continue
		}
		if known == nil {
			known, meant = keysOf(targets), map[string]bool{}
		}
		meant[Nearest(key, known)] = true
	}
	return known, meant
}

func hasKey(target any, key string) bool {
	return slices.ContainsFunc(fieldsOf(reflect.TypeOf(target).Elem()), func(f field) bool { return f.key == key })
}

// keysOf returns the keys of the structs that the targets point to.
func keysOf(targets []any) []string {
	var keys []string
	for _, target := range targets {
		for _, f := range fieldsOf(reflect.TypeOf(target).Elem()) {
			if !slices.Contains(keys, f.key) {
				keys = append(keys, f.key)
			}
		}
	}
	return keys
}

func (d *Decoder) decodeField(parent, value Node, f field, v reflect.Value) {
	d.within(f.key, f.enum, func() {
		switch {
		case f.required && isEmptyList(value, v):
			d.Errorf(value, "missing-value", "%q is empty: write %s", f.key, f.short())
		case !value.IsZero():
			d.decode(value, v)
		case f.required:
			d.Errorf(parent, "missing-key", "%q is missing: %s", f.key, f.short())
		case f.def != "":
			d.decodeDefault(f, v)
		case hasDefaults(v):
			d.Fields(EmptyMapping(parent), v.Addr().Interface())
		}
	})
}

// decodeDefault fills v from the default tag. A default that does not parse is
// a mistake in our own code, so it panics.
func (d *Decoder) decodeDefault(f field, v reflect.Value) {
	if s, ok := v.Addr().Interface().(defaulter); ok {
		s.setDefault(f.key, f.def)
		return
	}
	x, err := parseText(v.Type(), f.def)
	if err != nil {
		panic(fmt.Sprintf("lang: default of %s: %v", f.key, err))
	}
	v.Set(x)
}

// hasDefaults reports whether v is a struct whose keys can all be left out, so that
// the whole can be as well.
func hasDefaults(v reflect.Value) bool {
	_, own := v.Addr().Interface().(Unmarshaler)
	return v.Kind() == reflect.Struct && !own && !isText(v.Type()) &&
		!slices.ContainsFunc(fieldsOf(v.Type()), func(f field) bool { return f.required })
}

// isEmptyList reports whether nothing is written where v wants a list. A list type
// that decodes itself knows what that means.
func isEmptyList(n Node, v reflect.Value) bool {
	_, own := v.Addr().Interface().(Unmarshaler)
	return v.Kind() == reflect.Slice && !own && (n.IsNull() || n.IsList() && len(n.Items()) == 0)
}

// KeyHinter is a struct that knows words of other systems for its keys, and says what
// they are here; "" for none.
type KeyHinter interface{ HintKey(key string) string }

func (d *Decoder) unknownKey(key Node, known []string, targets []any) {
	p := d.Errorf(key, "unknown-key", "there is no key %q here", key.Value)
	for _, target := range targets {
		if h, ok := target.(KeyHinter); ok && h.HintKey(key.Value) != "" {
			p.Hint("here that is %s", h.HintKey(key.Value))
			return
		}
	}
	if p.Suggest(key.Value, known); p.Suggestion == "" {
		p.Hint("allowed are %s", list(known))
	}
}

// short is the first sentence of the documentation, to stand within a message.
func (f field) short() string {
	sentence, _, _ := strings.Cut(f.doc, ". ")
	return lowerFirst(strings.TrimSuffix(sentence, "."))
}
