package lang

import (
	"maps"
	"strings"
)

// Path is what is known at a place of a flow because of the way that leads there:
// which variables have a value, and which texts have been shown to be harmless. The
// nil Path knows nothing and doubts nothing, as in a rule, where every name has a
// value. A Path is immutable.
type Path struct {
	assigned map[string]bool // names of variables
	proven   map[string]bool // dotted paths, such as call.caller.num
}

// NewPath returns the path to a place where the given variables have values.
func NewPath(names ...string) *Path {
	return new(Path).With(Facts{Assigned: names})
}

// Facts are what a condition or a step adds to a [Path].
type Facts struct {
	// Assigned are names of variables that have a value.
	Assigned []string
	// Proven are dotted paths whose text is harmless.
	Proven []string
}

// And returns both facts together.
func (f Facts) And(g Facts) Facts {
	return Facts{append(f.Assigned[:len(f.Assigned):len(f.Assigned)], g.Assigned...), append(f.Proven[:len(f.Proven):len(f.Proven)], g.Proven...)}
}

// With returns the path on which f is known too. A variable that gets another value
// loses what was proven of the old one.
func (p *Path) With(f Facts) *Path {
	if p == nil || len(f.Assigned)+len(f.Proven) == 0 {
		return p
	}
	q := &Path{maps.Clone(p.assigned), maps.Clone(p.proven)}
	if q.assigned == nil {
		q.assigned, q.proven = map[string]bool{}, map[string]bool{}
	}
	for _, name := range f.Assigned {
		q.assigned[name] = true
	}
	for _, path := range f.Proven {
		q.proven[path] = true
	}
	return q
}

// Assign returns the path behind an assignment to a variable: it has a value, of
// which nothing is proven.
func (p *Path) Assign(name string) *Path {
	if p == nil {
		return nil
	}
	q := p.With(Facts{Assigned: []string{name}})
	maps.DeleteFunc(q.proven, func(path string, _ bool) bool {
		return path == name || strings.HasPrefix(path, name+".")
	})
	return q
}

// Knows reports whether a variable has a value for sure.
func (p *Path) Knows(name string) bool { return p == nil || p.assigned[name] }

// trusts reports whether the text at a dotted path was proven harmless.
func (p *Path) trusts(path string) bool { return p != nil && p.proven[path] }
