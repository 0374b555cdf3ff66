package lang

import (
	"github.com/expr-lang/expr/ast"
)

// fewParts is room for the parts of most nodes, which [children] fills.
type fewParts [3]ast.Node

// children returns the parts of an expression's node, in room if they fit in there.
func children(n ast.Node, room *fewParts) []ast.Node {
	few := room[:0]
	switch n := n.(type) {
	case *ast.UnaryNode:
		return append(few, n.Node)
	case *ast.BinaryNode:
		return append(few, n.Left, n.Right)
	case *ast.ChainNode:
		return append(few, n.Node)
	case *ast.MemberNode:
		return append(few, n.Node, n.Property)
	case *ast.SliceNode:
		return appendPresent(few, n.Node, n.From, n.To)
	case *ast.CallNode:
		return append(append(few, n.Callee), n.Arguments...)
	case *ast.BuiltinNode:
		return n.Arguments
	case *ast.PredicateNode:
		return append(few, n.Node)
	case *ast.VariableDeclaratorNode:
		return append(few, n.Value, n.Expr)
	case *ast.SequenceNode:
		return n.Nodes
	case *ast.ConditionalNode:
		return append(few, n.Cond, n.Exp1, n.Exp2)
	case *ast.ArrayNode:
		return n.Nodes
	case *ast.MapNode:
		return n.Pairs
	case *ast.PairNode:
		return append(few, n.Key, n.Value)
	}
	return nil
}

func appendPresent(list []ast.Node, nodes ...ast.Node) []ast.Node {
	for _, n := range nodes {
		if n != nil {
			list = append(list, n)
		}
	}
	return list
}

// dotted returns the path that a node reads, such as call.caller.num, and whether the
// way from its first name on is optional (crm?.json). ok is false for anything else.
func dotted(n ast.Node) (path string, optional, ok bool) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return n.Value, false, true
	case *ast.ChainNode:
		return dotted(n.Node)
	case *ast.MemberNode:
		key, isText := n.Property.(*ast.StringNode)
		path, optional, ok = dotted(n.Node)
		if !ok || !isText {
			return "", false, false
		}
		if _, first := n.Node.(*ast.IdentifierNode); first {
			optional = n.Optional
		}
		return path + "." + key.Value, optional, true
	}
	return "", false, false
}
