package lang

import (
	"fmt"
	"strings"
	"unicode"
)

// scanner reads a file that is no YAML roughly as YAML would, to find what its parser
// only stumbles over later: quotes and brackets that do not match, and values that
// begin with a sign that means something.
type scanner struct {
	src   *Source
	lines [][]rune

	line, col int // from 0
	indent    int // of this line
	block     int // indentation of the key whose text is the block of lines here; -1 for none
	key       bool
	value     int // column where the value behind the key begins
	open      []bracket
	rows      []row

	found *Problem
}

// bracket is a [ or { that is open.
type bracket struct {
	sign              rune
	line, col, indent int
	key               bool // of the entry in it
	value             int
}

// row is a line of block style: where its items and its key begin, and whether more must
// follow below.
type row struct {
	line   int
	dashes []int
	key    int // -1 for none
	open   bool
	text   bool // it may go on below, as text
}

func newScanner(s *Source) *scanner {
	sc := &scanner{src: s, block: -1}
	for _, line := range s.lines {
		sc.lines = append(sc.lines, []rune(line))
	}
	return sc
}

// scan returns the first slip, or nil.
func (sc *scanner) scan() *Problem {
	for ; sc.line < len(sc.lines) && sc.found == nil; sc.line++ {
		sc.col = 0
		sc.spaces()
		switch {
		case sc.col == len(sc.text()) || sc.block >= 0 && sc.col > sc.block:
			continue
		case sc.text()[sc.col] == '\t':
			sc.report(sc.col, "a tab cannot indent", "indent with spaces, not with tabs")
			continue
		}
		sc.block, sc.indent = -1, sc.col
		if len(sc.open) > 0 {
			if b := sc.open[0]; sc.indent <= b.indent && !strings.ContainsRune("]}", sc.text()[sc.col]) {
				sc.unclosed()
				continue
			}
			sc.tokens()
			continue
		}
		sc.row()
	}
	if sc.found == nil && len(sc.open) > 0 {
		sc.unclosed()
	}
	return sc.found
}

func (sc *scanner) text() []rune { return sc.lines[sc.line] }

// rest is the line from a column on, without space around it.
func (sc *scanner) rest(col int) string { return strings.TrimSpace(string(sc.text()[col:])) }

func (sc *scanner) at(i int) rune {
	if i < 0 || i >= len(sc.text()) {
		return 0
	}
	return sc.text()[i]
}

// ends reports whether column i is behind a word: space or the end of the line.
func (sc *scanner) ends(i int) bool { r := sc.at(i); return r == 0 || r == ' ' || r == '\t' }

func (sc *scanner) spaces() {
	for sc.at(sc.col) == ' ' {
		sc.col++
	}
}

func (sc *scanner) flow() bool { return len(sc.open) > 0 }

// report notes a slip at a column of this line; only the first counts.
func (sc *scanner) report(col int, message, hint string) *Problem {
	p := &Problem{Pos: Pos{sc.src, sc.line + 1, col + 1}, ID: "yaml-syntax", Message: message, Suggestion: hint}
	if sc.found == nil {
		sc.found = p
	}
	return p
}

func (sc *scanner) unclosed() {
	b := sc.open[0]
	sc.line = b.line
	closing := map[rune]string{'[': "]", '{': "}"}[b.sign]
	sc.report(b.col, fmt.Sprintf("this %c is not closed", b.sign), "write the missing "+closing)
}

// row reads a line in block style.
func (sc *scanner) row() {
	r := row{line: sc.line, key: -1}
	if word := sc.rest(sc.col); len(word) > 1 && word[0] == '-' && unicode.IsLetter(rune(word[1])) {
		word, _, _ = strings.Cut(word, " ")
		p := sc.report(sc.col, "a space is missing behind the dash", "write - "+word[1:])
		p.Fix = replaceWord(p.Pos, word, "- "+word[1:])
		return
	}
	for sc.at(sc.col) == '-' && sc.ends(sc.col+1) {
		r.dashes = append(r.dashes, sc.col)
		sc.col++
		sc.spaces()
	}
	start := sc.col
	sc.key, sc.value = false, start
	comment := sc.at(sc.col) == '#'
	sc.tokens()
	if sc.key {
		r.key = start
	}
	rest := []rune(nil)
	if r.line == sc.line && sc.value <= len(sc.text()) {
		rest = sc.text()[sc.value:]
	}
	behind := strings.TrimSpace(string(rest))
	r.open = sc.block < 0 && !sc.flow() && r.line == sc.line && (behind == "" || behind[0] == '#' || behind[0] == '&')
	r.text = !r.open && !comment
	if !comment {
		sc.rows = append(sc.rows, r)
	}
}

// tokens reads the rest of a line.
func (sc *scanner) tokens() {
	for line := sc.line; sc.found == nil && sc.line < len(sc.lines); {
		sc.spaces()
		c := sc.at(sc.col)
		switch {
		case c == 0, c == '#' && sc.ends(sc.col-1), sc.block >= 0:
			return
		case c == '"', c == '\'':
			sc.quoted(c)
		case c == '[', c == '{':
			sc.bracket(c)
		case c == ']', c == '}':
			sc.closing(c)
		case c == ',' && sc.flow():
			sc.open[len(sc.open)-1].key = false
			sc.col++
		case c == ':' && (sc.ends(sc.col+1) || sc.flow()):
			sc.colon()
		case c == '?' && sc.ends(sc.col+1) && line == sc.line && !sc.key:
			sc.col++
		case (c == '|' || c == '>') && !sc.flow():
			sc.blockText(c)
		case strings.ContainsRune("@`%", c):
			sc.reserved(c)
		case c == '&', c == '*':
			sc.anchor(c)
		default:
			sc.plain()
		}
	}
}

func (sc *scanner) bracket(c rune) {
	if c == '{' && sc.at(sc.col+1) == '{' {
		sc.report(sc.col, "braces like these mean something to YAML", "write ${name} instead of {{ name }}")
		return
	}
	sc.open = append(sc.open, bracket{sign: c, line: sc.line, col: sc.col, indent: sc.indent, value: sc.col + 1})
	sc.col++
}

func (sc *scanner) closing(c rune) {
	if !sc.flow() {
		sc.report(sc.col, fmt.Sprintf("this %c closes nothing", c), "remove it, or put the value in quotes")
		return
	}
	last := sc.open[len(sc.open)-1]
	if last.sign == '[' != (c == ']') {
		sc.report(sc.col, fmt.Sprintf("this %c cannot close the %c on line %d", c, last.sign, last.line+1), "write the missing "+map[rune]string{'[': "]", '{': "}"}[last.sign])
		return
	}
	sc.open = sc.open[:len(sc.open)-1]
	sc.col++
}

// colon reads the : behind a key. There is one key in an entry.
func (sc *scanner) colon() {
	key, value := &sc.key, &sc.value
	if sc.flow() {
		b := &sc.open[len(sc.open)-1]
		key, value = &b.key, &b.value
	}
	if *key && *value <= sc.col {
		sc.secondColon(*value)
		return
	}
	sc.col++
	*key, *value = true, sc.col
}

// secondColon reports a ": " within a value.
func (sc *scanner) secondColon(value int) {
	sc.col = value
	sc.spaces()
	text := sc.rest(sc.col)
	if i := strings.Index(text, " #"); i >= 0 {
		text = strings.TrimSpace(text[:i])
	}
	what := "the value"
	if strings.Contains(text, "?") {
		what = "the expression"
	}
	p := sc.report(sc.col, `": " begins another value for YAML`, fmt.Sprintf("put %s in quotes", what))
	if !sc.flow() && !strings.ContainsAny(text[:1], `"'`) {
		p.Suggestion += ": " + quoteYAML(text)
		p.Fix = replaceWord(p.Pos, text, quoteYAML(text))
	}
}
