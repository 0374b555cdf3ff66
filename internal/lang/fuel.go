package lang

import (
	"errors"
	"time"

	"github.com/expr-lang/expr/ast"
)

// Bounds of one evaluation. expr bounds what is allocated, but not the time: lists
// within lists cost their product. So each element that a predicate looks at costs
// one unit of fuel.
const (
	maxFuel       = 100_000
	maxWallTime   = 50 * time.Millisecond
	maxPredicates = 2 // levels of predicates within predicates
)

// errFuel is an evaluation that costs too much.
var errFuel = errors.New("the expression takes too long: it looks at too many elements")

// fuelName is the function that predicates are wrapped in. Nobody can write it: the
// type checker sees the expression before.
const fuelName = "$fuel"

// fuelFunc returns the function that counts for one evaluation.
func fuelFunc() func(any) (any, error) {
	left := maxFuel
	var end time.Time
	return func(v any) (any, error) {
		left--
		switch {
		case left < 0:
			return nil, errFuel
		case left%1024 != 0:
		case end.IsZero():
			end = time.Now().Add(maxWallTime)
		case time.Now().After(end):
			return nil, errFuel
		}
		return v, nil
	}
}

// fuel wraps the bodies of predicates.
type fuel struct{}

func (fuel) Visit(n *ast.Node) {
	p, ok := (*n).(*ast.PredicateNode)
	if !ok {
		return
	}
	if c, ok := p.Node.(*ast.CallNode); ok {
		if id, ok := c.Callee.(*ast.IdentifierNode); ok && id.Value == fuelName {
			return
		}
	}
	p.Node = &ast.CallNode{Callee: &ast.IdentifierNode{Value: fuelName}, Arguments: []ast.Node{p.Node}}
}

// predicateDepth returns how many predicates stand within each other at most.
func predicateDepth(n ast.Node) int {
	var counter depthCounter
	counter.walk(n, 0)
	return counter.most
}

type depthCounter struct{ most int }

func (c *depthCounter) walk(n ast.Node, depth int) {
	if p, ok := n.(*ast.PredicateNode); ok {
		depth++
		n = p.Node
		c.most = max(c.most, depth)
		c.walk(n, depth)
		return
	}
	var room fewParts
	for _, child := range children(n, &room) {
		c.walk(child, depth)
	}
}
