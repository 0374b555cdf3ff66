package lang

import (
	"reflect"
	"regexp"
	"strings"
	"unicode/utf8"
)

// slot compiles n into a slot that gives a want. A mistake is reported and
// gives nil.
func (d *Decoder) slot(n Node, want reflect.Type) slot {
	if d.tagged(n) {
		return nil
	}
	if want.Kind() == reflect.Interface {
		return d.anySlot(n)
	}
	if !n.IsScalar() {
		p := d.Errorf(n, "wrong-type", "%s wants %s, not %s", d.what(), Words(want), n.shape())
		if pairs := n.Pairs(); len(pairs) > 0 && pairs[0].Key.IsMapping() {
			p.Hint("write ${name} instead of {{ name }}")
		} else if len(pairs) > 0 {
			p.Hint("write the value alone; options are keys beside it")
		}
		return nil
	}
	parts, ok := d.template(n)
	if !ok {
		return nil
	}
	d.checkTaint(parts, want)
	if len(parts) == 1 {
		switch p := parts[0].(type) {
		case constant:
			x, ok := d.literal(n, want, p.value.(string))
			if !ok {
				return nil
			}
			return constant{x.Interface()}
		case expression:
			if got := mismatch(want, p.prog.typ); got != "" {
				d.Errorf(n, "wrong-type", "%s wants %s, but %s is %s", d.what(), Words(want), p.prog.text, got)
				return nil
			}
			if p.prog.optional && want == reflect.TypeFor[string]() {
				return newText(parts, want) // nothing is empty text
			}
			return p
		}
	}
	d.checkText(n, parts, want)
	return newText(parts, want)
}

// checkText reports text that cannot become a want whatever its expressions give,
// such as PJSIP/${number},30 for a device: the same with a 1 for each of them must
// be one.
func (d *Decoder) checkText(n Node, parts []slot, want reflect.Type) {
	var sample strings.Builder
	for _, p := range parts {
		if c, ok := p.(constant); ok {
			sample.WriteString(c.value.(string))
		} else {
			sample.WriteByte('1')
		}
	}
	if _, err := parseText(want, sample.String()); err != nil {
		d.Errorf(n, "wrong-type", "%s wants %s, and with this text around ${…} it is none", d.what(), Words(want))
	}
	d.checkParts(parts)
}

// anySlot compiles a value of any shape. A plain true, 3 or 2.5 is what it looks
// like; +41791234567, 0123 and 2026-12-25 stay text, as does all that is quoted.
func (d *Decoder) anySlot(n Node) slot {
	switch {
	case d.tagged(n):
		return nil
	case n.IsMapping():
		m := mapping{}
		for _, p := range d.Unique(n) {
			if s := d.anySlot(p.Value); s != nil {
				m[p.Key.Value] = s
			}
		}
		return m
	case n.IsList():
		var l sequence
		for _, item := range n.Items() {
			if s := d.anySlot(item); s != nil {
				l = append(l, s)
			}
		}
		return l
	}
	parts, ok := d.template(n)
	if !ok {
		return nil
	}
	if len(parts) > 1 {
		d.checkParts(parts)
		return newText(parts, reflect.TypeFor[string]())
	}
	if c, ok := parts[0].(constant); ok && n.IsPlain() {
		return constant{plainValue(c.value.(string))}
	}
	return parts[0]
}

var (
	plainInt   = regexp.MustCompile(`^(0|-?[1-9][0-9]{0,17})$`)
	plainFloat = regexp.MustCompile(`^-?(0|[1-9][0-9]*)\.[0-9]+$`)
)

func plainValue(s string) any {
	var t reflect.Type
	switch {
	case s == "true", s == "false":
		return s == "true"
	case plainInt.MatchString(s):
		t = reflect.TypeFor[int]()
	case plainFloat.MatchString(s):
		t = reflect.TypeFor[float64]()
	default:
		return s
	}
	v, err := parseText(t, s)
	if err != nil {
		return s
	}
	return v.Interface()
}

// template splits the text of n at its ${…}; there is always at least one part.
func (d *Decoder) template(n Node) (parts []slot, ok bool) {
	s := n.Value
	if n.IsNull() {
		s = ""
	}
	var plain strings.Builder
	flush := func() {
		if plain.Len() > 0 {
			parts = append(parts, constant{plain.String()})
			plain.Reset()
		}
	}
	ok = true
	counted, offset := 0, 0 // bytes of s, and the runes in them
	for i := 0; i < len(s); {
		switch {
		case strings.HasPrefix(s[i:], "$${"):
			plain.WriteString("${")
			i += 3
		case strings.HasPrefix(s[i:], "${"):
			flush()
			offset += utf8.RuneCountInString(s[counted : i+2])
			counted = i + 2
			end := expressionEnd(s[i+2:])
			if end < 0 {
				p := d.add(&Problem{
					Pos: d.posIn(n, offset-2), ID: "unclosed-expression",
					Message: "this ${ has no closing }", Suggestion: "write $${ for a literal ${",
				})
				d.hintCut(p, n)
				return nil, false
			}
			if prog := d.compile(n, s[i+2:i+2+end], offset); prog != nil {
				parts = append(parts, expression{prog})
			} else {
				ok = false
			}
			i += 2 + end + 1
		default:
			plain.WriteByte(s[i])
			i++
		}
	}
	flush()
	if len(parts) == 0 {
		parts = []slot{constant{""}}
	}
	d.checkWritten(n, parts)
	d.checkSecret(n, parts)
	return parts, ok
}

// expressionEnd returns the index of the } that closes an expression, skipping
// braces in maps, predicates and quoted text; -1 when there is none.
func expressionEnd(s string) int {
	depth := 0
	var quote byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote != 0:
			if c == '\\' && quote != '`' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'' || c == '`':
			quote = c
		case c == '{':
			depth++
		case c == '}':
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return -1
}
