package lang

import (
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
)

// Expr is a slot that holds a bare expression with a result of type T. The
// zero Expr is one that was not written.
type Expr[T any] struct {
	key  string
	prog *program
}

// Cond is a condition: an expression that is true or false.
type Cond = Expr[bool]

// IsSet reports whether the expression was written, and correctly.
func (e Expr[T]) IsSet() bool { return e.prog != nil }

// Pos returns where the expression was written; no place when it was not.
func (e Expr[T]) Pos() Pos {
	if e.prog == nil {
		return Pos{}
	}
	return e.prog.pos
}

// Type returns the type that the expression will have at run time; nil when it was
// not written or that is not known at load.
func (e Expr[T]) Type() reflect.Type {
	if e.prog == nil {
		return nil
	}
	return e.prog.typ
}

// String returns the expression as written.
func (e Expr[T]) String() string {
	if e.prog == nil {
		return ""
	}
	return e.prog.text
}

// Get evaluates the expression; one that is not set gives the zero T.
func (e Expr[T]) Get(vars Vars) (T, error) {
	var zero T
	if e.prog == nil {
		return zero, nil
	}
	v, err := e.prog.run(vars)
	if err != nil {
		return zero, err
	}
	t, err := convert(reflect.TypeFor[T](), v)
	if err != nil {
		return zero, &EvalError{e.prog.pos, e.prog.text, err}
	}
	x, _ := t.Interface().(T) // a nil any stays the zero T
	if tracer, ok := vars.(Tracer); ok {
		tracer.TraceValue(e.key, x)
	}
	return x, nil
}

// DecodeYAML compiles the expression written at n.
func (e *Expr[T]) DecodeYAML(d *Decoder, n Node) {
	e.key = d.key
	want := reflect.TypeFor[T]()
	switch {
	case !n.IsScalar():
		d.Errorf(n, "wrong-type", "%s wants an expression, not %s", d.what(), n.shape())
		return
	case strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!"):
		word := strings.TrimPrefix(n.Tag, "!")
		d.Errorf(n, "yaml-tag", "YAML reads !%s as a tag, not as part of the expression", word).Hint("write: not %s", word).Fix = &Fix{n.Pos(), n.Tag, "not " + word}
		return
	case n.IsNull() || strings.TrimSpace(n.Value) == "":
		d.Errorf(n, "empty-expression", "%s wants an expression", d.what())
		return
	case strings.Contains(n.Value, "${"):
		index := len([]rune(n.Value[:strings.Index(n.Value, "${")]))
		p := d.ErrorAt(d.posIn(n, index), "expression-slot", "%s is an expression already; ${…} belongs into text", d.what())
		if p.Fix = d.unwrapped(n); p.Fix != nil {
			p.Hint("write: %s", p.Fix.New)
		}
		return
	}
	before := len(d.problems)
	prog := d.compile(n, n.Value, 0)
	if prog == nil {
		if len(d.problems) > before {
			d.hintCut(d.problems[before], n)
		}
		return
	}
	if problem := mismatch(want, prog.typ); problem != "" {
		p := d.Errorf(n, "wrong-type", "%s wants %s, but this is %s", d.what(), Words(want), problem)
		hintCondition(p, strings.TrimSpace(n.Value), want, prog.typ)
		return
	}
	if want.Kind() == reflect.Bool && prog.typ == nil {
		d.Errorf(n, "wrong-type", "%s wants true or false, but the type of this is only known in the call", d.what()).
			Hint("compare it: %s == true", n.Value)
		return
	}
	if want.Kind() == reflect.Bool && prog.constant && len(d.problems) == before {
		d.Warnf(n, "constant-condition", "this is always the same: it reads nothing that changes").
			Hint("remove the condition, or compare with a name")
	}
	e.prog = prog
}

// Facts returns what follows when a condition is true, or when it is false.
func (e Expr[T]) Facts(truth bool) Facts {
	switch {
	case e.prog == nil:
		return Facts{}
	case truth:
		return e.prog.whenTrue
	}
	return e.prog.whenFalse
}

// Reads returns the dotted paths that the expression reads, such as call.caller.num, and
// the names of functions that are values; sorted.
func (e Expr[T]) Reads() []string {
	if e.prog == nil {
		return nil
	}
	tree, err := parser.Parse(e.prog.text)
	if err != nil {
		return nil // it was compiled, so there is none
	}
	var paths []string
	var walk func(n ast.Node)
	walk = func(n ast.Node) {
		if path, _, ok := dotted(n); ok {
			paths = append(paths, path)
			return
		}
		var room fewParts
		for _, child := range children(n, &room) {
			walk(child)
		}
	}
	walk(tree.Node)
	slices.Sort(paths)
	return slices.Compact(paths)
}

// Possible returns which texts the value can be, as the scope says of a name or field; nil
// for any.
func (e Expr[T]) Possible(s *Scope) []string {
	if paths := e.Reads(); len(paths) == 1 && paths[0] == strings.TrimSpace(e.String()) {
		return s.valuesOf(paths[0])
	}
	return nil
}

// Constant reports whether the expression always comes to the same.
func (e Expr[T]) Constant() bool { return e.prog != nil && e.prog.constant }

// hintCondition says how to make what is wanted of an expression.
func hintCondition(p *Problem, text string, want, t reflect.Type) {
	fields := fieldsLike(want, t)
	switch {
	case len(fields) > 0:
		p.Hint("write %s.%s", text, fields[0])
	case want.Kind() != reflect.Bool:
	case t == durationType:
		p.Hint(`compare it: %s > "30s"`, text)
	case isNumber(t):
		p.Hint("compare it: %s > 0", text)
	case t.Kind() == reflect.String:
		p.Hint(`compare it: %s != ""`, text)
	}
}

// fieldsLike returns the fields of a t that are a want, sorted.
func fieldsLike(want, t reflect.Type) []string {
	var names []string
	for name, field := range structNames(t) {
		if field == want {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
