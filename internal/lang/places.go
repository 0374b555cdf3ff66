package lang

import "gopkg.in/yaml.v3"

// places are where the characters of a value stand. Those of the last value that was
// asked for are kept: a long text can hold many expressions.
type places struct {
	of    *yaml.Node
	lines []int32
	cols  []int32
}

// posIn returns the place in the file of rune number index of n's value.
func (d *Decoder) posIn(n Node, index int) Pos {
	if d.places.of != n.Node {
		d.places = n.places()
	}
	i := min(index, len(d.places.lines)-1)
	return Pos{n.Source, int(d.places.lines[i]), int(d.places.cols[i])}
}
