package lang

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr/checker/nature"
	"github.com/expr-lang/expr/types"
)

// Names says which names expressions may use and of what type each is: a zero
// value of the Go type, further Names for a dotted name, or [Any] for
// a value known only at run time. A function is a nil func of its type.
// Fields of structs are named by their `expr` tags.
type Names map[string]any

// Any is the type of a name whose values are only known at run time, such as
// decoded JSON.
var Any any = anyValue{}

type anyValue struct{}

// Scope is a set of names that grows while an app is decoded: a step's `as`
// declares a name for the steps after it. It is not safe for concurrent use.
type Scope struct {
	parent *Scope
	names  Names
	vars   map[string]*Variable // those of the names that the author declared
	// outside are names under which everything comes from outside.
	outside map[string]bool
	values  map[string][]string   // by dotted path
	missing map[string]string     // why a name is not here that one could expect
	types   map[string]types.Type // of names, as far as they were asked for
	// partial is set when some names may be missing because a file could not
	// be read; unknown ones are then no problem.
	partial bool
}

// NewScope returns a scope with the given names.
func NewScope(names Names) *Scope { return &Scope{names: maps.Clone(names)} }

// Child returns a scope that also has names. What is declared in the child is
// unknown to its parent.
func (s *Scope) Child(names Names) *Scope {
	c := &Scope{parent: s, names: maps.Clone(names), partial: s.partial}
	if c.names == nil {
		c.names = Names{}
	}
	return c
}

// SetPartial marks the scope, and children made later, as lacking names because
// a file could not be read: unknown ones are then not reported.
func (s *Scope) SetPartial() { s.partial = true }

// Partial reports whether names may be missing.
func (s *Scope) Partial() bool { return s.partial }

// Declare adds a name, or gives a known one a new type.
func (s *Scope) Declare(name string, prototype any) {
	s.names[name] = prototype
	delete(s.types, name)
}

// Variable is a name that an author declared.
type Variable struct {
	Name string
	Pos  Pos // where it was declared first
	Used bool
	// Untrusted says that its text comes from outside as it is.
	Untrusted bool
}

// DeclareVariable adds a name that the author wrote at a place, or gives a known one a
// new type and a new value. Whether it has a value on some path is what [Decoder.Path]
// knows.
func (s *Scope) DeclareVariable(name string, prototype any, at Pos) *Variable {
	s.Declare(name, prototype)
	if v := s.variable(name); v != nil {
		v.Untrusted = false
		return v
	}
	if s.vars == nil {
		s.vars = map[string]*Variable{}
	}
	v := &Variable{Name: name, Pos: at}
	s.vars[name] = v
	return v
}

// Adopt gives the parent the variables of the scope and returns their names, sorted.
func (s *Scope) Adopt() []string {
	names := slices.Sorted(maps.Keys(s.vars))
	for _, name := range names {
		v := s.parent.DeclareVariable(name, s.names[name], s.vars[name].Pos)
		v.Untrusted, v.Used = v.Untrusted || s.vars[name].Untrusted, v.Used || s.vars[name].Used
	}
	return names
}

// Missing says why a name is not here, for the message when somebody uses it.
func (s *Scope) Missing(name, why string) {
	if s.missing == nil {
		s.missing = map[string]string{}
	}
	s.missing[name] = why
}

func (s *Scope) whyMissing(name string) string {
	for ; s != nil; s = s.parent {
		if why := s.missing[name]; why != "" {
			return why
		}
	}
	return ""
}

// variable returns the variable that name stands for; nil for any other name.
func (s *Scope) variable(name string) *Variable {
	for ; s != nil; s = s.parent {
		if v, ok := s.vars[name]; ok {
			return v
		}
		if _, other := s.names[name]; other {
			return nil
		}
	}
	return nil
}

func (s *Scope) use(name string) {
	if v := s.variable(name); v != nil {
		v.Used = true
	}
}

// Lookup returns what name stands for.
func (s *Scope) Lookup(name string) (prototype any, ok bool) {
	for ; s != nil; s = s.parent {
		if p, ok := s.names[name]; ok {
			return p, true
		}
	}
	return nil, false
}

// outermost reports whether name is declared in the scope that has no parent: that
// of the whole app.
func (s *Scope) outermost(name string) bool {
	for ; s.parent != nil; s = s.parent {
		if _, ok := s.names[name]; ok {
			return false
		}
	}
	return true
}

// All returns every name in sight, sorted.
func (s *Scope) All() []string {
	all := map[string]bool{}
	for ; s != nil; s = s.parent {
		for name := range s.names {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// env returns the scope as expr's typed environment for an expression. Names that its
// text does not hold are left out: most expressions use one or two of many.
func (s *Scope) env(text string) types.Map {
	env := types.Map{}
	for ; s != nil; s = s.parent {
		for name, p := range s.names {
			if _, hidden := env[name]; !hidden && strings.Contains(text, name) {
				env[name] = s.typeOf(name, p)
			}
		}
	}
	return env
}

// typeOf returns the type of a name of the scope. Most are asked for again and again.
func (s *Scope) typeOf(name string, prototype any) types.Type {
	t, known := s.types[name]
	if !known {
		t = exprType(prototype)
		if m, nested := t.(types.Map); nested {
			t = settled{m, m.Nature()}
		}
		if s.types == nil {
			s.types = map[string]types.Type{}
		}
		s.types[name] = t
	}
	return t
}

// settled is a type whose fields have been looked at once and for all.
type settled struct {
	types.Map
	nature nature.Nature
}

// Nature returns what expr knows of the type.
func (s settled) Nature() nature.Nature { return s.nature }

func exprType(prototype any) types.Type {
	switch p := prototype.(type) {
	case anyValue:
		return types.Any
	case Names:
		m := types.Map{}
		for name, p := range p {
			m[name] = exprType(p)
		}
		return m
	}
	t := reflect.TypeOf(prototype)
	if t.Kind() == reflect.Struct && t != timeType {
		// expr cannot look up the fields of a struct inside a types.Map (its
		// type cache is missing there), but follows a pointer. At run time it
		// takes either.
		return types.TypeOf(reflect.Zero(reflect.PointerTo(t)).Interface())
	}
	return types.TypeOf(prototype)
}

// members lists the fields below a prototype; nil when it has none that are
// known at load.
func members(prototype any) Names {
	switch p := prototype.(type) {
	case nil, anyValue:
		return nil
	case Names:
		return p
	case reflect.Type:
		return structNames(p)
	}
	return structNames(reflect.TypeOf(prototype))
}

func structNames(t reflect.Type) Names {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == timeType {
		return nil
	}
	names := Names{}
	for _, f := range reflect.VisibleFields(t) {
		name := f.Tag.Get("expr")
		if name == "-" || !f.IsExported() || f.Anonymous {
			continue
		}
		if name == "" {
			name = f.Name
		}
		names[name] = f.Type // members understands a reflect.Type
	}
	return names
}

// resolve follows a dotted path from the scope and returns what it stands for.
func (s *Scope) resolve(path string) (any, bool) {
	parts := strings.Split(path, ".")
	p, ok := s.Lookup(parts[0])
	for _, part := range parts[1:] {
		if !ok {
			return nil, false
		}
		p, ok = members(p)[part]
	}
	return p, ok
}
