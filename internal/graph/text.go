package graph

import (
	"fmt"
	"strings"
)

// edge leads from one box to another; to is -1 until it is known.
type edge struct {
	from, to int
	label    string
}

// net is a flow as boxes and arrows, for programs that lay it out themselves.
type net struct {
	boxes []*step
	edges []edge
}

func (f *Flow) net() *net {
	n := &net{}
	for i, p := range f.parts {
		title := f.Name
		if i > 0 {
			title = p.label
		}
		n.boxes = append(n.boxes, &step{verb: title})
		n.steps(p.steps, []edge{{from: len(n.boxes) - 1}})
	}
	return n
}

// steps adds boxes below the open ends and returns the open ends of the last.
func (n *net) steps(steps []*step, open []edge) []edge {
	for _, s := range steps {
		id := len(n.boxes)
		n.boxes = append(n.boxes, s)
		for _, e := range open {
			e.to = id
			n.edges = append(n.edges, e)
		}
		open = nil
		for _, b := range s.branches {
			open = append(open, n.steps(b.steps, []edge{{from: id, label: b.label}})...)
		}
		if len(s.branches) == 0 && !s.leaves {
			open = []edge{{from: id}}
		}
	}
	return open
}

// DOT writes the flow for Graphviz.
func (f *Flow) DOT() string {
	var b strings.Builder
	quote := strings.NewReplacer("\\", "\\\\", `"`, `\"`, "\n", `\n`)
	fmt.Fprintf(&b, "digraph \"%s\" {\n  node [shape=box, style=rounded, fontname=Helvetica];\n  edge [fontname=Helvetica, fontsize=11];\n", quote.Replace(f.Name))
	n := f.net()
	for i, s := range n.boxes {
		link := ""
		if s.link != "" {
			link = fmt.Sprintf(`, URL="%s", style="rounded,filled", fillcolor="#e3f4e6"`, quote.Replace("#flow-"+s.link))
		}
		fmt.Fprintf(&b, "  n%d [label=\"%s\"%s];\n", i, quote.Replace(strings.Join(s.text(), "\n")), link)
	}
	for _, e := range n.edges {
		fmt.Fprintf(&b, "  n%d -> n%d [label=\"%s\"];\n", e.from, e.to, quote.Replace(e.label))
	}
	return b.String() + "}\n"
}

// Mermaid writes the flow for Mermaid, which code hosts show in Markdown.
func (f *Flow) Mermaid() string {
	quote := strings.NewReplacer("&", "&amp;", `"`, "&quot;", "<", "&lt;", ">", "&gt;", "#", "&num;", "`", "#96;", "\n", "<br>")
	var b strings.Builder
	b.WriteString("flowchart TD\n")
	n := f.net()
	for i, s := range n.boxes {
		shape := [2]string{"[", "]"}
		if s.link != "" {
			shape = [2]string{"[[", "]]"}
		} else if len(s.branches) > 0 {
			shape = [2]string{"{{", "}}"}
		}
		var lines []string
		for _, line := range s.text() {
			lines = append(lines, quote.Replace(line))
		}
		fmt.Fprintf(&b, "  n%d%s\"%s\"%s\n", i, shape[0], strings.Join(lines, "<br>"), shape[1])
	}
	for _, e := range n.edges {
		label := ""
		if e.label != "" {
			label = fmt.Sprintf("|\"%s\"|", quote.Replace(e.label))
		}
		fmt.Fprintf(&b, "  n%d -->%s n%d\n", e.from, label, e.to)
	}
	return b.String()
}
