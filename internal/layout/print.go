package layout

import (
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// width is how long a line may get before brackets are opened.
const width = 120

// printer writes a tree.
type printer struct {
	text    *text
	out     strings.Builder
	columns map[int]int // the new indent of what stood in a column
}

func (p *printer) document(root *yaml.Node) {
	if root.Kind == yaml.ScalarNode || root.Kind == yaml.AliasNode || p.staysFlow(root, 0) {
		p.lead(root.Line, root.Column, 0)
		p.line(0, p.flow(root), root.Line, p.text.ends[root])
	} else {
		p.block(root, 0, top, false)
	}
	p.lead(len(p.text.lines)+1, 1, 0)
	text := strings.TrimRight(p.out.String(), "\n") + "\n"
	p.out.Reset()
	p.out.WriteString(strings.TrimLeft(text, "\n"))
}

// block writes a mapping or list, each item on lines of its own. inline says that the
// first item stands behind a dash which is written already.
func (p *printer) block(n *yaml.Node, indent int, at place, inline bool) {
	if n.Kind == yaml.SequenceNode {
		for _, item := range n.Content {
			if !inline {
				p.lead(item.Line, n.Column, indent)
				p.out.WriteString(strings.Repeat(" ", indent))
			}
			inline = false
			p.out.WriteByte('-')
			p.item(item, indent+2, at)
		}
		return
	}
	for _, pr := range ordered(n, at) {
		if !inline {
			p.lead(pr.key.Line, pr.key.Column, indent)
			p.out.WriteString(strings.Repeat(" ", indent))
		}
		inline = false
		p.columns[pr.key.Column] = indent
		p.out.WriteString(p.flow(pr.key) + ":")
		p.value(pr, indent, at.below(pr.key.Value))
	}
}

// item writes what stands behind a dash.
func (p *printer) item(n *yaml.Node, indent int, at place) {
	if isNothing(n) {
		p.trail(n.Line, n.Line)
		return
	}
	p.out.WriteByte(' ')
	switch {
	case p.opens(n, indent):
		if props := properties(n); props != "" {
			p.out.WriteString(props)
			p.trail(n.Line, n.Line)
			p.out.WriteString(strings.Repeat(" ", indent))
		}
		p.block(n, indent, at, true)
	case p.text.block[n] != nil:
		p.blockScalar(n, n.Line, indent-2)
	default:
		p.out.WriteString(p.flow(n))
		p.trail(n.Line, p.text.ends[n])
	}
}

// value writes what stands behind a key.
func (p *printer) value(pr pair, indent int, at place) {
	n := pr.value
	switch {
	case isNothing(n):
		p.trail(pr.key.Line, pr.key.Line)
	case p.opens(n, indent+len(pr.key.Value)+2):
		if props := properties(n); props != "" {
			p.out.WriteString(" " + strings.TrimSpace(props))
		}
		from := n.Line
		if n.Style&yaml.FlowStyle == 0 && from > pr.key.Line {
			from = pr.key.Line
		}
		p.trail(pr.key.Line, min(from, pr.key.Line))
		p.block(n, indent+2, at, false)
	case p.text.block[n] != nil:
		p.out.WriteString(" ")
		p.blockScalar(n, pr.key.Line, indent)
	default:
		p.out.WriteString(" " + p.flow(n))
		p.trail(pr.key.Line, p.text.ends[n])
	}
}

// opens reports whether n is written over several lines.
func (p *printer) opens(n *yaml.Node, indent int) bool {
	return (n.Kind == yaml.MappingNode || n.Kind == yaml.SequenceNode) && !p.staysFlow(n, indent)
}

// staysFlow reports whether n is written in brackets: it is now, it is short, and there
// is no comment in it.
func (p *printer) staysFlow(n *yaml.Node, indent int) bool {
	if len(n.Content) == 0 {
		return true
	}
	if n.Style&yaml.FlowStyle == 0 {
		return false
	}
	for line := n.Line; line < p.text.ends[n]; line++ {
		if _, ok := p.text.comments[line]; ok {
			return false
		}
	}
	return indent+utf8.RuneCountInString(p.flow(n)) <= width
}

// lead writes the comments and blank lines above a line which nobody has written yet.
func (p *printer) lead(line, column, indent int) {
	first := line
	for first > 1 && p.isFree(first-1) {
		first--
	}
	blank := false
	for i := first; i < line; i++ {
		c, ok := p.text.comments[i]
		if !ok {
			blank = p.out.Len() > 0
			continue
		}
		if blank {
			p.out.WriteByte('\n')
			blank = false
		}
		at := indent
		if c.column+1 > column { // it is about something within what stands above
			at = indent + 2
			if known, ok := p.columns[c.column+1]; ok {
				at = known
			}
		}
		p.out.WriteString(strings.Repeat(" ", at) + c.text + "\n")
		delete(p.text.comments, i)
	}
	if blank {
		p.out.WriteByte('\n')
	}
}

// isFree reports whether a line holds nothing but a comment, or nothing.
func (p *printer) isFree(line int) bool {
	return strings.TrimSpace(p.text.lines[line-1]) == "" && !p.text.taken[line]
}

// trail writes the comments at the end of lines behind what is written, and ends the
// line.
func (p *printer) trail(from, to int) {
	for i := from; i <= to; i++ {
		c, ok := p.text.comments[i]
		if !ok {
			continue
		}
		p.out.WriteString(strings.Repeat(" ", max(c.gap, 1)) + c.text)
		delete(p.text.comments, i)
		break // a second one would belong to the first: the comparison tells
	}
	p.out.WriteByte('\n')
}

// line writes one line.
func (p *printer) line(indent int, text string, from, to int) {
	p.out.WriteString(strings.Repeat(" ", indent) + text)
	p.trail(from, to)
}

// blockScalar writes a text below | or >, with the lines as they are but for their
// indent.
func (p *printer) blockScalar(n *yaml.Node, line, indent int) {
	header := p.text.lines[n.Line-1]
	mark := "|"
	if n.Style&yaml.FoldedStyle != 0 {
		mark = ">"
	}
	header = header[strings.LastIndex(header, mark):]
	p.out.WriteString(properties(n) + strings.TrimSpace(header))
	p.trail(line, n.Line)
	base := -1
	for _, text := range p.text.block[n] {
		if strings.TrimSpace(text) != "" {
			base = len(text) - len(strings.TrimLeft(text, " "))
			break
		}
	}
	for _, text := range p.text.block[n] {
		if text = text[min(max(base, 0), len(text)):]; text != "" {
			p.out.WriteString(strings.Repeat(" ", indent+2) + text)
		}
		p.out.WriteByte('\n')
	}
}
