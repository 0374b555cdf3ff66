package lang

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Value is a slot of text in which ${expression} is replaced, with a result of
// type T. What is written without ${…} is parsed when the app is loaded. A
// Value[any] may also hold lists and mappings, with expressions in their leaves.
// The zero Value is one that was not written and has no default.
type Value[T any] struct {
	key  string
	pos  Pos
	slot slot
}

// defaulter is a field type that takes its default tag itself.
type defaulter interface{ setDefault(key, text string) }

// Literal returns a Value that is always v, for Go code that builds steps.
func Literal[T any](v T) Value[T] { return Value[T]{slot: constant{v}} }

// IsSet reports whether the value was written or has a default.
func (v Value[T]) IsSet() bool { return v.slot != nil }

// Constant returns the value if it was written without expressions.
func (v Value[T]) Constant() (x T, ok bool) {
	c, ok := v.slot.(constant)
	if !ok {
		return x, false
	}
	x, ok = c.value.(T)
	return x, ok
}

// Sample returns the text of the value with part in the place of each expression; ""
// for a list or a mapping.
func (v Value[T]) Sample(part string) string {
	return sampleOf(v.slot, part)
}

func sampleOf(s slot, part string) string {
	switch s := s.(type) {
	case expression:
		return part
	case constant:
		return fmt.Sprint(s.value)
	case text:
		var b strings.Builder
		for _, p := range s.parts {
			b.WriteString(sampleOf(p, part))
		}
		return b.String()
	}
	return ""
}

// Type returns the type that the value will have at run time; nil when that is
// not known at load.
func (v Value[T]) Type() reflect.Type {
	if v.slot == nil {
		return nil
	}
	return v.slot.typ()
}

// Pos returns where the value was written; no place for a default.
func (v Value[T]) Pos() Pos { return v.pos }

// Get evaluates the value; one that is not set gives the zero T. Errors are
// *[EvalError].
func (v Value[T]) Get(vars Vars) (T, error) {
	var zero T
	if v.slot == nil {
		return zero, nil
	}
	raw, err := v.slot.eval(vars)
	if err != nil {
		return zero, err
	}
	x, ok := raw.(T)
	if !ok || reflect.TypeFor[T]().Kind() == reflect.Interface {
		rv, err := convert(reflect.TypeFor[T](), raw)
		if err != nil {
			if e, ok := v.slot.(expression); ok {
				return zero, &EvalError{e.prog.pos, e.prog.text, err}
			}
			return zero, &EvalError{v.pos, v.key, err}
		}
		raw = rv.Interface()
		x, _ = raw.(T)
	}
	if tracer, ok := vars.(Tracer); ok {
		tracer.TraceValue(v.key, raw) // x, without making it an any once more
	}
	return x, nil
}

// DecodeYAML reads the value written at n.
func (v *Value[T]) DecodeYAML(d *Decoder, n Node) {
	v.key, v.pos = d.key, n.Pos()
	v.slot = d.slot(n, reflect.TypeFor[T]())
}

func (v *Value[T]) setDefault(key, text string) {
	x, err := parseText(reflect.TypeFor[T](), text)
	if err != nil {
		panic("lang: bad default of " + key + ": " + text)
	}
	v.key, v.slot = key, constant{x.Interface()}
}

// slot is what a value comes from: a constant, an expression, text around
// expressions, or a list or mapping of slots.
type slot interface {
	eval(vars Vars) (any, error)
	typ() reflect.Type // nil: known only at run time
}

// As returns v as a value of prototype's type, which may be [Any]: literal text is
// parsed, and an expression must have that type. problem says what is wanted and what is
// there; "" when it fits.
func As(v Value[any], prototype any) (as Value[any], problem string) {
	if prototype == Any {
		return v, ""
	}
	t := reflect.TypeOf(prototype)
	switch s := v.slot.(type) {
	case nil: // a problem has been reported
	case constant:
		raw, ok := s.value.(string)
		if !ok {
			raw, _ = format(s.value)
		}
		x, err := parseText(t, raw)
		if err != nil {
			problem = Words(t) + ", not " + strconv.Quote(raw)
			if hint := HintOf(err); hint != "" {
				problem += ": " + hint
			}
			return v, problem
		}
		v.slot = constant{x.Interface()}
	default:
		if got := mismatch(t, s.typ()); got != "" {
			return v, Words(t) + ", not " + got
		}
		v.slot = converted{s, t}
	}
	return v, ""
}
