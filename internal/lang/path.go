package lang

import (
	"maps"
	"slices"
	"strings"
)

// Path is what is known at a place of a flow because of the way that leads there:
// which variables have a value, and which texts have been shown to be harmless. The
// nil Path knows nothing and doubts nothing, as in a rule, where every name has a
// value. A Path is immutable.
type Path struct {
	before   *Path           // knows of further assignments; nil for none
	assigned map[string]bool // names of variables
	proven   map[string]bool // dotted paths, such as call.caller.num
}

// maxLayer is how many assignments a Path copies; those before it are kept in another.
const maxLayer = 32

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
	return Facts{slices.Concat(f.Assigned, g.Assigned), slices.Concat(f.Proven, g.Proven)}
}

// With returns the path on which f is known too.
func (p *Path) With(f Facts) *Path {
	if p == nil || len(f.Assigned)+len(f.Proven) == 0 {
		return p
	}
	q := &Path{p.before, p.assigned, p.proven}
	if len(f.Assigned) > 0 {
		if len(p.assigned) >= maxLayer {
			q.before, q.assigned = p, nil
		}
		q.assigned = added(q.assigned, f.Assigned)
	}
	if len(f.Proven) > 0 {
		q.proven = added(q.proven, f.Proven)
	}
	return q
}

// added is a copy of a set with more in it.
func added(set map[string]bool, more []string) map[string]bool {
	bigger := make(map[string]bool, len(set)+len(more))
	maps.Copy(bigger, set)
	for _, s := range more {
		bigger[s] = true
	}
	return bigger
}

// Assign returns the path behind an assignment to a variable: it has a value, of
// which nothing is proven.
func (p *Path) Assign(name string) *Path {
	if p == nil {
		return nil
	}
	of := func(path string) bool { return path == name || strings.HasPrefix(path, name+".") }
	var lost bool
	for path := range p.proven {
		lost = lost || of(path)
	}
	q := p
	if !p.Knows(name) {
		q = p.With(Facts{Assigned: []string{name}})
	}
	if lost {
		q = &Path{q.before, q.assigned, maps.Clone(q.proven)}
		maps.DeleteFunc(q.proven, func(path string, _ bool) bool { return of(path) })
	}
	return q
}

// Knows reports whether a variable has a value for sure.
func (p *Path) Knows(name string) bool {
	if p == nil {
		return true
	}
	for q := p; q != nil; q = q.before {
		if q.assigned[name] {
			return true
		}
	}
	return false
}

// Proves reports whether a dotted path is among what is proven for sure.
func (p *Path) Proves(path string) bool { return p.trusts(path) }

// trusts reports whether the text at a dotted path was proven harmless.
func (p *Path) trusts(path string) bool { return p != nil && p.proven[path] }
