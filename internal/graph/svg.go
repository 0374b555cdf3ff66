package graph

import (
	"fmt"
	"html"
	"strings"
)

// Sizes in pixels.
const (
	charWidth  = 7
	boldWidth  = 8
	lineHeight = 17
	boxPadding = 9
	boxLeast   = 90
	lineChars  = 30 // where text in a box is broken
	down       = 26 // between a box and the next
	labelled   = 44 // between a box and what branches off
	between    = 22 // columns
	margin     = 24
)

// SVG writes the flow as a picture. Boxes of other flows are links to #flow-NAME.
func (f *Flow) SVG() string {
	d := &drawing{}
	width, height := 0, 0
	for i, p := range f.parts {
		_, h := p.size()
		width, height = width+f.partWidth(i)+2*between, max(height, h)
	}
	width, height = width+2*margin, height+2*margin+70
	x := margin
	for i, p := range f.parts {
		w := f.partWidth(i)
		x += between
		d.start(x+w/2, margin, f.title(i))
		d.steps(p.steps, x+w/2, margin+28, false)
		x += w + between
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" font-family="Helvetica, Arial, sans-serif" font-size="13">`+"\n", width, height)
	b.WriteString(`<rect width="100%" height="100%" fill="#fff"/>` + "\n" +
		`<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#667"/></marker></defs>` + "\n")
	b.WriteString(d.lines.String() + d.boxes.String() + "</svg>\n")
	return b.String()
}

// title is what stands above a part: the flow's name, or that of the handler.
func (f *Flow) title(part int) string {
	if part == 0 {
		return f.Name
	}
	return strings.ReplaceAll(f.parts[part].label, "_", " ")
}

// partWidth is how wide a part is with its title.
func (f *Flow) partWidth(part int) int {
	w, _ := f.parts[part].size()
	return max(w, titleWidth(f.title(part)))
}

func titleWidth(title string) int { return cells(title)*boldWidth + 30 }

// drawing collects lines, which lie below the boxes.
type drawing struct{ lines, boxes strings.Builder }

// text are the lines in a step's box.
func (s *step) text() []string {
	lines := []string{s.verb}
	lines = append(lines, wrapped(s.about)...)
	if s.condition != "" {
		lines = append(lines, wrapped("when "+s.condition)...)
	}
	return lines
}

// wrapped breaks a text into lines, between words where it can.
func wrapped(text string) []string {
	var lines []string
	for text != "" {
		cut, space, n := len(text), -1, 0
		for i, r := range text {
			if n += cells(string(r)); n > lineChars && i > 0 {
				cut = i
				break
			}
			if r == ' ' && n > lineChars/2 {
				space = i
			}
		}
		if cut < len(text) && text[cut] != ' ' && space > 0 {
			cut = space
		}
		lines = append(lines, strings.TrimSpace(text[:cut]))
		text = strings.TrimSpace(text[cut:])
	}
	return lines
}

func (s *step) box() (width, height int) {
	lines := s.text()
	width = cells(lines[0]) * boldWidth
	for _, line := range lines[1:] {
		width = max(width, cells(line)*charWidth)
	}
	return max(width+2*boxPadding, boxLeast), len(lines)*lineHeight + 2*boxPadding - 4
}

func (s *step) size() (width, height int) {
	width, height = s.box()
	if len(s.branches) == 0 {
		return width, height
	}
	sum, deepest := -between, 0
	for _, b := range s.branches {
		w, h := b.size()
		sum, deepest = sum+w+between, max(deepest, h)
	}
	return max(width, sum), height + labelled + deepest + down
}

func (b branch) size() (width, height int) {
	width = max(50, cells(b.label)*charWidth+16)
	for _, s := range b.steps {
		w, h := s.size()
		width, height = max(width, w), height+h+down
	}
	return width, max(height-down, 0)
}

// steps draws steps one below the other around x, and returns where the last one ends.
// on says that the way goes on below.
func (d *drawing) steps(steps []*step, x, y int, on bool) int {
	for i, s := range steps {
		y = d.step(s, x, y, on || i < len(steps)-1)
		if i < len(steps)-1 {
			if !s.leaves {
				d.line(x, y, x, y+down, true)
			}
			y += down
		}
	}
	return y
}

func (d *drawing) step(s *step, x, y int, on bool) int {
	w, h := s.box()
	d.box(s, x-w/2, y, w, h)
	bottom := y + h
	if len(s.branches) == 0 {
		return bottom
	}
	_, whole := s.size()
	end := y + whole
	sum := -between
	for _, b := range s.branches {
		bw, _ := b.size()
		sum += bw + between
	}
	if sum > 0 && !on {
		end -= down
	}
	left, rail := x-sum/2, bottom+14
	d.line(x, bottom, x, rail, false)
	for _, b := range s.branches {
		bw, _ := b.size()
		if len(b.steps) == 0 && !on {
			left += bw + between
			continue // nothing is there, and nothing follows
		}
		bx := left + bw/2
		left += bw + between
		d.line(x, rail, bx, rail, false)
		d.line(bx, rail, bx, bottom+labelled, len(b.steps) > 0)
		d.label(bx, rail+17, b.label)
		goes := on && !s.leaves && !b.leaves()
		to := d.steps(b.steps, bx, bottom+labelled, goes)
		if goes {
			d.line(bx, to, bx, end, false)
			d.line(bx, end, x, end, false)
		}
	}
	return end
}

func (d *drawing) line(x1, y1, x2, y2 int, arrow bool) {
	marker := ""
	if arrow {
		marker = ` marker-end="url(#arrow)"`
	}
	fmt.Fprintf(&d.lines, `<path d="M%d %dL%d %d" stroke="#99a" stroke-width="1.3" fill="none"%s/>`+"\n", x1, y1, x2, y2, marker)
}

func (d *drawing) label(x, y int, text string) {
	w := cells(text)*charWidth + 8
	fmt.Fprintf(&d.boxes, `<rect x="%d" y="%d" width="%d" height="16" fill="#fff"/><text x="%d" y="%d" text-anchor="middle" fill="#446" font-style="italic" font-size="12">%s</text>`+"\n",
		x-w/2, y-12, w, x, y, html.EscapeString(text))
}

func (d *drawing) start(x, y int, title string) {
	w := titleWidth(title)
	fmt.Fprintf(&d.boxes, `<rect x="%d" y="%d" width="%d" height="24" rx="12" fill="#334"/><text x="%d" y="%d" text-anchor="middle" fill="#fff" font-weight="bold">%s</text>`+"\n",
		x-w/2, y-8, w, x, y+8, html.EscapeString(title))
	d.line(x, y+14, x, y+28, true)
}

// colours of boxes: questions, what leaves, other flows, all else.
func (s *step) colours() (fill, stroke string) {
	switch {
	case s.link != "":
		return "#e3f4e6", "#4a9"
	case s.leaves && len(s.branches) == 0:
		return "#fbe6e4", "#c76"
	case len(s.branches) > 0:
		return "#fff6dc", "#ca5"
	}
	return "#eaf1fb", "#7a9cc6"
}

func (d *drawing) box(s *step, x, y, w, h int) {
	fill, stroke := s.colours()
	if s.link != "" {
		fmt.Fprintf(&d.boxes, `<a href="#flow-%s">`, html.EscapeString(s.link))
	}
	dash := ""
	if s.condition != "" {
		dash = ` stroke-dasharray="5 3"`
	}
	fmt.Fprintf(&d.boxes, `<rect x="%d" y="%d" width="%d" height="%d" rx="5" fill="%s" stroke="%s"%s/>`, x, y, w, h, fill, stroke, dash)
	for i, line := range s.text() {
		weight := ""
		if i == 0 {
			weight = ` font-weight="bold"`
		}
		fmt.Fprintf(&d.boxes, `<text x="%d" y="%d" text-anchor="middle"%s>%s</text>`, x+w/2, y+boxPadding+11+i*lineHeight, weight, html.EscapeString(line))
	}
	if s.link != "" {
		d.boxes.WriteString("</a>")
	}
	d.boxes.WriteByte('\n')
}
