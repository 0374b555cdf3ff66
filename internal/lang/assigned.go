package lang

import (
	"strings"

	"github.com/expr-lang/expr/ast"
)

// checkAssigned reports variables that have no value on some way to this place: those
// that a step names which may be skipped, may fail or stands in a branch. `x?.y`,
// `x ?? y` and what stands behind `x != nil and` are made for that. It reports whether
// there was none.
func (d *Decoder) checkAssigned(n Node, offset int, root ast.Node) bool {
	if d.Path == nil {
		return true
	}
	c := assignedCheck{d: d, at: func(x ast.Node) Pos { return d.posIn(n, offset+x.Location().From) }}
	c.walk(root, d.Path)
	return !c.found
}

type assignedCheck struct {
	d     *Decoder
	at    func(ast.Node) Pos
	found bool
}

// walk looks at a part of an expression that is reached on path.
func (c *assignedCheck) walk(n ast.Node, path *Path) {
	switch n := n.(type) {
	case nil:
	case *ast.IdentifierNode:
		c.check(n, path, "")
	case *ast.ChainNode, *ast.MemberNode:
		c.member(n, path)
	case *ast.BinaryNode:
		c.binary(n, path)
	case *ast.ConditionalNode:
		c.walk(n.Cond, path)
		c.walk(n.Exp1, path.With(factsOf(n.Cond, true)))
		c.walk(n.Exp2, path.With(factsOf(n.Cond, false)))
	case *ast.VariableDeclaratorNode:
		c.walk(n.Value, path)
		c.walk(n.Expr, path.With(Facts{Assigned: []string{n.Name}}))
	default:
		var room fewParts
		for _, child := range children(n, &room) {
			c.walk(child, path)
		}
	}
}

// member looks at a.b.c, where only the first name can lack a value that is not
// dynamic.
func (c *assignedCheck) member(n ast.Node, path *Path) {
	if text, optional, ok := dotted(n); ok {
		if !optional {
			name, rest, _ := strings.Cut(text, ".")
			c.check(firstName(n), path, name+"?."+rest)
		}
		return
	}
	var room fewParts
	for _, child := range children(n, &room) {
		c.walk(child, path)
	}
}

func firstName(n ast.Node) *ast.IdentifierNode {
	for {
		switch x := n.(type) {
		case *ast.IdentifierNode:
			return x
		case *ast.ChainNode:
			n = x.Node
		case *ast.MemberNode:
			n = x.Node
		default:
			return nil
		}
	}
}

func (c *assignedCheck) binary(n *ast.BinaryNode, path *Path) {
	right := path
	switch n.Operator {
	case "and", "&&":
		right = path.With(factsOf(n.Left, true))
	case "or", "||":
		right = path.With(factsOf(n.Left, false))
	case "==", "!=":
		if isNil(n.Left) || isNil(n.Right) {
			return
		}
	case "??":
		if _, ok := n.Left.(*ast.IdentifierNode); ok {
			c.walk(n.Right, path)
			return
		}
	}
	c.walk(n.Left, path)
	c.walk(n.Right, right)
}

// check reports a variable that may have no value. safe is how to read the field all
// the same, "" for the bare name.
func (c *assignedCheck) check(id *ast.IdentifierNode, path *Path, safe string) {
	if id == nil || path.Knows(id.Value) || c.d.Scope.variable(id.Value) == nil {
		return
	}
	c.found = true
	p := c.d.ErrorAt(c.at(id), "maybe-unset", "%q has no value here on some ways: its step may be skipped, fail or stand in a branch", id.Value)
	if safe != "" {
		p.Hint("write %s, and what to take instead behind ??", safe)
		p.Fix = replaceWord(c.at(id), id.Value, id.Value+"?")
		return
	}
	p.Hint("write what to take instead: %s ?? …", id.Value)
}

func isNil(n ast.Node) bool {
	_, ok := n.(*ast.NilNode)
	return ok
}

// factsOf returns what follows when a condition is true, or false.
func factsOf(n ast.Node, truth bool) Facts {
	switch n := n.(type) {
	case *ast.UnaryNode:
		if n.Operator == "not" || n.Operator == "!" {
			return factsOf(n.Node, !truth)
		}
	case *ast.BinaryNode:
		switch n.Operator {
		case "and", "&&":
			if truth {
				return factsOf(n.Left, true).And(factsOf(n.Right, true))
			}
		case "or", "||":
			if !truth {
				return factsOf(n.Left, false).And(factsOf(n.Right, false))
			}
		case "!=", "==":
			if truth == (n.Operator == "!=") {
				return notNil(n)
			}
			return equalsText(n)
		case "in":
			if truth {
				return inTexts(n)
			}
		case "matches":
			if truth {
				return matchesWhole(n)
			}
		}
	}
	return Facts{}
}

// notNil is what follows from x != nil.
func notNil(n *ast.BinaryNode) Facts {
	x := n.Left
	if isNil(x) {
		x = n.Right
	} else if !isNil(n.Right) {
		return Facts{}
	}
	if id, ok := x.(*ast.IdentifierNode); ok {
		return Facts{Assigned: []string{id.Value}}
	}
	return Facts{}
}

// equalsText is what follows from x == "text".
func equalsText(n *ast.BinaryNode) Facts {
	x := n.Left
	if _, ok := x.(*ast.StringNode); ok {
		x = n.Right
	} else if _, ok := n.Right.(*ast.StringNode); !ok {
		return Facts{}
	}
	return proven(x)
}

// inTexts is what follows from x in ["a", "b"].
func inTexts(n *ast.BinaryNode) Facts {
	list, ok := n.Right.(*ast.ArrayNode)
	if !ok {
		return Facts{}
	}
	for _, item := range list.Nodes {
		if _, ok := item.(*ast.StringNode); !ok {
			return Facts{}
		}
	}
	return proven(n.Left)
}

// matchesWhole is what follows from x matches "^…$".
func matchesWhole(n *ast.BinaryNode) Facts {
	pattern, ok := n.Right.(*ast.StringNode)
	if !ok || !strings.HasPrefix(pattern.Value, "^") || !strings.HasSuffix(pattern.Value, "$") || strings.Contains(pattern.Value, "|") {
		return Facts{}
	}
	return proven(n.Left)
}

func proven(n ast.Node) Facts {
	if path, _, ok := dotted(n); ok {
		return Facts{Proven: []string{path}}
	}
	return Facts{}
}
