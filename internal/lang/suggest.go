package lang

import (
	"strings"

	"github.com/agext/levenshtein"
)

// Nearest returns the name that the author most likely meant by written, or ""
// when none is near. A near name differs in at most a third of the letters of the
// longer of the two, or starts with what was written.
func Nearest(written string, names []string) string {
	w := strings.ToLower(written)
	best, bestDistance := "", len(w)+1
	for _, name := range names {
		n := strings.ToLower(name)
		d := levenshtein.Distance(w, n, nil)
		if swapped(w, n) || len(w) >= 3 && strings.HasPrefix(n, w) {
			d = min(d, 1) // two letters that changed places are one slip of the fingers
		}
		nearer := d < bestDistance || d == bestDistance && best != "" && name < best
		if nearer && d <= max(1, (max(len(w), len(n))+1)/3) {
			best, bestDistance = name, d
		}
	}
	return best
}

// swapped reports whether a and b differ by exchanging two neighbours.
func swapped(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

// list returns names as "a, b and c" for messages, in the given order.
func list(names []string) string {
	switch len(names) {
	case 0:
		return "nothing"
	case 1:
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
