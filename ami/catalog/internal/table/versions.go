package table

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Known are the versions of Asterisk that a table describes.
var Known = []int{16, 18, 20, 21, 22, 23}

// Versions is a set of known versions: bit i stands for Known[i].
type Versions uint8

// All are all known versions.
var All = Versions(1<<len(Known) - 1)

// Of returns the set that holds one version, or the empty one if it is unknown.
func Of(version int) Versions {
	i := slices.Index(Known, version)
	if i < 0 {
		return 0
	}
	return 1 << i
}

// ParseVersions reads "16,20-22,23", "18-" (until the newest) or "-20".
func ParseVersions(text string) (Versions, error) {
	var set Versions
	for part := range strings.SplitSeq(text, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, err := position(first, 0)
		if err != nil {
			return 0, err
		}
		to, err := position(last, len(Known)-1)
		if err != nil {
			return 0, err
		}
		for i := from; i <= to; i++ {
			set |= 1 << i
		}
	}
	return set, nil
}

func position(version string, none int) (int, error) {
	if version == "" {
		return none, nil
	}
	n, err := strconv.Atoi(version)
	i := slices.Index(Known, n)
	if err != nil || i < 0 {
		return 0, fmt.Errorf("unknown version %q", version)
	}
	return i, nil
}

// String returns the set as ParseVersions reads it; the empty one is "".
func (v Versions) String() string {
	var parts []string
	for i := 0; i < len(Known); i++ {
		if v&(1<<i) == 0 {
			continue
		}
		from := i
		for i+1 < len(Known) && v&(1<<(i+1)) != 0 {
			i++
		}
		switch {
		case i == len(Known)-1 && i > from:
			parts = append(parts, fmt.Sprintf("%d-", Known[from]))
		case i > from:
			parts = append(parts, fmt.Sprintf("%d-%d", Known[from], Known[i]))
		default:
			parts = append(parts, strconv.Itoa(Known[i]))
		}
	}
	return strings.Join(parts, ",")
}
