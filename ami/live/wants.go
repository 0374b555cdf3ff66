package live

import (
	"maps"
	"slices"
	"strings"

	"github.com/pbxflow/pbxflow/ami"
)

// Wants returns which of Asterisk's events the picture is made of, and those that are
// named, for [ami.Options.Wants]. Names of derived events may be among the names. Of
// the variables that are set only a few matter, which is most of what Asterisk tells.
func Wants(names ...string) []ami.Want {
	whole := slices.Collect(maps.Keys(handlers))
	for _, name := range names {
		if !strings.Contains(name, ".") {
			whole = append(whole, name)
		}
	}
	slices.Sort(whole)
	whole = slices.Compact(whole)
	if slices.Contains(names, "VarSet") {
		return []ami.Want{{Names: whole}}
	}
	whole = slices.DeleteFunc(whole, func(name string) bool { return name == "VarSet" })
	wants := []ami.Want{{Names: whole}}
	for _, variable := range watched {
		wants = append(wants, ami.Want{Names: []string{"VarSet"}, Fields: []ami.Field{{Name: "Variable", Value: variable}}})
	}
	return wants
}
