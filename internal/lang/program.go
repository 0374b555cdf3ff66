package lang

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

// Vars gives expressions their values at run time. Lookup is asked only for
// names that the expression uses and that its [Scope] held at load; a nested
// [Names] is a map[string]any.
type Vars interface {
	Lookup(name string) any
}

// Tracer is a Vars that wants to know what every slot came to: the key as
// written in the file and the value used. It is how traces learn a step's
// arguments.
type Tracer interface {
	TraceValue(key string, value any)
}

// program is one compiled expression. It is immutable and safe for concurrent
// use.
type program struct {
	text string
	pos  Pos
	code *vm.Program
	uses []string
	typ  reflect.Type // nil when only known at run time
}

// maxExprNodes bounds the size of one expression; the longest useful one that
// we know of has a fifth of this.
const maxExprNodes = 500

// compile compiles text, whose first rune is rune number offset of n's value.
// A mistake is reported through d and gives nil.
func (d *Decoder) compile(n Node, text string, offset int) *program {
	env := d.Scope.env()
	options := append([]expr.Option{
		expr.Env(env), expr.MaxNodes(maxExprNodes), expr.Patch(durationLiterals{}),
	}, functionOptions()...)
	code, err := expr.Compile(text, options...)
	if err != nil {
		d.exprProblem(n, text, offset, err)
		return nil
	}
	var names identifiers
	root := code.Node()
	ast.Walk(&root, &names)
	if slices.Contains(names, "$env") {
		d.add(&Problem{
			Pos: n.posIn(offset), ID: "unknown-name", Message: "there is no $env here",
			Suggestion: "use the names themselves",
		})
		return nil
	}
	p := &program{text: text, pos: n.posIn(offset), code: code, typ: code.Node().Type()}
	if p.typ != nil && p.typ.Kind() == reflect.Interface {
		p.typ = nil
	}
	for name := range env {
		if slices.Contains(names, name) {
			p.uses = append(p.uses, name)
		}
	}
	return p
}

// run evaluates the program. Errors are *[EvalError].
func (p *program) run(vars Vars) (any, error) {
	env := make(map[string]any, len(p.uses))
	for _, name := range p.uses {
		env[name] = vars.Lookup(name)
	}
	v, err := expr.Run(p.code, env)
	if err != nil {
		return nil, &EvalError{Pos: p.pos, Expr: p.text, Err: plainError(err)}
	}
	return v, nil
}

// EvalError is an expression that failed at run time.
type EvalError struct {
	Pos  Pos
	Expr string
	Err  error
}

// Error returns the place, the expression and what went wrong.
func (e *EvalError) Error() string { return fmt.Sprintf("%s: %s: %v", e.Pos, e.Expr, e.Err) }

// Unwrap returns the error of the evaluation.
func (e *EvalError) Unwrap() error { return e.Err }

// plainError drops the snippet that expr adds: the place is told by us.
func plainError(err error) error {
	fe, ok := errors.AsType[*file.Error](err)
	if !ok {
		return err
	}
	// A nil pointer on the way to a field surfaces as an error of reflect.
	if _, internal := errors.AsType[*reflect.ValueError](fe.Prev); fe.Prev == nil || internal {
		return errors.New(runtimeMessage(fe.Message))
	}
	return fe.Prev
}

// identifiers collects the names that an expression mentions.
type identifiers []string

func (ids *identifiers) Visit(n *ast.Node) {
	if id, ok := (*n).(*ast.IdentifierNode); ok {
		*ids = append(*ids, id.Value)
	}
}

// durationLiterals makes "30s" beside a duration a duration, so that authors
// write call.rang > "5s". A text that is no duration is left alone, and the type
// checker then refuses the comparison.
type durationLiterals struct{}

func (durationLiterals) Visit(n *ast.Node) {
	b, ok := (*n).(*ast.BinaryNode)
	if !ok {
		return
	}
	patch := func(beside ast.Node, literal *ast.Node) {
		s, ok := (*literal).(*ast.StringNode)
		if !ok || beside.Type() != durationType {
			return
		}
		if d, err := time.ParseDuration(s.Value); err == nil {
			ast.Patch(literal, &ast.ConstantNode{Value: d})
			(*literal).SetType(durationType)
		}
	}
	patch(b.Left, &b.Right)
	patch(b.Right, &b.Left)
}

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
		d.Errorf(n, "yaml-tag", "YAML reads !%s as a tag, not as part of the expression", word).Hint("write: not %s", word)
		return
	case n.IsNull() || strings.TrimSpace(n.Value) == "":
		d.Errorf(n, "empty-expression", "%s wants an expression", d.what())
		return
	case strings.Contains(n.Value, "${"):
		index := len([]rune(n.Value[:strings.Index(n.Value, "${")]))
		d.add(&Problem{
			Pos: n.posIn(index), ID: "expression-slot",
			Message:    fmt.Sprintf("%s is an expression already; ${…} belongs into text", d.what()),
			Suggestion: "write: " + strings.NewReplacer("${", "", "}", "").Replace(n.Value),
		})
		return
	}
	before := len(d.problems)
	prog := d.compile(n, n.Value, 0)
	if prog == nil {
		if n.LineComment != "" && n.IsPlain() {
			d.problems[before].Hint("YAML cut the expression at %q: put it in quotes", " "+firstWord(n.LineComment))
		}
		return
	}
	if problem := mismatch(want, prog.typ); problem != "" {
		p := d.Errorf(n, "wrong-type", "%s wants %s, but this is %s", d.what(), Words(want), problem)
		if fields := fieldsLike(want, prog.typ); len(fields) > 0 {
			p.Hint("write %s.%s", strings.TrimSpace(n.Value), fields[0])
		}
		return
	}
	if want.Kind() == reflect.Bool && prog.typ == nil {
		d.Errorf(n, "wrong-type", "%s wants true or false, but the type of this is only known in the call", d.what()).
			Hint("compare it: %s == true", n.Value)
		return
	}
	e.prog = prog
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

func firstWord(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return word
}
