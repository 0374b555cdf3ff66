package lang

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/expr-lang/expr/ast"
)

// Dangerous is a text type into which nobody outside may write: what stands there is
// done. Text that a caller or another program chose is refused in it, unless the way to
// it shows that it has the right form. Danger names the place, such as "a dial string".
//
// Where such text comes from is told by the tag `trust:"no"` of the fields that
// expressions read.
type Dangerous interface{ Danger() string }

// PartlyDangerous is a Dangerous type in which some places are harmless, because what is
// put there is escaped: behind the host of a web address. Harmless gets the text before an
// expression, with x for each expression in it, and whether the expression is the whole value.
// Form is a pattern of what is harmless anywhere.
type PartlyDangerous interface {
	Dangerous
	Harmless(before string, whole bool) bool
	Form() string
}

// checkTaint reports text from outside in a dangerous slot.
func (d *Decoder) checkTaint(parts []slot, want reflect.Type) {
	dangerous, ok := reflect.Zero(want).Interface().(Dangerous)
	if !ok {
		return
	}
	partly, _ := dangerous.(PartlyDangerous)
	before, form := "", "^[0-9+]{3,15}$"
	if partly != nil {
		form = partly.Form()
	}
	for _, part := range parts {
		here := before
		before += sampleOf(part, "x")
		e, ok := part.(expression)
		if !ok || e.prog.taint == "" || !mayBeText(e.prog.typ) || partly != nil && partly.Harmless(here, len(parts) == 1) {
			continue
		}
		d.ErrorAt(e.prog.pos, "untrusted", "%s comes from outside, and %s does what it says", e.prog.taint, dangerous.Danger()).
			Hint(`show its form first: when: %s matches "%s"`, e.prog.taint, form)
	}
}

// taint returns the dotted path of the text from outside that the expression's value is
// made of; "" when there is none.
func (d *Decoder) taint(n ast.Node) string {
	if path, _, ok := dotted(n); ok {
		if d.Path.trusts(path) || !d.Scope.untrusted(path) {
			return ""
		}
		return path
	}
	switch n := n.(type) {
	case *ast.BinaryNode:
		if n.Operator == "+" || n.Operator == "??" {
			return d.firstTaint(n.Left, n.Right)
		}
		return "" // a comparison or a number
	case *ast.ConditionalNode:
		outer := d.Path
		defer func() { d.Path = outer }()
		d.Path = outer.With(factsOf(n.Cond, true))
		first := d.taint(n.Exp1)
		d.Path = outer.With(factsOf(n.Cond, false))
		if second := d.taint(n.Exp2); first == "" {
			return second
		}
		return first
	case *ast.CallNode:
		if id, ok := n.Callee.(*ast.IdentifierNode); ok && id.Value == "digits" {
			return "" // nothing but digits is left
		}
	case *ast.PredicateNode:
		return "" // its elements were looked at where the list is
	}
	var room fewParts
	return d.firstTaint(children(n, &room)...)
}

func (d *Decoder) firstTaint(nodes ...ast.Node) string {
	for _, n := range nodes {
		if t := d.taint(n); t != "" {
			return t
		}
	}
	return ""
}

// Tainted returns the dotted path of the text from outside that the value is made of;
// "" when there is none.
func (v Value[T]) Tainted() string { return taintOf(v.slot) }

func taintOf(s slot) string {
	switch s := s.(type) {
	case expression:
		if mayBeText(s.prog.typ) {
			return s.prog.taint
		}
	case converted:
		if mayBeText(s.to) {
			return taintOf(s.slot)
		}
	case text:
		return firstTainted(s.parts)
	case sequence:
		return firstTainted(s)
	case mapping:
		for _, key := range slices.Sorted(maps.Keys(s)) {
			if t := taintOf(s[key]); t != "" {
				return t
			}
		}
	}
	return ""
}

func firstTainted(slots []slot) string {
	for _, s := range slots {
		if t := taintOf(s); t != "" {
			return t
		}
	}
	return ""
}

// mayBeText reports whether values of t can be chosen text; numbers and times cannot.
func mayBeText(t reflect.Type) bool {
	return t == nil || t.Kind() == reflect.String || t.Kind() == reflect.Interface ||
		t.Kind() == reflect.Slice || t.Kind() == reflect.Map
}

// Distrust says that whatever stands under a name or a dotted path comes from outside.
func (s *Scope) Distrust(name string) {
	if s.outside == nil {
		s.outside = map[string]bool{}
	}
	s.outside[name] = true
}

func (s *Scope) distrusts(name string) bool {
	for ; s != nil; s = s.parent {
		if s.outside[name] {
			return true
		}
	}
	return false
}

// untrusted reports whether the text at a dotted path comes from outside.
func (s *Scope) untrusted(path string) bool {
	names := strings.Split(path, ".")
	if v := s.variable(names[0]); v != nil && v.Untrusted {
		return true
	}
	for i := range names {
		if s.distrusts(strings.Join(names[:i+1], ".")) {
			return true
		}
	}
	prototype, ok := s.Lookup(names[0])
	if !ok {
		return false
	}
	t := reflect.TypeOf(prototype)
	for _, name := range names[1:] {
		for t != nil && t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t == nil || t.Kind() != reflect.Struct {
			return false
		}
		field, ok := exprField(t, name)
		if !ok {
			return false
		}
		if field.Tag.Get("trust") == "no" {
			return true
		}
		t = field.Type
	}
	return anyUntrusted(t)
}

// anyUntrusted reports whether a value as a whole holds text from outside.
func anyUntrusted(t reflect.Type) bool {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil || t.Kind() != reflect.Struct || t == timeType {
		return false
	}
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() && f.Tag.Get("trust") == "no" || f.Anonymous && anyUntrusted(f.Type) {
			return true
		}
	}
	return false
}

var exprFieldCache sync.Map // reflect.Type → map[string]reflect.StructField

// exprField returns the field that expressions read under a name.
func exprField(t reflect.Type, name string) (reflect.StructField, bool) {
	cached, ok := exprFieldCache.Load(t)
	if !ok {
		fields := map[string]reflect.StructField{}
		for _, f := range reflect.VisibleFields(t) {
			tag := f.Tag.Get("expr")
			if _, hidden := fields[tag]; f.IsExported() && tag != "" && !hidden {
				fields[tag] = f
			}
		}
		cached, _ = exprFieldCache.LoadOrStore(t, fields)
	}
	f, ok := cached.(map[string]reflect.StructField)[name]
	return f, ok
}
