package lang

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
)

// tagged reports a value that begins with ! and another word: YAML takes that away as a
// tag.
func (d *Decoder) tagged(n Node) bool {
	if n.IsZero() || !strings.HasPrefix(n.Tag, "!") || strings.HasPrefix(n.Tag, "!!") {
		return false
	}
	p := d.Errorf(n, "yaml-tag", "YAML reads %s as a tag, not as part of the value", n.Tag).Hint("put the value in quotes")
	if text := n.Tag + " " + n.Value; n.IsPlain() && n.Value != "" {
		p.Fix = replaceWord(n.Pos(), text, quoteYAML(text))
	}
	return true
}

// hintCut helps where YAML took the rest of a value as a comment.
func (d *Decoder) hintCut(p *Problem, n Node) {
	line, ok := n.Source.line(n.Line)
	if n.LineComment == "" || !n.IsPlain() || !ok {
		return
	}
	comment, _, _ := strings.Cut(n.LineComment, " ")
	p.Hint("YAML cut the value at %q: put it in quotes", " "+comment)
	runes := []rune(line)
	if n.Column > len(runes) {
		return
	}
	if text := strings.TrimRight(string(runes[n.Column-1:]), " "); strings.HasSuffix(text, n.LineComment) {
		p.Fix = replaceWord(n.Pos(), text, quoteYAML(text))
	}
}

// checkParts reports values that cannot stand in text: what they would come to is for
// nobody's ears.
func (d *Decoder) checkParts(parts []slot) {
	for _, part := range parts {
		e, ok := part.(expression)
		if !ok || e.prog.typ == nil || isText(e.prog.typ) || e.prog.typ == timeType {
			continue
		}
		p := d.ErrorAt(e.prog.pos, "wrong-type", "%s is %s, which cannot stand in text", e.prog.text, Words(e.prog.typ))
		switch t := e.prog.typ; t.Kind() {
		case reflect.Slice:
			p.Hint("write join(%s, \", \")", e.prog.text)
		case reflect.Func:
			p.Hint("write %s()", e.prog.text)
		default:
			if names := members(reflect.Zero(t).Interface()); len(names) > 0 {
				p.Hint("write a field of it, such as %s.%s", e.prog.text, firstText(t))
			}
		}
	}
}

// firstText is the first field of a struct that is text.
func firstText(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Struct {
		for _, f := range reflect.VisibleFields(t) {
			if name := f.Tag.Get("expr"); name != "" && f.Type.Kind() == reflect.String {
				return name
			}
		}
	}
	return "…"
}

var (
	dottedText  = regexp.MustCompile(`^\$?([a-z_]\w*(?:\.\w+)+)$`)
	doubleBrace = regexp.MustCompile(`\{\{\s*(\w[^{}]*?)\s*\}\}`)
)

// checkWritten warns of text that its author takes for an expression: a name without
// ${}, or with the braces of another language.
func (d *Decoder) checkWritten(n Node, parts []slot) {
	for _, part := range parts {
		c, ok := part.(constant)
		if !ok {
			continue
		}
		text := c.value.(string)
		if m := doubleBrace.FindStringSubmatch(text); m != nil {
			p := d.Warnf(n, "foreign-braces", "%s stays as it is: only ${…} is replaced", m[0]).Hint("write ${%s}", m[1])
			if i := strings.Index(n.Value, m[0]); i >= 0 {
				at := d.posIn(n, len([]rune(n.Value[:i])))
				p.Pos, p.Fix = at, replaceWord(at, m[0], fmt.Sprintf("${%s}", m[1]))
			}
		}
		if len(parts) > 1 {
			continue
		}
		if m := dottedText.FindStringSubmatch(text); m != nil && d.readable(m[1]) {
			d.Warnf(n, "expression-text", "this is the text %q, not its value", text).
				Hint("write ${%s}", m[1]).Fix = plainFix(n, "${"+m[1]+"}")
		}
	}
}

// readable reports whether a dotted path is that of a value which can stand in text.
func (d *Decoder) readable(path string) bool {
	if d.Scope == nil {
		return false
	}
	prototype, ok := d.Scope.resolve(path)
	if t, isType := prototype.(reflect.Type); ok && isType {
		return isText(t) || t == timeType
	}
	return ok && prototype != nil && isText(reflect.TypeOf(prototype))
}
