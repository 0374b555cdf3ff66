package lang

import (
	"errors"
	"testing"
)

// An expression that would look at a million elements stops at its bound.
func TestFuel(t *testing.T) {
	for text, runaway := range map[string]bool{
		`any(1..300, any(1..300, any(1..2, # > 300)))`: false, // refused when it is loaded
		`sum(1..1000, len(filter(1..1000, # > 5)))`:    true,
		`sum(1..30, len(filter(1..30, # > 5)))`:        false, // too few to look at the clock
		`len(map(1..50, # + 1))`:                       false,
	} {
		d := NewDecoder(testScope())
		n, problem := Parse(NewSource("x.yaml", []byte("'${"+text+"}'")))
		if problem != nil {
			t.Fatal(problem)
		}
		var v Value[any]
		d.Decode(n, &v)
		if d.Problems() != nil {
			if runaway {
				t.Errorf("%s: %v", text, d.Problems())
			}
			continue
		}
		_, err := v.Get(mapVars{})
		if errors.Is(err, errFuel) != runaway {
			t.Errorf("%s: got %v, want runaway %v", text, err, runaway)
		}
	}
}

type mapVars map[string]any

func (m mapVars) Lookup(name string) any { return m[name] }
