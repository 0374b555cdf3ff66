package lang

import (
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// SetValues says which texts the value at a dotted path can be, such as event.DialStatus.
// Fields of structs say so by the tag `enum:"in,out"`.
func (s *Scope) SetValues(path string, values []string) {
	if s.values == nil {
		s.values = map[string][]string{}
	}
	s.values[path] = values
}

// valuesOf returns which texts the value at a dotted path can be; nil for any.
func (s *Scope) valuesOf(path string) []string {
	for at := s; at != nil; at = at.parent {
		if values := at.values[path]; values != nil {
			return values
		}
	}
	names := strings.Split(path, ".")
	prototype, ok := s.Lookup(names[0])
	if !ok {
		return nil
	}
	var field reflect.StructField
	t := reflect.TypeOf(prototype)
	for _, name := range names[1:] {
		for t != nil && t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t == nil || t.Kind() != reflect.Struct {
			return nil
		}
		if field, ok = exprField(t, name); !ok {
			return nil
		}
		t = field.Type
	}
	if enum := field.Tag.Get("enum"); enum != "" {
		return strings.Split(enum, ",")
	}
	return nil
}

// checkValues warns of comparisons with a text that the value never is.
func (d *Decoder) checkValues(n Node, offset int, node ast.Node) {
	if b, ok := node.(*ast.BinaryNode); ok {
		switch b.Operator {
		case "==", "!=":
			d.checkValue(n, offset, b.Left, b.Right)
			d.checkValue(n, offset, b.Right, b.Left)
		case "in":
			if list, ok := b.Right.(*ast.ArrayNode); ok {
				for _, item := range list.Nodes {
					d.checkValue(n, offset, b.Left, item)
				}
			}
		}
	}
	var room fewParts
	for _, child := range children(node, &room) {
		d.checkValues(n, offset, child)
	}
}

func (d *Decoder) checkValue(n Node, offset int, value, literal ast.Node) {
	text, ok := literal.(*ast.StringNode)
	if !ok {
		return
	}
	path, _, ok := dotted(value)
	if !ok {
		return
	}
	// Nothing is what every value is before it is known.
	values := d.Scope.valuesOf(path)
	if values == nil || text.Value == "" || slices.Contains(values, text.Value) {
		return
	}
	p := d.WarnAt(d.posIn(n, offset+literal.Location().From), "impossible-value", "%s is never %q", path, text.Value).
		Suggest(text.Value, values)
	if p.Suggestion == "" {
		p.Hint("it can be %s", list(values))
	}
}
