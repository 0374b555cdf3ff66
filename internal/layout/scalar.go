package layout

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// flow returns n on one line.
func (p *printer) flow(n *yaml.Node) string { return inline(n, false) }

// inline returns n on one line; inside says that brackets are around it.
func inline(n *yaml.Node, inside bool) string {
	switch n.Kind {
	case yaml.AliasNode:
		return "*" + n.Value
	case yaml.MappingNode:
		var parts []string
		pairs := ordered(n, elsewhere)
		for i, p := range pairs {
			key := inline(p.key, true) + ":"
			if p.key.Kind == yaml.AliasNode {
				key = inline(p.key, true) + " :"
			}
			switch {
			case !isNothing(p.value):
				key += " " + inline(p.value, true)
			case i < len(pairs)-1:
				key += " " // a comma at the colon would be a part of the key
			}
			parts = append(parts, key)
		}
		if parts == nil {
			return properties(n) + "{}"
		}
		return properties(n) + "{ " + strings.Join(parts, ", ") + " }"
	case yaml.SequenceNode:
		var parts []string
		for _, item := range n.Content {
			parts = append(parts, inline(item, true))
		}
		return properties(n) + "[" + strings.Join(parts, ", ") + "]"
	}
	return properties(n) + scalar(n, inside)
}

// isNothing reports whether n is an empty value that is not even written.
func isNothing(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Value == "" && n.ShortTag() == "!!null" && n.Anchor == "" && n.Style&yaml.TaggedStyle == 0
}

// properties are the anchor and the tag that the author wrote, with a blank behind.
func properties(n *yaml.Node) string {
	text := ""
	if n.Anchor != "" {
		text += "&" + n.Anchor + " "
	}
	if n.Style&yaml.TaggedStyle != 0 {
		text += n.Tag + " "
	}
	return text
}

// scalar returns a value without quotes if YAML then reads the same, and of the same
// kind.
func scalar(n *yaml.Node, inside bool) string {
	plain := n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
	if reads(n.Value, n, inside) && (plain || n.Style&yaml.TaggedStyle == 0 && !slices.Contains(truths, strings.ToLower(n.Value))) {
		return n.Value
	}
	if plain && n.Value == "" {
		return ""
	}
	single := "'" + strings.ReplaceAll(n.Value, "'", "''") + "'"
	if strings.ContainsAny(n.Value, "\"\\") && !strings.ContainsFunc(n.Value, func(r rune) bool { return r < ' ' || r == 0x7f }) && reads(single, n, inside) {
		return single
	}
	return double(n.Value)
}

// truths are words that are true or false to other readers of YAML. Quotes around them
// were put there on purpose.
var truths = []string{"y", "yes", "on", "n", "no", "off"}

// double returns text in double quotes.
func double(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r == 0x85 || r == 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfeff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// reads reports whether YAML reads text, as a key and as a value, as what n is.
func reads(text string, n *yaml.Node, inside bool) bool {
	if strings.ContainsAny(text, "\n\r") || text == "" || strings.TrimSpace(text) != text {
		return false
	}
	line := text + ": " + text + "\n"
	if inside {
		line = "{ " + text + ": " + text + ", z: [" + text + ", y] }\n"
	}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(line), &doc); err != nil || len(doc.Content) != 1 {
		return false
	}
	got := doc.Content[0]
	want := n.ShortTag()
	if n.Style&yaml.TaggedStyle != 0 {
		want = (&yaml.Node{Kind: yaml.ScalarNode, Value: n.Value}).ShortTag()
	}
	same := func(s *yaml.Node) bool {
		return s.Kind == yaml.ScalarNode && s.Value == n.Value && s.ShortTag() == want && s.Anchor == "" && s.Style&yaml.TaggedStyle == 0 &&
			s.HeadComment+s.LineComment+s.FootComment == ""
	}
	if got.Kind != yaml.MappingNode || len(got.Content) < 2 || !same(got.Content[0]) || !same(got.Content[1]) {
		return false
	}
	return !inside || len(got.Content) == 4 && len(got.Content[3].Content) == 2 && same(got.Content[3].Content[0])
}
