package lang

import (
	"fmt"
	"regexp"
	"strings"
)

// quoted reads text in quotes, which may go on over lines.
func (sc *scanner) quoted(quote rune) {
	line, col := sc.line, sc.col
	for sc.col++; ; sc.col++ {
		for sc.col >= len(sc.text()) {
			sc.line, sc.col = sc.line+1, 0
			if sc.line >= len(sc.lines) || sc.leaves(line) {
				sc.line = line
				sc.report(col, "these quotes are not closed", fmt.Sprintf("write the missing %c", quote))
				return
			}
		}
		switch c := sc.at(sc.col); {
		case c == '\\' && quote == '"':
			if sc.escape(); sc.found != nil {
				return
			}
		case c == quote && quote == '\'' && sc.at(sc.col+1) == '\'':
			sc.col++
		case c == quote:
			sc.col++
			sc.behindQuotes(quote, line, col)
			return
		}
	}
}

// leaves reports whether this line cannot belong to a value that began on another one:
// it is no deeper than that.
func (sc *scanner) leaves(from int) bool {
	text := strings.TrimLeft(string(sc.text()), " ")
	return text != "" && !sc.flow() && len([]rune(string(sc.text())))-len([]rune(text)) <= sc.indent && from != sc.line
}

// escape reads what stands behind a backslash in double quotes.
func (sc *scanner) escape() {
	c := sc.at(sc.col + 1)
	if c != 0 && !strings.ContainsRune("0abtnvfre \"/\\N_LPxuU\t", c) {
		old := `\` + string(c)
		p := sc.report(sc.col, old+" means nothing within double quotes", fmt.Sprintf(`write \%s, or use single quotes`, old))
		p.Fix = replaceWord(p.Pos, old, `\`+old)
		return
	}
	sc.col++
}

// behindQuotes looks at what follows quotes that end: nothing, or what ends a value.
func (sc *scanner) behindQuotes(quote rune, line, col int) {
	end := sc.col
	sc.spaces()
	c := sc.at(sc.col)
	switch {
	case c == 0, c == '#' && sc.col > end, c == ':' && sc.ends(sc.col+1), sc.flow() && strings.ContainsRune(":,]}", c):
		return
	}
	hint := `write \" for quotes within double quotes, or put single quotes around all of it`
	if quote == '\'' {
		hint = `write '' for an apostrophe within single quotes, or use double quotes`
	}
	p := sc.report(end-1, "the quotes end here, but text follows", hint)
	if quote == '"' && line == sc.line && !sc.flow() {
		if text := sc.rest(col); !strings.ContainsAny(text, "'#") {
			p.Suggestion = "put all of it in quotes: " + quoteYAML(text)
		}
	}
}

var blockHeader = regexp.MustCompile(`^[|>][-+0-9]*\s*(#.*)?$`)

// blockText reads the | or > above a block of text.
func (sc *scanner) blockText(c rune) {
	text := sc.rest(sc.col)
	if blockHeader.MatchString(text) {
		sc.block = sc.indent
		if sc.at(sc.indent) == '-' {
			// The block belongs to the key behind the dash, or to the item.
			if !sc.key {
				sc.block = sc.indent
			}
		}
		return
	}
	p := sc.report(sc.col, fmt.Sprintf("%c is for text that begins on the next line", c), "put the value in quotes: "+quoteYAML(text))
	p.Fix = replaceWord(p.Pos, text, quoteYAML(text))
}

// reserved reports a value that begins with a sign that YAML keeps for itself.
func (sc *scanner) reserved(c rune) {
	text := sc.rest(sc.col)
	if c == '%' && sc.col == 0 {
		sc.col = len(sc.text()) // a directive
		return
	}
	message := fmt.Sprintf("a value cannot begin with %c unless it is in quotes", c)
	if strings.HasPrefix(text, "%{") {
		sc.report(sc.col, message, "write $"+text[1:])
		return
	}
	p := sc.report(sc.col, message, "put it in quotes")
	if !sc.flow() && !strings.Contains(text, ": ") && !strings.Contains(text, " #") {
		p.Suggestion += ": " + quoteYAML(text)
		p.Fix = replaceWord(p.Pos, text, quoteYAML(text))
	}
}

var anchorName = regexp.MustCompile(`^[*&][\w-]+`)

// anchor reads &name or *name.
func (sc *scanner) anchor(c rune) {
	text := sc.rest(sc.col)
	name := anchorName.FindString(text)
	switch {
	case name == "":
		word, _, _ := strings.Cut(text, " ")
		word = strings.TrimSuffix(word, ":")
		p := sc.report(sc.col, fmt.Sprintf("%c means something to YAML", c), fmt.Sprintf("put it in quotes: %q", word))
		p.Fix = replaceWord(p.Pos, word, fmt.Sprintf("%q", word))
	case c == '*' && !strings.Contains(sc.src.Text, "&"+name[1:]):
		sc.report(sc.col, fmt.Sprintf("%s is what stands at &%s, which there is not", name, name[1:]), fmt.Sprintf("put it in quotes if it is text: %q", name))
	}
	sc.col += max(len(name), 1)
}

// plain reads text without quotes up to what ends it.
func (sc *scanner) plain() {
	start := sc.col
	for ; ; sc.col++ {
		c := sc.at(sc.col)
		switch {
		case c == 0, c == '#' && sc.ends(sc.col-1), c == ':' && sc.ends(sc.col+1):
			return
		case !sc.flow():
		case strings.ContainsRune("[]{}", c) && sc.at(sc.col-1) == '$' && sc.col > start:
			sc.exposed(start)
			return
		case strings.ContainsRune("[{", c) && sc.col > start:
			sc.report(start, fmt.Sprintf("within [ ] and { } YAML reads this %c as the beginning of another value", c), "put the value in quotes")
			return
		case strings.ContainsRune(",[]{}", c):
			if sc.col == start {
				sc.col++ // it means nothing here, and would be read for ever
			}
			return
		}
	}
}

// exposed reports ${…} without quotes within brackets, where its { means something.
func (sc *scanner) exposed(start int) {
	rest := string(sc.text()[sc.col+1:])
	p := sc.report(start, "within [ ] and { } YAML reads the { of ${ as its own", "put the value in quotes")
	if end := expressionEnd(rest); end >= 0 {
		text := string(sc.text()[start:sc.col+1]) + rest[:end+1]
		p.Suggestion += ": " + quoteYAML(text)
		behind := strings.TrimLeft(rest[end+1:], " ")
		if behind != "" && strings.ContainsRune(",]}", rune(behind[0])) {
			p.Fix = replaceWord(p.Pos, text, quoteYAML(text))
		}
	}
}

// quoteYAML puts text in the quotes that leave it as it is, if there are.
func quoteYAML(text string) string {
	switch {
	case !strings.ContainsAny(text, `"\`):
		return `"` + text + `"`
	case !strings.Contains(text, "'"):
		return "'" + text + "'"
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
