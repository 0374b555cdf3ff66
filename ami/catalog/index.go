package catalog

import "strings"

// entry is what has a name, by which it is found, in some versions.
type entry interface {
	entry() (name string, in VersionSet)
}

func (a Action) entry() (string, VersionSet)      { return a.Name, a.Versions }
func (a Argument) entry() (string, VersionSet)    { return a.Name, a.Versions }
func (e Event) entry() (string, VersionSet)       { return e.Name, e.Versions }
func (f Field) entry() (string, VersionSet)       { return f.Name, f.Versions }
func (a Application) entry() (string, VersionSet) { return a.Name, a.Versions }
func (f Function) entry() (string, VersionSet)    { return f.Name, f.Versions }
func (c Command) entry() (string, VersionSet)     { return c.Name, c.Versions }
func (v Value) entry() (string, VersionSet)       { return v.Name, v.Versions }

// lookup finds a name in any case.
func lookup[T entry](all []T, name string) (T, bool) {
	for _, x := range all {
		if is, _ := x.entry(); strings.EqualFold(is, name) {
			return x, true
		}
	}
	var none T
	return none, false
}

// index finds elements of a slice by name in lower case.
type index map[string]int

func indexOf[T entry](all []T) index {
	x := make(index, len(all))
	for i, e := range all {
		name, _ := e.entry()
		x[strings.ToLower(name)] = i
	}
	return x
}

// find returns the element of the slice that was indexed.
func find[T entry](x index, all []T, name string) (T, bool) {
	if i, ok := x[strings.ToLower(name)]; ok {
		return all[i], true
	}
	var none T
	return none, false
}
