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

// text is text around expressions.
type text []slot

func (t text) eval(vars Vars) (any, error) {
	var b strings.Builder
	for _, part := range t {
		v, err := part.eval(vars)
		if err != nil {
			return nil, err
		}
		s, err := format(v)
		if err != nil {
			e, _ := part.(expression) // constants format without error
			return nil, &EvalError{e.prog.pos, e.prog.text, err}
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
