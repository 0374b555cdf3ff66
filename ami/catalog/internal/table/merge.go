package table

import (
	"fmt"
	"slices"
	"strings"
)

// Merge adds what one version has to a table. Nothing is removed: what the table has
// of that version and the other lacks is returned as lines for a person to decide,
// "event Hangup TechCause". A package may be older than the newest release of its
// version, or built without a module.
func Merge(all, one []Entry, version int) (merged []Entry, lacking []string) {
	in := Of(version)
	for _, e := range all {
		if e.Versions&in != 0 && find(one, e) < 0 {
			lacking = append(lacking, e.Kind+" "+e.Name)
		}
	}
	for _, e := range one {
		i := find(all, e)
		if i < 0 {
			all = append(all, e)
			continue
		}
		lacking = append(lacking, all[i].merge(e, in)...)
	}
	Sort(all)
	return all, lacking
}

func find(all []Entry, e Entry) int {
	return slices.IndexFunc(all, func(other Entry) bool { return other.Kind == e.Kind && other.Name == e.Name })
}

func (e *Entry) merge(one Entry, in Versions) (lacking []string) {
	e.Versions |= in
	if len(one.Added) > 0 && (len(e.Added) == 0 || e.Versions < in<<1) { // newer versions know better
		e.Added = one.Added
	}
	for _, m := range e.Members {
		if m.Versions&in != 0 && one.Member(m.Name) == nil {
			lacking = append(lacking, fmt.Sprintf("%s %s %s", e.Kind, e.Name, m.Name))
		}
	}
	for _, m := range one.Members {
		known := e.Member(m.Name)
		if known == nil {
			e.Members = append(e.Members, m)
			continue
		}
		known.Versions |= in
		known.Values = mergeWords(known.Values, m.Values)
		known.Options = known.Options || m.Options
	}
	e.Channels = mergeWords(e.Channels, one.Channels)
	e.Bridges = mergeWords(e.Bridges, one.Bridges)
	return lacking
}

// Member returns the member of that name, in any case, or nil.
func (e *Entry) Member(name string) *Member {
	for i := range e.Members {
		if strings.EqualFold(e.Members[i].Name, name) {
			return &e.Members[i]
		}
	}
	return nil
}

func mergeWords(all, one []Word) []Word {
	for _, w := range one {
		i := slices.IndexFunc(all, func(other Word) bool { return other.Text == w.Text })
		if i < 0 {
			all = append(all, w)
		} else {
			all[i].Versions |= w.Versions
		}
	}
	return all
}

// SetVersions makes an entry and all it has one of those versions.
func (e *Entry) SetVersions(in Versions) {
	e.Versions = in
	for i := range e.Members {
		e.Members[i].SetVersions(in)
	}
	for _, words := range [][]Word{e.Channels, e.Bridges} {
		for i := range words {
			words[i].Versions = in
		}
	}
}

// SetVersions makes a member and its values one of those versions.
func (m *Member) SetVersions(in Versions) {
	m.Versions = in
	for i := range m.Values {
		m.Values[i].Versions = in
	}
}
