package lang

import (
	"unicode"

	"gopkg.in/yaml.v3"
)

// posIn returns the place in the file of rune number index of n's value.
//
// YAML hides where a scalar's characters stand: quotes, escapes, indentation
// and folded lines are gone from the value. The value is aligned with the source
// from its start, rune by rune, for each of the five scalar styles.
func (n Node) posIn(index int) Pos {
	a := aligner{src: n.Source, line: n.Line, col: n.Column}
	style := n.Style &^ yaml.TaggedStyle
	switch style {
	case yaml.LiteralStyle, yaml.FoldedStyle:
		a.line, a.col = a.line+1, 1 // the value starts below | or >
	case yaml.SingleQuotedStyle, yaml.DoubleQuotedStyle:
		a.advance() // the opening quote
	}
	for i, r := range []rune(n.Value) {
		at := a.match(r, style)
		if i == index {
			return at
		}
	}
	return Pos{n.Source, a.line, a.col} // just behind the value
}

// aligner is a cursor over the source.
type aligner struct {
	src       *Source
	line, col int
}

// peek returns the rune below the cursor; a line's end is '\n'. ok is false
// behind the last line.
func (a *aligner) peek() (r rune, ok bool) {
	text, ok := a.src.line(a.line)
	if !ok {
		return 0, false
	}
	runes := []rune(text)
	if a.col > len(runes) {
		return '\n', true
	}
	return runes[a.col-1], true
}

func (a *aligner) advance() {
	if r, _ := a.peek(); r == '\n' {
		a.line, a.col = a.line+1, 1
		return
	}
	a.col++
}

// match moves the cursor behind the source of the value's rune r and returns
// where that source begins.
func (a *aligner) match(r rune, style yaml.Style) Pos {
	if unicode.IsSpace(r) && style != yaml.DoubleQuotedStyle {
		return a.matchSpace()
	}
	for {
		got, ok := a.peek()
		at := Pos{a.src, a.line, a.col}
		switch {
		case !ok:
			return at
		case style == yaml.DoubleQuotedStyle && got == '\\':
			if a.escape() {
				return at
			}
			continue // an escaped line end stands for nothing
		case style == yaml.SingleQuotedStyle && got == '\'' && r == '\'':
			a.advance()
			a.advance()
			return at
		case got == r || got == '\n' && r == ' ':
			a.advance()
			return at
		}
		a.advance()
	}
}

// matchSpace takes one white space, or none where folding made the value's
// space out of indentation that an earlier one has taken.
func (a *aligner) matchSpace() Pos {
	at := Pos{a.src, a.line, a.col}
	if got, ok := a.peek(); ok && unicode.IsSpace(got) {
		a.advance()
	}
	return at
}

// escape skips one escape sequence and reports whether it stands for a rune.
func (a *aligner) escape() bool {
	a.advance()
	kind, _ := a.peek()
	a.advance()
	for range map[rune]int{'x': 2, 'u': 4, 'U': 8}[kind] {
		a.advance()
	}
	return kind != '\n'
}
