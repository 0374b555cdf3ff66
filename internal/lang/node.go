package lang

import (
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Node is a place in a YAML file together with what is written there. The zero
// Node stands for nothing written.
type Node struct {
	*yaml.Node
	Source *Source
}

// Pair is a key of a mapping with its value.
type Pair struct{ Key, Value Node }

// IsZero reports whether nothing is written: no node at all.
func (n Node) IsZero() bool { return n.Node == nil }

// Pos returns where the node starts.
func (n Node) Pos() Pos {
	if n.Node == nil {
		return Pos{Source: n.Source, Line: 1, Column: 1}
	}
	return Pos{n.Source, n.Line, n.Column}
}

// IsMapping reports whether n is a mapping of keys to values. Here and below an
// alias has been followed already.
func (n Node) IsMapping() bool { return n.Node != nil && n.Kind == yaml.MappingNode }

// IsList reports whether n is a sequence.
func (n Node) IsList() bool { return n.Node != nil && n.Kind == yaml.SequenceNode }

// IsScalar reports whether n is one value: text, a number, true, or empty.
func (n Node) IsScalar() bool { return n.Node != nil && n.Kind == yaml.ScalarNode }

// IsNull reports whether a key was written without a value, as in "hangup:".
func (n Node) IsNull() bool {
	return n.IsScalar() && n.Tag == "!!null" && n.Style == 0
}

// IsPlain reports whether n is a scalar without quotes and not in a block.
func (n Node) IsPlain() bool { return n.IsScalar() && n.Style&^yaml.TaggedStyle == 0 }

// Items returns the entries of a list; nil for anything else.
func (n Node) Items() []Node {
	if !n.IsList() {
		return nil
	}
	items := make([]Node, len(n.Content))
	for i, c := range n.Content {
		items[i] = n.child(c)
	}
	return items
}

// Pairs returns the keys and values of a mapping in the order written; nil for
// anything else.
func (n Node) Pairs() []Pair {
	if !n.IsMapping() {
		return nil
	}
	pairs := make([]Pair, 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		pairs = append(pairs, Pair{n.child(n.Content[i]), n.child(n.Content[i+1])})
	}
	return pairs
}

// Lookup returns the value of a mapping's key; the zero Node when there is none.
func (n Node) Lookup(key string) Node {
	if !n.IsMapping() {
		return Node{}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.child(n.Content[i]).Value == key {
			return n.child(n.Content[i+1])
		}
	}
	return Node{}
}

func (n Node) child(c *yaml.Node) Node {
	for c.Kind == yaml.AliasNode { // cycles were refused by Parse
		c = c.Alias
	}
	return Node{c, n.Source}
}

// Text returns what is written at n in one form, whatever its style and comments.
func (n Node) Text() string {
	switch {
	case n.IsMapping():
		var parts []string
		for _, p := range n.Pairs() {
			parts = append(parts, p.Key.Text()+": "+p.Value.Text())
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case n.IsList():
		var parts []string
		for _, item := range n.Items() {
			parts = append(parts, item.Text())
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case n.IsZero() || n.IsNull():
		return ""
	}
	return strconv.Quote(n.Value)
}

// shape names what is written at n, for messages.
func (n Node) shape() string {
	switch {
	case n.IsZero() || n.IsNull():
		return "nothing"
	case n.IsMapping():
		return "a mapping"
	case n.IsList():
		return "a list"
	}
	return "text"
}

// BareKey returns the mapping that the scalar n is short for: n as a key without
// a value.
func (n Node) BareKey() Node {
	null := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: n.Line, Column: n.Column}
	return Node{&yaml.Node{
		Kind: yaml.MappingNode, Tag: "!!map", Line: n.Line, Column: n.Column,
		Content: []*yaml.Node{n.Node, null},
	}, n.Source}
}

// EmptyMapping returns a mapping without keys at the place of n.
func EmptyMapping(n Node) Node {
	at := n.Pos()
	return Node{&yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: at.Line, Column: at.Column}, n.Source}
}

// WithFirstKey returns the mapping n with another first key at the same place.
func (n Node) WithFirstKey(name string) Node {
	c, key := *n.Node, *n.Content[0]
	key.Value = name
	c.Content = append([]*yaml.Node{&key}, n.Content[1:]...)
	return Node{&c, n.Source}
}
