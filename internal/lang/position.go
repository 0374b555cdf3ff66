package lang

import (
	"unicode"

	"gopkg.in/yaml.v3"
)

// aligned aligns n's value with the source.
//
// YAML hides where a scalar's characters stand: quotes, escapes, indentation
// and folded lines are gone from the value. The value is aligned with the source
// from its start, rune by rune, for each of the five scalar styles.
func (n Node) aligned() places {
	a := aligner{src: n.Source, line: n.Line, col: n.Column}
	style := n.Style &^ yaml.TaggedStyle
	a.skipProperties()
	switch style {
	case yaml.LiteralStyle, yaml.FoldedStyle:
		a.moveTo(a.line+1, 1) // the value starts below | or >
	case yaml.SingleQuotedStyle, yaml.DoubleQuotedStyle:
		a.advance() // the opening quote
	}
	value := []rune(n.Value)
	p := places{of: n.Node, lines: make([]int32, 0, len(value)+1), cols: make([]int32, 0, len(value)+1)}
	add := func(at Pos) {
		// Files are far too small for a number to be cut off.
		p.lines, p.cols = append(p.lines, int32(at.Line)), append(p.cols, int32(at.Column)) //nolint:gosec // see above
	}
	for _, r := range value {
		add(a.match(r, style))
	}
	add(Pos{n.Source, a.line, a.col}) // just behind the value
	return p
}

// aligner is a cursor over the source.
type aligner struct {
	src       *Source
	line, col int
	runes     []rune // of the line; nil until asked for
}

func (a *aligner) moveTo(line, col int) { a.line, a.col, a.runes = line, col, nil }

// peek returns the rune below the cursor; a line's end is '\n'. ok is false
// behind the last line.
func (a *aligner) peek() (r rune, ok bool) {
	if a.runes == nil {
		text, ok := a.src.line(a.line)
		if !ok {
			return 0, false
		}
		a.runes = []rune(text + "\n")
	}
	return a.runes[min(a.col, len(a.runes))-1], true
}

func (a *aligner) advance() {
	if r, _ := a.peek(); r == '\n' {
		a.moveTo(a.line+1, 1)
		return
	}
	a.col++
}

// skipProperties skips the anchor and the tag in front of a value.
func (a *aligner) skipProperties() {
	for {
		r, ok := a.peek()
		if !ok || r != '&' && r != '!' {
			return
		}
		for ok && !unicode.IsSpace(r) {
			a.advance()
			r, ok = a.peek()
		}
		for ok && unicode.IsSpace(r) {
			a.advance()
			r, ok = a.peek()
		}
	}
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
