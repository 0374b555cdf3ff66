package lang

import (
	"reflect"
	"strings"
)

// constant is a value known at load.
type constant struct{ value any }

func (c constant) eval(Vars) (any, error) { return c.value, nil }
func (c constant) typ() reflect.Type      { return reflect.TypeOf(c.value) }

// expression is a slot that is exactly one ${…} and keeps its type.
type expression struct{ prog *program }

func (e expression) eval(vars Vars) (any, error) { return e.prog.run(vars) }
func (e expression) typ() reflect.Type           { return e.prog.typ }

// Escaper is a text type whose grammar gives some characters a meaning, such as
// a URL or a dial string. What an expression adds to text around it goes through
// EscapePart, which makes it harmless or refuses it; a value that is exactly one
// ${…} is taken as a whole and not escaped.
type Escaper interface {
	EscapePart(part string) (string, error)
}

// text is text around expressions.
type text struct {
	parts  []slot
	escape func(string) (string, error) // nil: as is
}

func newText(parts []slot, want reflect.Type) text {
	t := text{parts: parts}
	if e, ok := reflect.Zero(want).Interface().(Escaper); ok {
		t.escape = e.EscapePart
	}
	return t
}

func (t text) eval(vars Vars) (any, error) {
	var b strings.Builder
	for _, part := range t.parts {
		v, err := part.eval(vars)
		if err != nil {
			return nil, err
		}
		e, dynamic := part.(expression)
		if v == nil && dynamic && e.prog.optional && t.escape == nil {
			continue // who writes a?.b knows that there may be nothing
		}
		s, err := format(v)
		if dynamic && err == nil && t.escape != nil {
			s, err = t.escape(s)
		}
		if err != nil {
			return nil, &EvalError{e.prog.pos, e.prog.text, err} // constants format without error
		}
		b.WriteString(s)
	}
	return b.String(), nil
}

func (t text) typ() reflect.Type { return reflect.TypeFor[string]() }

// sequence is a list of slots.
type sequence []slot

func (l sequence) eval(vars Vars) (any, error) {
	values := make([]any, len(l))
	for i, s := range l {
		v, err := s.eval(vars)
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	return values, nil
}

func (l sequence) typ() reflect.Type { return reflect.TypeFor[[]any]() }

// mapping is a mapping of slots.
type mapping map[string]slot

func (m mapping) eval(vars Vars) (any, error) {
	values := make(map[string]any, len(m))
	for key, s := range m {
		v, err := s.eval(vars)
		if err != nil {
			return nil, err
		}
		values[key] = v
	}
	return values, nil
}

func (m mapping) typ() reflect.Type { return reflect.TypeFor[map[string]any]() }

// converted gives a slot's value as another type.
type converted struct {
	slot
	to reflect.Type
}

func (c converted) eval(vars Vars) (any, error) {
	v, err := c.slot.eval(vars)
	if err != nil {
		return nil, err
	}
	rv, err := convert(c.to, v)
	if err != nil {
		return nil, err
	}
	return rv.Interface(), nil
}

func (c converted) typ() reflect.Type { return c.to }
