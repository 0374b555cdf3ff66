package lang

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Bounds on one file: far above what people write, far below what hurts.
const (
	maxFileBytes = 4 << 20
	maxNodes     = 200_000 // with aliases expanded
	maxDepth     = 100
)

// Source is one YAML file of an app. It is immutable.
type Source struct {
	// Name is the path that messages show, relative to the app's folder.
	Name string
	// Text is the file as read.
	Text  string
	lines []string
}

// lineBreaks makes one of all that YAML takes for the end of a line: also a lone carriage
// return and what comes invisibly with text from elsewhere (NEL, LS and PS of Unicode). Or
// else lines would be counted in two ways, and problems be shown in the wrong place.
var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// NewSource returns the source with the given name and content.
func NewSource(name string, text []byte) *Source {
	s := &Source{Name: name, Text: lineBreaks.Replace(string(text))}
	s.lines = strings.Split(s.Text, "\n")
	return s
}

// line returns line n, counted from 1.
func (s *Source) line(n int) (string, bool) {
	if s == nil || n < 1 || n > len(s.lines) {
		return "", false
	}
	return s.lines[n-1], true
}

// Parse reads the one YAML document in s. An empty file gives a node that
// [Node.IsZero]. A syntax error is one problem; nothing else of the file is
// known then.
func Parse(s *Source) (Node, *Problem) {
	at := func(line, col int) Pos { return Pos{s, line, col} }
	if len(s.Text) > maxFileBytes {
		return Node{}, &Problem{
			Pos: at(1, 1), ID: "too-large",
			Message: fmt.Sprintf("the file has %d bytes; at most %d are read", len(s.Text), maxFileBytes),
		}
	}
	if p := checkUTF8(s); p != nil {
		return Node{}, p
	}
	dec := yaml.NewDecoder(strings.NewReader(s.Text))
	var doc yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return Node{}, nil
	} else if err != nil {
		return Node{}, syntaxProblem(s, err)
	}
	var second yaml.Node
	if err := dec.Decode(&second); err == nil {
		return Node{}, &Problem{
			Pos: at(second.Line, 1), ID: "yaml-documents",
			Message: "a second YAML document starts here; a file holds one", Suggestion: "remove the line with ---",
		}
	} else if !errors.Is(err, io.EOF) {
		return Node{}, syntaxProblem(s, err)
	}
	root := Node{doc.Content[0], s}
	if p := measure(root); p != nil {
		return Node{}, p
	}
	return root, nil
}

// checkUTF8 refuses what is no text in UTF-8: places could not be told in it.
func checkUTF8(s *Source) *Problem {
	if utf8.ValidString(s.Text) {
		return nil
	}
	line := 1
	for i, text := range s.lines {
		if !utf8.ValidString(text) {
			line = i + 1
			break
		}
	}
	return &Problem{
		Pos: Pos{s, line, 1}, ID: "yaml-syntax",
		Message: "this line is no text in UTF-8", Suggestion: "save the file in UTF-8",
	}
}

// measure refuses what would make later walks endless or huge: aliases that
// contain themselves, alias bombs and absurd nesting.
func measure(root Node) *Problem {
	sizes := map[*yaml.Node]int{}
	open := map[*yaml.Node]bool{}
	var walk func(n *yaml.Node, depth int) (int, *Problem)
	walk = func(n *yaml.Node, depth int) (int, *Problem) {
		fail := func(id, message string) (int, *Problem) {
			return 0, &Problem{Pos: Pos{root.Source, n.Line, n.Column}, ID: id, Message: message}
		}
		// Only what has an anchor is met again.
		shared := n.Anchor != ""
		if size, known := sizes[n]; shared && known {
			return size, nil
		}
		if shared && open[n] {
			return fail("yaml-cycle", "this alias stands inside its own anchor")
		}
		if depth > maxDepth {
			return fail("too-deep", fmt.Sprintf("more than %d levels of nesting", maxDepth))
		}
		if shared {
			open[n] = true
		}
		size := 1
		children := n.Content
		if n.Kind == yaml.AliasNode {
			children = []*yaml.Node{n.Alias}
		}
		for _, c := range children {
			s, p := walk(c, depth+1)
			if p != nil {
				return 0, p
			}
			if size += s; size > maxNodes {
				return fail("too-large", fmt.Sprintf("with its aliases written out this holds more than %d values", maxNodes))
			}
		}
		if shared {
			delete(open, n)
			sizes[n] = size
		}
		return size, nil
	}
	_, p := walk(root.Node, 0)
	return p
}
