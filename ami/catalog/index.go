package catalog

import "strings"

// named is what can be found by its name.
type named interface{ name() string }

func (a Action) name() string      { return a.Name }
func (a Argument) name() string    { return a.Name }
func (e Event) name() string       { return e.Name }
func (f Field) name() string       { return f.Name }
func (a Application) name() string { return a.Name }
func (f Function) name() string    { return f.Name }
func (c Command) name() string     { return c.Name }
func (v Value) name() string       { return v.Name }

// lookup finds a name in any case.
func lookup[T named](all []T, name string) (T, bool) {
	for _, x := range all {
		if strings.EqualFold(x.name(), name) {
			return x, true
		}
	}
	var none T
	return none, false
}

// index finds elements of a slice by name in lower case.
type index map[string]int

func indexOf[T named](all []T) index {
	x := make(index, len(all))
	for i, e := range all {
		x[strings.ToLower(e.name())] = i
	}
	return x
}

// find returns the element of the slice that was indexed.
func find[T named](x index, all []T, name string) (T, bool) {
	if i, ok := x[strings.ToLower(name)]; ok {
		return all[i], true
	}
	var none T
	return none, false
}
