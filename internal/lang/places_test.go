package lang

import (
	"testing"
)

// What stands in one line as it is has the places that aligning it gives.
func TestStraightPlaces(t *testing.T) {
	const text = "plain: call.dialed == \"1\" and x\n" +
		"single: 'a \"b\" c'\ndouble: \"a 'b' # c\"\nescaped: \"a\\\\b\"\ntwice: 'it''s'\nempty: ''\nnothing: \n" +
		"umlaut: grün ${x}\nanchor: &a value\ntag: !!str value\nfolded: >-\n  a\n  b\nlong: a\n  b\nflow: { x: y, \"k\": 'v' }\nlist: [a, b]\n"
	root, problem := Parse(NewSource("a.yaml", []byte(text)))
	if problem != nil {
		t.Fatal(problem)
	}
	straight := 0
	var walk func(n Node)
	walk = func(n Node) {
		for _, child := range n.Content {
			walk(Node{child, n.Source})
		}
		if !n.IsScalar() {
			return
		}
		if _, ok := n.straight(); ok {
			straight++
		}
		aligned := n.aligned()
		for i := range len([]rune(n.Value)) + 2 {
			d := &Decoder{}
			want := (&Decoder{places: aligned}).posIn(n, i)
			if got := d.posIn(n, i); got != want {
				t.Errorf("rune %d of %q is at %v, want %v", i, n.Value, got, want)
			}
		}
	}
	walk(root)
	if straight < 24 {
		t.Errorf("only %d values stand in one line as they are", straight)
	}
}
