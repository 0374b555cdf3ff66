package lang

import (
	"cmp"
	"slices"
	"strings"
)

// Fix replaces some characters of one line of a file.
type Fix struct {
	Pos
	// Old is what stands there now; a fix whose place has changed is not made.
	Old string
	// New is what stands there afterwards.
	New string
}

func replaceWord(at Pos, old, replacement string) *Fix { return &Fix{at, old, replacement} }

// plainFix replaces the whole of a plain scalar that stands on one line; nil for other
// ways to write it, which are left to the author.
func plainFix(n Node, replacement string) *Fix {
	if !n.IsPlain() || strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
		return nil
	}
	return replaceWord(n.Pos(), n.Value, replacement)
}

// unwrapped takes ${ and } off the expressions in a slot that is one already. What they
// hold goes in brackets where something stands beside it.
func (d *Decoder) unwrapped(n Node) *Fix {
	var b strings.Builder
	rest := n.Value
	for {
		before, inner, found := strings.Cut(rest, "${")
		b.WriteString(before)
		if !found {
			break
		}
		end := expressionEnd(inner)
		if end < 0 {
			return nil
		}
		expression := inner[:end]
		rest = inner[end+1:]
		if strings.Contains(expression, " ") && (b.Len() > 0 || rest != "") {
			expression = "(" + expression + ")"
		}
		b.WriteString(expression)
	}
	return replaceWord(d.posIn(n, 0), n.Value, b.String())
}

// Apply returns the text of each file that the fixes of the problems change, by the
// file's name. Fixes that overlap, or whose place does not hold what they replace, are
// left out.
func (ps Problems) Apply() map[string]string {
	files := map[string]string{}
	bySource := map[*Source][]*Fix{}
	for _, p := range ps {
		if p.Fix != nil && p.Fix.Source != nil {
			bySource[p.Fix.Source] = append(bySource[p.Fix.Source], p.Fix)
		}
	}
	for source, fixes := range bySource {
		if text := source.apply(fixes); text != source.Text {
			files[source.Name] = text
		}
	}
	return files
}

func (s *Source) apply(fixes []*Fix) string {
	slices.SortStableFunc(fixes, func(a, b *Fix) int {
		return cmp.Or(cmp.Compare(b.Line, a.Line), cmp.Compare(b.Column, a.Column)) // from the end on
	})
	lines := slices.Clone(s.lines)
	line, column := 0, 0 // where the last change began
	for _, f := range fixes {
		runes, old := []rune(lineAt(lines, f.Line)), []rune(f.Old)
		from := f.Column - 1
		to := from + len(old)
		if from < 0 || to > len(runes) || string(runes[from:to]) != f.Old || f.Line == line && to > column {
			continue
		}
		lines[f.Line-1] = string(runes[:from]) + f.New + string(runes[to:])
		line, column = f.Line, from
	}
	return strings.Join(lines, "\n")
}

func lineAt(lines []string, n int) string {
	if n < 1 || n > len(lines) {
		return ""
	}
	return lines[n-1]
}
