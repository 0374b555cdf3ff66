package lang

import (
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// checkSense warns of what can be evaluated and makes no sense: comparisons whose
// outcome is known, patterns that nothing has, texts looked for among numbers.
func (d *Decoder) checkSense(n Node, offset int, root ast.Node) {
	s := senseCheck{d: d, at: func(x ast.Node) Pos { return d.posIn(n, offset+x.Location().From) }}
	s.walk(root)
}

type senseCheck struct {
	d  *Decoder
	at func(ast.Node) Pos
}

func (s *senseCheck) walk(n ast.Node) {
	switch n := n.(type) {
	case *ast.BinaryNode:
		s.binary(n)
	case *ast.ConditionalNode:
		if n.Exp1.String() == n.Exp2.String() {
			s.d.WarnAt(s.at(n.Exp2), "same-branches", "both values of this choice are the same").Hint("remove the condition")
		}
	}
	var room fewParts
	for _, child := range children(n, &room) {
		s.walk(child)
	}
}

func (s *senseCheck) binary(n *ast.BinaryNode) {
	switch n.Operator {
	case "==", "!=", "<", ">", "<=", ">=":
		if !isConstant(n.Left) && n.Left.String() == n.Right.String() {
			s.always(n, n.Operator != "!=" && n.Operator != "<" && n.Operator != ">", "the same is compared with itself")
		} else if n.Operator[0] == '<' || n.Operator[0] == '>' {
			s.order(n)
		} else {
			s.fractions(n)
		}
	case "and", "&&", "or", "||":
		s.logic(n)
	case "matches":
		if pattern, ok := n.Right.(*ast.StringNode); ok {
			s.pattern(pattern)
		}
	case "in":
		s.among(n)
	}
}

func (s *senseCheck) always(n ast.Node, truth bool, why string) {
	p := s.d.WarnAt(s.at(n), "constant-condition", "this is never true: %s", why)
	if truth {
		p.Message = "this is always true: " + why
	}
}

// order warns of digits that are compared by size as text.
func (s *senseCheck) order(n *ast.BinaryNode) {
	for _, side := range []ast.Node{n.Left, n.Right} {
		if text, ok := side.(*ast.StringNode); ok && plainInt.MatchString(text.Value) {
			s.d.WarnAt(s.at(side), "text-order", "text is compared letter by letter: \"10\" comes before \"9\"").
				Hint("make a number of the text with int(…), and take the quotes off this one")
			return
		}
	}
}

// fractions warns of numbers with a fraction that are to be the same.
func (s *senseCheck) fractions(n *ast.BinaryNode) {
	for _, sides := range [][2]ast.Node{{n.Left, n.Right}, {n.Right, n.Left}} {
		t := sides[0].Type()
		_, whole := sides[1].(*ast.IntegerNode)
		if t != nil && t.Kind() == reflect.Float64 && !whole && !isConstant(sides[0]) {
			s.d.WarnAt(s.at(n), "fractions", "numbers with a fraction are hardly ever the same to the last digit").
				Hint("compare with <, <=, > or >=")
			return
		}
	}
}

// logic looks at what stands on both sides of an and, or of an or.
func (s *senseCheck) logic(n *ast.BinaryNode) {
	left, right := operands(n.Left, n.Operator), operands(n.Right, n.Operator)
	for _, r := range right {
		if slices.ContainsFunc(left, func(l ast.Node) bool { return l.String() == r.String() }) {
			s.d.WarnAt(s.at(r), "same-twice", "the same stands on both sides of %s", n.Operator).Hint("remove one of them")
			return
		}
	}
	// x == "1" and x == "2", or x != "1" or x != "2"
	operator, truth, both := "==", false, "it cannot be %s and %s at once"
	if n.Operator == "or" || n.Operator == "||" {
		operator, truth, both = "!=", true, "it is always another than %s or another than %s"
	}
	for _, r := range right {
		for _, l := range left {
			if a, b := comparedWith(l, operator), comparedWith(r, operator); a.path != "" && a.path == b.path && a.text != b.text {
				s.always(r, truth, strings.Replace(strings.Replace(both, "%s", a.text, 1), "%s", b.text, 1))
				return
			}
		}
	}
}

// operands are the parts of a chain of the same operator.
func operands(n ast.Node, operator string) []ast.Node {
	if b, ok := n.(*ast.BinaryNode); ok && b.Operator == operator {
		return append(operands(b.Left, operator), operands(b.Right, operator)...)
	}
	return []ast.Node{n}
}

// comparison is a name that is compared with a literal.
type comparison struct{ path, text string }

func comparedWith(n ast.Node, operator string) comparison {
	b, ok := n.(*ast.BinaryNode)
	if !ok || b.Operator != operator {
		return comparison{}
	}
	path, _, named := dotted(b.Left)
	if !named || !isConstant(b.Right) {
		return comparison{}
	}
	return comparison{path, b.Right.String()}
}

// among looks for text in a list of numbers, where it never is.
func (s *senseCheck) among(n *ast.BinaryNode) {
	list, ok := n.Right.(*ast.ArrayNode)
	if t := n.Left.Type(); !ok || t == nil || !isText(t) || isNumber(t) {
		return
	}
	for _, item := range list.Nodes {
		number, ok := item.(*ast.IntegerNode)
		if !ok {
			continue
		}
		s.d.WarnAt(s.at(number), "type-mismatch", "text is never %d: digits are text", number.Value).Hint("put the number in quotes")
		return
	}
}
