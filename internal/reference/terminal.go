package reference

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Terminal lays the topic out for a terminal with that many columns: paragraphs are
// broken, tables have columns, and the marks of Markdown are gone.
func (t Topic) Terminal(width int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n\n", t.Kind, t.Name)
	lines := strings.Split(strings.TrimRight(t.Text, "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		switch line := lines[i]; {
		case strings.HasPrefix(line, "```"):
			for i++; i < len(lines) && lines[i] != "```"; i++ {
				b.WriteString("    " + lines[i] + "\n")
			}
		case strings.HasPrefix(line, "|"):
			end := i
			for end < len(lines) && strings.HasPrefix(lines[end], "|") {
				end++
			}
			writeTable(&b, lines[i:end], width)
			i = end - 1
		default:
			writeWrapped(&b, bare(line), "", width)
		}
	}
	return b.String()
}

// bare drops the marks for code.
func bare(text string) string { return strings.ReplaceAll(text, "`", "") }

// writeTable writes a table of Markdown in columns. The last one, which explains, is
// broken where it gets too wide, or stands below when little room is left for it.
func writeTable(b *strings.Builder, lines []string, width int) {
	const gap, readable = 2, 30
	var rows [][]string
	for i, line := range lines {
		if i == 1 {
			continue // the rule below the heads
		}
		line = strings.TrimSuffix(strings.TrimPrefix(line, "|"), "|")
		cells := strings.Split(strings.ReplaceAll(line, `\|`, "\x00"), "|")
		for j, cell := range cells {
			cells[j] = strings.ReplaceAll(bare(strings.TrimSpace(cell)), "\x00", "|")
		}
		rows = append(rows, cells)
	}
	last := len(rows[0]) - 1
	widths, indent := make([]int, last), 2
	for j := range widths {
		for _, row := range rows {
			widths[j] = max(widths[j], utf8.RuneCountInString(row[j]))
		}
		indent += widths[j] + gap
	}
	below := width-indent < readable
	for _, row := range rows {
		head := "  "
		for j, cell := range row[:last] {
			head += cell + strings.Repeat(" ", widths[j]-utf8.RuneCountInString(cell)+gap)
		}
		if below {
			b.WriteString(strings.TrimRight(head, " ") + "\n")
			if row[last] != "" {
				writeWrapped(b, "      "+row[last], "      ", width)
			}
			continue
		}
		writeWrapped(b, head+row[last], strings.Repeat(" ", indent), width)
	}
}

// writeWrapped writes a line, broken at blanks; the lines after the first are indented.
func writeWrapped(b *strings.Builder, line, indent string, width int) {
	for utf8.RuneCountInString(line) > width {
		runes := []rune(line)
		cut := width
		for cut > len(indent) && runes[cut] != ' ' {
			cut--
		}
		if cut <= len(indent) {
			break // a word that is longer than a line
		}
		b.WriteString(strings.TrimRight(string(runes[:cut]), " ") + "\n")
		line = indent + strings.TrimLeft(string(runes[cut:]), " ")
	}
	b.WriteString(strings.TrimRight(line, " ") + "\n")
}
