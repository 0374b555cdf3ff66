package layout

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// text is a file by its lines, and where in it comments and values stand. Lines count
// from 1.
type text struct {
	lines []string // without comments; lines[0] is line 1
	// comments are the comments by line, from the # on; gap is how many blanks stand
	// before one that follows something.
	comments map[int]comment
	// ends is the last line of each node.
	ends map[*yaml.Node]int
	// block are the lines of values written below | or >, by the node.
	block map[*yaml.Node][]string
	// taken are lines that hold a value, even if they look empty.
	taken map[int]bool
	below map[int]bool // those of them that stand below | or >
}

type comment struct {
	text   string
	column int // counted from 0
	gap    int
}

// scan finds comments and the extent of values. It also returns the words of the
// comments, sorted.
func scan(source string, root *yaml.Node) (*text, []string) {
	t := &text{
		lines: strings.Split(source, "\n"), comments: map[int]comment{}, ends: map[*yaml.Node]int{},
		block: map[*yaml.Node][]string{}, taken: map[int]bool{}, below: map[int]bool{},
	}
	quoted := make([][]bool, len(t.lines)) // runes within quotes
	for i, line := range t.lines {
		quoted[i] = make([]bool, len([]rune(line)))
	}
	t.extent(root, -1, quoted)
	var remarks []string
	for i, line := range t.lines {
		runes := []rune(line)
		for j, r := range runes {
			if r != '#' || quoted[i][j] || j > 0 && runes[j-1] != ' ' && runes[j-1] != '\t' || t.below[i+1] {
				continue
			}
			before := strings.TrimRight(string(runes[:j]), " \t")
			words := strings.TrimRight(string(runes[j:]), " \t\r")
			t.comments[i+1] = comment{words, j, j - len([]rune(before))}
			t.lines[i] = before
			remarks = append(remarks, words)
			break
		}
	}
	t.closings(root)
	slices.Sort(remarks)
	return t, remarks
}

// extent finds where n ends, for values on several lines. indent is that of what holds n.
func (t *text) extent(n *yaml.Node, indent int, quoted [][]bool) {
	t.ends[n] = n.Line
	switch n.Kind {
	case yaml.ScalarNode:
		switch {
		case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
			t.blockScalar(n, indent)
		case n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
			t.quotedScalar(n, quoted)
		default:
			t.plainScalar(n)
		}
	case yaml.MappingNode:
		for _, p := range pairsOf(n) {
			t.extent(p.key, indent, quoted)
			inner := indent
			if n.Style&yaml.FlowStyle == 0 {
				inner = p.key.Column - 1
			}
			t.extent(p.value, inner, quoted)
			t.ends[n] = max(t.ends[n], t.ends[p.key], t.ends[p.value])
		}
	case yaml.SequenceNode:
		for _, item := range n.Content {
			inner := indent
			if n.Style&yaml.FlowStyle == 0 {
				inner = n.Column - 1
			}
			t.extent(item, inner, quoted)
			t.ends[n] = max(t.ends[n], t.ends[item])
		}
	}
}

// blockScalar takes the lines below a | or >.
func (t *text) blockScalar(n *yaml.Node, indent int) {
	var lines []string
	blank := 0
	for i := n.Line + 1; i <= len(t.lines); i++ {
		line := t.lines[i-1]
		if strings.TrimSpace(line) == "" {
			blank++
			lines = append(lines, line)
			continue
		}
		if len(line)-len(strings.TrimLeft(line, " ")) <= indent {
			break
		}
		blank = 0
		lines = append(lines, line)
	}
	lines = lines[:len(lines)-blank]
	t.block[n] = lines
	t.ends[n] = n.Line + len(lines)
	for i := range lines {
		t.taken[n.Line+1+i], t.below[n.Line+1+i] = true, true
	}
}

// quotedScalar marks the runes between the quotes.
func (t *text) quotedScalar(n *yaml.Node, quoted [][]bool) {
	quote := '"'
	if n.Style&yaml.SingleQuotedStyle != 0 {
		quote = '\''
	}
	open := false
	for i := n.Line - 1; i < len(t.lines); i++ {
		runes := []rune(t.lines[i])
		j := 0
		if i == n.Line-1 {
			j = n.Column - 1
		}
		for ; j < len(runes); j++ {
			quoted[i][j] = open
			switch {
			case !open:
				open = runes[j] == quote
			case runes[j] == '\\' && quote == '"':
				if j++; j < len(runes) {
					quoted[i][j] = true
				}
			case runes[j] == quote && quote == '\'' && j+1 < len(runes) && runes[j+1] == quote:
				j++
				quoted[i][j] = true
			case runes[j] == quote:
				t.ends[n] = i + 1
				return
			}
		}
		if open {
			t.taken[i+2] = true
		}
	}
}

// plainScalar finds the end of a value without quotes by its letters.
func (t *text) plainScalar(n *yaml.Node) {
	line, column := n.Line-1, n.Column-1
	for _, r := range n.Value {
		if r == ' ' || r == '\n' || r == '\t' {
			continue
		}
		for line < len(t.lines) {
			runes := []rune(t.lines[line])
			for column < len(runes) && runes[column] != r {
				column++
			}
			if column < len(runes) {
				column++
				break
			}
			line, column = line+1, 0
		}
	}
	t.ends[n] = min(line+1, len(t.lines))
}

// closings extends what stands in brackets to the line of the closing one.
func (t *text) closings(n *yaml.Node) {
	for _, c := range n.Content {
		t.closings(c)
		t.ends[n] = max(t.ends[n], t.ends[c])
	}
	if n.Style&yaml.FlowStyle == 0 {
		return
	}
	for next := t.ends[n] + 1; next <= len(t.lines); next++ {
		line := strings.TrimSpace(t.lines[next-1])
		if line == "" && !t.taken[next] {
			continue
		}
		if strings.Trim(line, "]}, ") != "" || line == "" {
			return
		}
		t.ends[n] = next
	}
}
