package lang

import (
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// places are where the characters of a value stand. Those of the last value that was
// asked for are kept: a long text can hold many expressions.
type places struct {
	of    *yaml.Node
	lines []int32
	cols  []int32

	// The same for a value that stands in one line as it is.
	start  Pos
	length int
}

// posIn returns the place in the file of rune number index of n's value.
func (d *Decoder) posIn(n Node, index int) Pos {
	if d.places.of != n.Node {
		d.places = n.places()
	}
	if d.places.lines == nil {
		return Pos{n.Source, d.places.start.Line, d.places.start.Column + min(index, d.places.length)}
	}
	i := min(index, len(d.places.lines)-1)
	return Pos{n.Source, int(d.places.lines[i]), int(d.places.cols[i])}
}

// places are those of n's value.
func (n Node) places() places {
	if start, ok := n.straight(); ok {
		return places{of: n.Node, start: start, length: len(n.Value)}
	}
	return n.aligned()
}

// straight returns where n's value begins if it stands in one line as it is, which is
// what most do.
func (n Node) straight() (Pos, bool) {
	line, ok := n.Source.line(n.Line)
	at, quote := n.Column-1, ""
	switch n.Style {
	case yaml.SingleQuotedStyle:
		quote = "'"
	case yaml.DoubleQuotedStyle:
		quote = `"`
	case 0:
	default:
		return Pos{}, false
	}
	if !ok || n.Anchor != "" || at < 0 || at > len(line) || !isASCII(line) {
		return Pos{}, false
	}
	rest, quoted := strings.CutPrefix(line[at:], quote)
	rest, same := strings.CutPrefix(rest, n.Value)
	if !quoted || !same || !strings.HasPrefix(rest, quote) {
		return Pos{}, false
	}
	return Pos{n.Source, n.Line, n.Column + len(quote)}, true
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
