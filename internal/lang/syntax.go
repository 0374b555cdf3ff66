package lang

import (
	"regexp"
	"strconv"
	"strings"
)

var yamlErrorLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// syntaxProblem turns yaml.v3's error into a problem at the right place. The library
// counts some lines one early, gives none for others, and notices quotes and brackets
// that do not match only much later, so the cause is looked for in the text itself.
func syntaxProblem(s *Source, err error) *Problem {
	line, message := 1, err.Error()
	if m := yamlErrorLine.FindStringSubmatch(strings.TrimSpace(message)); m != nil {
		message = m[2]
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n
		}
	}
	p := &Problem{ID: "yaml-syntax", Message: "not valid YAML: " + message}
	for _, n := range []int{line, line + 1} {
		if word, ok := bareWordAbove(s, n); ok {
			p.Pos = Pos{s, n - 1, 1 + strings.Index(s.lines[n-2], word)}
			p.Message = "options follow, so " + word + " needs its colon"
			p.Suggestion = "write - " + word + ":"
			p.Fix = replaceWord(p.Pos, word, word+":")
			return p
		}
	}
	sc := newScanner(s)
	if found := sc.scan(); found != nil {
		return found
	}
	if found := sc.checkIndents(); found != nil {
		return found
	}
	for _, cause := range otherCauses {
		if strings.Contains(message, cause.says) {
			p.Message, p.Suggestion = cause.message, cause.hint
		}
	}
	if i := strings.IndexFunc(s.Text, isControl); i >= 0 && strings.Contains(message, "control characters") {
		line = 1 + strings.Count(s.Text[:i], "\n")
	}
	text, _ := s.line(line)
	indent := len(text) - len(strings.TrimLeft(text, " \t"))
	p.Pos = Pos{s, line, indent + 1}
	return p
}

var (
	bareWord  = regexp.MustCompile(`^( *)- (\w+) *$`)
	optionKey = regexp.MustCompile(`^( *)\w+:( |$)`)
)

// bareWordAbove reports whether line n holds a key that belongs to a list item of
// one word on the line above.
func bareWordAbove(s *Source, n int) (word string, ok bool) {
	above, _ := s.line(n - 1)
	below, _ := s.line(n)
	item, key := bareWord.FindStringSubmatch(above), optionKey.FindStringSubmatch(below)
	if item == nil || key == nil || len(key[1]) <= len(item[1]) {
		return "", false
	}
	return item[2], true
}

// otherCauses are what the library says of what is rare, and what it means.
var otherCauses = []struct{ says, message, hint string }{
	{"incompatible YAML document", "this version of YAML is not known", "remove the line with %YAML"},
	{"control characters", "this line holds a character that is no text", "remove it, or save the file as text in UTF-8"},
	{"could not find expected ':'", "a key stands here without its colon", "write a colon behind it"},
	{"mapping values", "a key stands here where none can", "begin a new line, or put the value in quotes"},
	{"exceeded max depth", "this nests too deeply", "write it in fewer levels"},
}

func isControl(r rune) bool {
	return r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0x7f
}
