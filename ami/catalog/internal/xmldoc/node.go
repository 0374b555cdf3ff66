package xmldoc

import (
	"encoding/xml"
	"iter"
)

// node is an element of the documentation.
type node struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Text    string     `xml:",chardata"`
	Nodes   []node     `xml:",any"`
}

func (n node) tag() string { return n.XMLName.Local }

func (n node) attr(name string) string {
	for _, a := range n.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// all iterates over the elements of that tag at any depth, in order.
func (n node) all(tag string) iter.Seq[node] {
	return func(yield func(node) bool) { n.walk(tag, yield) }
}

func (n node) walk(tag string, yield func(node) bool) bool {
	for _, child := range n.Nodes {
		if child.tag() == tag && !yield(child) || !child.walk(tag, yield) {
			return false
		}
	}
	return true
}
