package flowtest

import (
	"slices"
	"strings"
)

// place is one in the lines of a file: its line and column, which count from 0, in
// characters.
type place struct{ line, column int }

// endOf returns the place behind what begins at a place of a file: a mapping in braces, a
// list in brackets, a text in quotes, or one without, which stands in braces or brackets.
func endOf(lines []string, from place) place {
	depth, quote := 0, rune(0)
	for at := from; at.line < len(lines); at = (place{at.line + 1, 0}) {
		line := []rune(lines[at.line])
		for ; at.column < len(line); at.column++ {
			switch char := line[at.column]; {
			case quote == '"' && char == '\\':
				at.column++
			case quote != 0:
				if char != quote {
					continue
				}
				if quote = 0; depth == 0 {
					return place{at.line, at.column + 1}
				}
			case (char == '"' || char == '\'') && begins(line, at.column):
				quote = char
			case char == '#' && begins(line, at.column):
				at.column = len(line)
			case char == '{' || char == '[':
				depth++
			case depth == 0 && slices.Contains([]rune(",}]"), char):
				return at // of a text without quotes
			case char == '}' || char == ']':
				if depth--; depth == 0 {
					return place{at.line, at.column + 1}
				}
			}
		}
		if depth == 0 && quote == 0 {
			return place{at.line, len(line)}
		}
	}
	return place{len(lines), 0}
}

// begins reports whether something can begin at a column: quotes and # within a word are
// parts of it.
func begins(line []rune, column int) bool {
	return column == 0 || slices.Contains([]rune(" \t{[,:"), line[column-1])
}

// splice replaces what stands between two places. The lines are those of a file in which
// nothing behind was replaced that should stay.
func splice(lines []string, from, till place, text string) []string {
	before := string([]rune(lines[from.line])[:from.column])
	after := string([]rune(lines[till.line])[till.column:])
	return slices.Concat(lines[:from.line], []string{before + text + after}, lines[till.line+1:])
}

// endOfBlock returns the line behind what begins on a line at a column: behind all lines
// that are indented deeper. Comments and empty lines belong to what comes next.
func endOfBlock(lines []string, from, column int) int {
	end := from + 1
	for i := end; i < len(lines); i++ {
		text := strings.TrimLeft(lines[i], " ")
		switch {
		case text == "" || text[0] == '#':
		case len(lines[i])-len(text) > column:
			end = i + 1
		default:
			return end
		}
	}
	return end
}
