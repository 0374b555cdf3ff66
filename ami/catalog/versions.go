package catalog

import (
	"iter"
	"slices"

	"github.com/pbxflow/pbxflow/ami/catalog/internal/table"
)

// Versions returns the major versions of Asterisk that the catalogue describes, in
// ascending order. The result is the caller's.
func Versions() []int { return slices.Clone(table.Known) }

// VersionSet is a set of those versions. The zero value is empty.
type VersionSet uint8

// Has reports whether the set holds a major version. For one that the catalogue does
// not describe it is false.
func (s VersionSet) Has(version int) bool { return table.Versions(s)&table.Of(version) != 0 }

// Since returns the first version of the set, 0 if it is empty. The first that the
// catalogue describes means "that or before".
func (s VersionSet) Since() int {
	for v := range s.All() {
		return v
	}
	return 0
}

// Until returns the last version of the set. It is 0 when the newest version that the
// catalogue describes is in the set, so that no end is known, and for the empty set.
func (s VersionSet) Until() int {
	last := 0
	for v := range s.All() {
		last = v
	}
	if last == table.Known[len(table.Known)-1] {
		return 0
	}
	return last
}

// All iterates over the versions in ascending order.
func (s VersionSet) All() iter.Seq[int] {
	return func(yield func(int) bool) {
		for _, v := range table.Known {
			if s.Has(v) && !yield(v) {
				return
			}
		}
	}
}

// String returns the set in words such as "16-20", "18-" (until the newest) or
// "20,22-".
func (s VersionSet) String() string { return table.Versions(s).String() }
