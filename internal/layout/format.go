package layout

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// errChanged says that the layout would have changed the file.
var errChanged = errors.New("layout: this file cannot be laid out without changing it")

// Format returns the text of a file in the one layout. A file that is not YAML is a
// problem, as in [lang.Parse]; an empty one stays as it is.
func Format(source *lang.Source) (string, error) {
	root, problem := lang.Parse(source)
	if problem != nil {
		return "", lang.Problems{problem}
	}
	if root.IsZero() || root.IsNull() {
		return source.Text, nil
	}
	before, remarks := scan(source.Text, root.Node)
	p := &printer{text: before, columns: map[int]int{}}
	p.document(root.Node)
	text := p.out.String()
	again, problem := lang.Parse(lang.NewSource(source.Name, []byte(text)))
	if problem != nil || again.IsZero() {
		return "", errChanged
	}
	_, kept := scan(text, again.Node)
	if !equal(root.Node, again.Node) || !slices.Equal(remarks, kept) {
		return "", errChanged
	}
	return text, nil
}

// equal reports whether two trees mean the same. The order of a mapping's keys does not
// matter, but which one is the first.
func equal(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || a.ShortTag() != b.ShortTag() || a.Value != b.Value || a.Anchor != b.Anchor || len(a.Content) != len(b.Content) {
		return false
	}
	if a.Kind != yaml.MappingNode {
		return slices.EqualFunc(a.Content, b.Content, equal)
	}
	if len(a.Content) > 0 && !firstMayMove(a) && a.Content[0].Value != b.Content[0].Value {
		return false
	}
	return slices.EqualFunc(sorted(a), sorted(b), func(x, y pair) bool { return equal(x.key, y.key) && equal(x.value, y.value) })
}

// sorted returns the pairs of a mapping by their keys.
func sorted(n *yaml.Node) []pair {
	pairs := pairsOf(n)
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(keyText(a.key), keyText(b.key)) })
	return pairs
}

func keyText(n *yaml.Node) string {
	var b strings.Builder
	b.WriteString(n.Value)
	for _, c := range n.Content {
		b.WriteString("\x00" + keyText(c))
	}
	return b.String()
}

// pair is a key with its value.
type pair struct{ key, value *yaml.Node }

func pairsOf(n *yaml.Node) []pair {
	var pairs []pair
	for i := 0; i+1 < len(n.Content); i += 2 {
		pairs = append(pairs, pair{n.Content[i], n.Content[i+1]})
	}
	return pairs
}
