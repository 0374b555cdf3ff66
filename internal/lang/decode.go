package lang

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr/checker/nature"
)

// Decoder fills Go values from nodes and collects the problems it finds. It
// serves one load on one goroutine.
type Decoder struct {
	// Scope holds the names that expressions may use at this place. Who
	// decodes something with its own names sets it and puts it back.
	Scope *Scope
	// Path is what is known at this place because of the way to it; nil where every
	// name has a value. Who decodes what runs on some ways only sets it and puts it
	// back.
	Path *Path
	// Host carries what the decoded types need to know of their world, such
	// as the table of verbs. Its users agree on its type.
	Host any

	problems Problems
	key      string   // the mapping key whose value is being decoded
	enum     []string // the values that key allows; nil: any
	places   places
	natures  nature.Cache // what expr has found out about Go's types
	budget   int          // how many names may still be compared
	tooMany  [2]bool      // by severity: problems were left out
}

// Unmarshaler is a type with its own way to be written. DecodeYAML reports what
// is wrong through d and leaves the receiver usable.
type Unmarshaler interface {
	DecodeYAML(d *Decoder, n Node)
}

// Checker is a struct that has more to say once all its keys are decoded, such
// as that one key needs another.
type Checker interface {
	CheckYAML(d *Decoder, n Node)
}

// NewDecoder returns a decoder whose expressions may use the names of scope.
func NewDecoder(scope *Scope) *Decoder { return &Decoder{Scope: scope} }

// Problems returns what was found so far, sorted by place.
func (d *Decoder) Problems() Problems { return slices.Clone(d.problems).Sort() }

// Errorf records a mistake at n and returns it, to add a suggestion.
func (d *Decoder) Errorf(n Node, id, format string, args ...any) *Problem {
	return d.add(&Problem{Pos: n.Pos(), ID: id, Message: fmt.Sprintf(format, args...)})
}

// ErrorAt records a mistake at a place and returns it, to add a suggestion.
func (d *Decoder) ErrorAt(at Pos, id, format string, args ...any) *Problem {
	return d.add(&Problem{Pos: at, ID: id, Message: fmt.Sprintf(format, args...)})
}

// Warnf records something dubious at n and returns it, to add a suggestion.
func (d *Decoder) Warnf(n Node, id, format string, args ...any) *Problem {
	return d.add(&Problem{Pos: n.Pos(), Severity: Warning, ID: id, Message: fmt.Sprintf(format, args...)})
}

// WarnAt records something dubious at a place and returns it, to add a suggestion.
func (d *Decoder) WarnAt(at Pos, id, format string, args ...any) *Problem {
	return d.add(&Problem{Pos: at, Severity: Warning, ID: id, Message: fmt.Sprintf(format, args...)})
}

// WarnUnused warns of the variables of the scope that no expression reads; where says
// where they are not read. A name that begins with _ is meant to be unused.
func (d *Decoder) WarnUnused(where string) {
	for _, name := range slices.Sorted(maps.Keys(d.Scope.vars)) {
		if v := d.Scope.vars[name]; !v.Used && !strings.HasPrefix(name, "_") {
			d.WarnAt(v.Pos, "never-used", "%q is never used %s", name, where).Hint("remove it")
		}
	}
}

// Soundly runs decode and then drops the warnings that it gave if it also reported an
// error: who misspelt a name does not want to hear that the right one is never used.
func (d *Decoder) Soundly(decode func()) {
	before := len(d.problems)
	decode()
	later := d.problems[before:]
	if later.Err() == nil {
		return
	}
	errs := slices.DeleteFunc(slices.Clone(later), func(p *Problem) bool { return p.Severity == Warning })
	d.problems = append(d.problems[:before], errs...)
}

// Bounds on what is told at once: problems, of which further ones are mostly more of the
// same, and names that are compared to find out what was meant by them.
const (
	maxProblems = 1000
	maxCompared = 1_000_000
)

func (d *Decoder) add(p *Problem) *Problem {
	p.budget = &d.budget
	if d.budget == 0 {
		d.budget = maxCompared
	}
	if len(d.problems) < maxProblems {
		d.problems = append(d.problems, p)
		return p
	}
	p.budget = new(int) // nobody sees it
	if !d.tooMany[p.Severity] {
		d.tooMany[p.Severity] = true
		d.problems = append(d.problems, &Problem{
			Pos: p.Pos, Severity: p.Severity, ID: "too-many-problems", budget: p.budget,
			Message: "there are more problems than these", Suggestion: "correct some of them first",
		})
	}
	return p
}

// Hint gives a suggestion to the problem of that kind at a key, if there is one.
func (d *Decoder) Hint(key Node, id, format string, args ...any) {
	for _, p := range d.problems {
		if p.ID == id && p.Pos == key.Pos() {
			p.Hint(format, args...)
		}
	}
}

// Apart decodes something that stands elsewhere, with a scope and a host of its own, and
// then goes on as before.
func (d *Decoder) Apart(scope *Scope, host any, decode func()) {
	outerScope, outerHost, path := d.Scope, d.Host, d.Path
	d.Scope, d.Host, d.Path = scope, host, nil
	d.within("", nil, decode)
	d.Scope, d.Host, d.Path = outerScope, outerHost, path
}

// Decode fills into, a non-nil pointer, from n.
func (d *Decoder) Decode(n Node, into any) {
	d.decode(n, reflect.ValueOf(into).Elem())
}

// DecodeAs decodes like Decode the value of a key or name; messages speak of it by
// that.
func (d *Decoder) DecodeAs(key string, n Node, into any) {
	d.within(key, nil, func() { d.Decode(n, into) })
}

func (d *Decoder) decode(n Node, v reflect.Value) {
	if u, ok := v.Addr().Interface().(Unmarshaler); ok {
		u.DecodeYAML(d, n)
		return
	}
	if isText(v.Type()) {
		d.decodeText(n, v)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.decode(n, v.Elem())
	case reflect.Struct:
		if n.IsNull() {
			n = EmptyMapping(n) // the keys below are commented out
		}
		d.Fields(n, v.Addr().Interface())
	case reflect.Map:
		d.decodeMap(n, v)
	case reflect.Slice:
		d.decodeSlice(n, v)
	default:
		panic(fmt.Sprintf("lang: %s cannot be decoded from YAML", v.Type()))
	}
}

// decodeText reads a literal: what is written as is, without ${…}.
func (d *Decoder) decodeText(n Node, v reflect.Value) {
	if !n.IsScalar() {
		d.Errorf(n, "wrong-type", "%s wants %s, not %s", d.what(), Words(v.Type()), n.shape())
		return
	}
	if d.tagged(n) {
		return
	}
	if strings.Contains(n.Value, "${") {
		d.Errorf(n, "no-expression", "%s must be known when the app is loaded: ${…} is not allowed here", d.what())
		return
	}
	if x, ok := d.literal(n, v.Type(), n.Value); ok {
		v.Set(x)
	}
}

// literal parses the text of n as a t and checks it against the key's enum.
func (d *Decoder) literal(n Node, t reflect.Type, text string) (reflect.Value, bool) {
	if d.enum != nil && !slices.Contains(d.enum, text) {
		d.Errorf(n, "not-one-of", "%s is %q, but can only be %s", d.what(), text, list(d.enum)).Suggest(text, d.enum)
		return reflect.Value{}, false
	}
	x, err := parseText(t, text)
	if err != nil {
		p := d.Errorf(n, "wrong-type", "%s wants %s, not %q", d.what(), Words(t), text)
		if e, ok := errors.AsType[*textError](err); ok {
			p.Suggestion = e.hint
			if e.instead != "" {
				p.Fix = plainFix(n, e.instead)
			}
			if e.message != "" {
				p.Message = d.what() + ": " + e.message
			}
		}
		return reflect.Value{}, false
	}
	return x, true
}

func (d *Decoder) decodeMap(n Node, v reflect.Value) {
	m := reflect.MakeMap(v.Type())
	v.Set(m)
	if n.IsNull() {
		return
	}
	if !n.IsMapping() {
		d.Errorf(n, "wrong-type", "%s wants a mapping (name: value), not %s", d.what(), n.shape())
		return
	}
	for _, p := range d.Unique(n) {
		item := reflect.New(v.Type().Elem()).Elem()
		d.within(p.Key.Value, nil, func() { d.decode(p.Value, item) })
		m.SetMapIndex(reflect.ValueOf(p.Key.Value).Convert(v.Type().Key()), item)
	}
}

// decodeSlice reads a list; a single item may be written without the list.
func (d *Decoder) decodeSlice(n Node, v reflect.Value) {
	items := n.Items()
	if !n.IsList() && !n.IsNull() {
		items = []Node{n}
	}
	s := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, item := range items {
		d.decode(item, s.Index(i))
	}
	v.Set(s)
}

// Unique returns the pairs of the mapping n and reports keys that are written
// twice or are not plain text; only the first of each is returned.
func (d *Decoder) Unique(n Node) []Pair {
	seen := map[string]Node{}
	var unique []Pair
	for _, p := range n.Pairs() {
		if !p.Key.IsScalar() {
			d.Errorf(p.Key, "wrong-type", "a key must be text, not %s", p.Key.shape())
			continue
		}
		if first, twice := seen[p.Key.Value]; twice {
			d.Errorf(p.Key, "duplicate-key", "%q is written twice here", p.Key.Value).
				Hint("the first one is on line %d", first.Line)
			continue
		}
		seen[p.Key.Value] = p.Key
		unique = append(unique, p)
	}
	return unique
}

// within decodes under the name of a key, for messages and traces.
func (d *Decoder) within(key string, enum []string, decode func()) {
	oldKey, oldEnum := d.key, d.enum
	d.key, d.enum = key, enum
	decode()
	d.key, d.enum = oldKey, oldEnum
}

// what names the value being decoded.
func (d *Decoder) what() string {
	if d.key == "" {
		return "this"
	}
	return fmt.Sprintf("%q", d.key)
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
