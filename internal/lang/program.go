package lang

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/optimizer"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/types"
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
	text  string
	pos   Pos
	code  *vm.Program
	uses  []string
	fuel  bool         // it has predicates, whose work is counted
	typ   reflect.Type // nil when only known at run time
	taint string       // the dotted path of text from outside that the value is made of; "" if none

	constant            bool  // it comes to the same always
	optional            bool  // it reads a?.b, which is nothing where a is
	whenTrue, whenFalse Facts // what follows when it is true or false
}

// Bounds on one expression; the longest useful one that we know of has a fifth of
// this. The length is bounded as well, since nesting is paid for before parts are counted.
const (
	maxExprNodes = 500
	maxExprBytes = 10_000
)

// compile compiles text, whose first rune is rune number offset of n's value.
// A mistake is reported through d and gives nil.
func (d *Decoder) compile(n Node, text string, offset int) *program {
	if len(text) > maxExprBytes {
		d.ErrorAt(d.posIn(n, offset), "expression-cost", "the expression is too long: it has %d characters, and at most %d are read", len(text), maxExprBytes)
		return nil
	}
	env := d.Scope.env(text)
	tree, config, err := d.parseExpr(text, env, durationLiterals{})
	if err != nil {
		d.exprProblem(n, text, offset, err)
		return nil
	}
	p := &program{text: text, pos: d.posIn(n, offset), typ: tree.Node.Type()}
	if p.typ != nil && p.typ.Kind() == reflect.Interface {
		p.typ = nil
	}
	if !d.inspect(n, offset, p, tree.Node) {
		return nil
	}
	if p.fuel {
		env[fuelName] = types.TypeOf(fuelFunc())
		if tree, config, err = d.parseExpr(text, env, durationLiterals{}, fuel{}); err != nil {
			d.exprProblem(n, text, offset, err)
			return nil
		}
	}
	// Optimizing rewrites the tree, so what is asked of it comes before.
	if err = optimizer.Optimize(&tree.Node, config); err == nil {
		p.code, err = compiler.Compile(tree, config)
	}
	if err != nil {
		d.exprProblem(n, text, offset, err)
		return nil
	}
	p.constant = p.constant || isConstant(tree.Node)
	return p
}

// parseExpr parses text and checks its types in an environment. Visitors see the tree
// with its types.
func (d *Decoder) parseExpr(text string, env types.Map, visitors ...ast.Visitor) (*parser.Tree, *conf.Config, error) {
	config := *baseConfig()
	config.NtCache = d.natures
	config.WithEnv(env)
	config.Visitors = visitors
	tree, err := checker.ParseCheck(text, &config)
	d.natures = config.NtCache
	return tree, &config, err
}

// baseConfig holds what all expressions have in common: an app has tens of thousands.
// What it refers to is only read.
var baseConfig = sync.OnceValue(func() *conf.Config {
	config := conf.CreateNew()
	for _, option := range append(functionOptions(), expr.MaxNodes(maxExprNodes)) {
		option(config)
	}
	for name := range config.Disabled {
		delete(config.Builtins, name)
	}
	return config
})

// inspect notes what follows from an expression besides its type, and reports what is
// wrong with it all the same. It reports whether the expression can be used.
func (d *Decoder) inspect(n Node, offset int, p *program, root ast.Node) bool {
	var names identifiers
	ast.Walk(&root, &names)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if name == "$env" {
			d.add(&Problem{
				Pos: p.pos, ID: "unknown-name", Message: "there is no $env here",
				Suggestion: "use the names themselves",
			})
			return false
		}
		if _, ok := d.Scope.Lookup(name); ok {
			p.uses = append(p.uses, name)
			d.Scope.use(name)
		}
	}
	p.constant = len(names) == 0
	depth := predicateDepth(root)
	if depth > maxPredicates {
		d.add(&Problem{
			Pos: p.pos, ID: "expression-cost",
			Message:    fmt.Sprintf("more than %d conditions on lists stand within each other: the work is their product", maxPredicates),
			Suggestion: "set an intermediate value first",
		})
		return false
	}
	p.fuel = depth > 0
	_, p.optional, _ = dotted(root)
	d.checkValues(n, offset, root)
	d.checkSense(n, offset, root)
	p.taint = d.taint(root)
	p.whenTrue, p.whenFalse = factsOf(root, true), factsOf(root, false)
	return d.checkAssigned(n, offset, root)
}

// isConstant reports whether an optimized expression is always the same.
func isConstant(n ast.Node) bool {
	switch n.(type) {
	case *ast.BoolNode, *ast.ConstantNode, *ast.IntegerNode, *ast.FloatNode, *ast.StringNode, *ast.NilNode:
		return true
	}
	return false
}

// run evaluates the program. Errors are *[EvalError].
func (p *program) run(vars Vars) (any, error) {
	env := make(map[string]any, len(p.uses)+1)
	for _, name := range p.uses {
		env[name] = vars.Lookup(name)
	}
	if p.fuel {
		env[fuelName] = fuelFunc()
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

// durationLiterals makes "30s" beside a duration a duration, and as an argument that is
// one, so that authors write call.rang > "5s". A text that is no duration is left alone, and the type
// checker then refuses the comparison.
type durationLiterals struct{}

func (durationLiterals) Visit(n *ast.Node) {
	switch n := (*n).(type) {
	case *ast.BinaryNode:
		patchDuration(n.Left.Type(), &n.Right)
		patchDuration(n.Right.Type(), &n.Left)
	case *ast.CallNode:
		f := n.Callee.Type()
		if f == nil || f.Kind() != reflect.Func || f.IsVariadic() || f.NumIn() != len(n.Arguments) {
			return
		}
		for i := range n.Arguments {
			patchDuration(f.In(i), &n.Arguments[i])
		}
	}
}

// patchDuration makes a text that should be a duration one.
func patchDuration(want reflect.Type, literal *ast.Node) {
	s, ok := (*literal).(*ast.StringNode)
	if !ok || want != durationType {
		return
	}
	if d, err := time.ParseDuration(s.Value); err == nil {
		ast.Patch(literal, &ast.ConstantNode{Value: d})
		(*literal).SetType(durationType)
	}
}
