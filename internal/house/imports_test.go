package house

import (
	"slices"
	"strings"
	"testing"
)

// picture is the import picture: what each package may import, tests left aside. The
// rows stand in the order of the imports, a package below those that use it. "." is
// package pbxflow at the top. Of other people's modules "any" is whatever go.mod names;
// the protocol packages name theirs, so that who imports only them gets no more.
var picture = []struct{ name, ours, others string }{
	{"cmd/pbxflow", ". flows/flowtest ami ami/capture ami/catalog internal/app internal/graph internal/lang internal/layout internal/pbxcheck internal/reference internal/terse", "any"},
	{".", "agi ami ami/live flows rules internal/app internal/lang", "any"},
	{"internal/graph", "internal/lang", ""},
	{"internal/layout", "flows internal/lang", "any"},
	{"internal/pbxcheck", "ami ami/catalog flows internal/app internal/lang", ""},
	{"internal/reference", "ami/catalog ami/live flows flows/flowtest rules internal/app internal/lang", ""},
	{"internal/app", "flows rules internal/lang", "any"},
	{"rules", "ami ami/live ami/catalog flows internal/lang", "any"},
	{"flows/flowtest", "agi ami ami/live flows internal/app internal/lang", "any"},
	{"flows", "agi ami ami/live internal/lang", "any"},
	{"internal/lang", "", "any"},

	{"ami/live", "ami", "hclog"},
	{"ami/catalog", "ami/catalog/internal/table", ""},
	{"ami/catalog/internal/gen", "ami/catalog/internal/table ami/catalog/internal/xmldoc", ""},
	{"ami/catalog/internal/xmldoc", "ami/catalog/internal/table", ""},
	{"ami/catalog/internal/table", "", ""},
	{"ami/amitest", "ami ami/capture ami/catalog internal/terse", "hclog"},
	{"ami/capture", "ami", ""},
	{"ami", "", "hclog backoff"},
	{"internal/terse", "ami", ""},
	{"agi/agitest", "agi", "hclog"},
	{"agi", "", "hclog"},

	{"internal/apart", "", ""},
	{"internal/asterisktest", "", "any"},
	{"internal/asterisktest/prepare", "internal/asterisktest", ""},
	{"internal/stage", "examples/callcenter internal/asterisktest", ""},
	{"internal/demo", ". agi agi/agitest ami/amitest flows rules internal/asterisktest internal/stage", "hclog"},
	{"internal/soak", "", ""}, // is a test
	{"internal/docgen", "internal/reference", ""},
	{"internal/house", "", ""},

	{"examples/callcenter", "", ""}, // embeds its own files
	{"examples/customverb", ". flows", ""},
	{"examples/plainagi", "agi", ""},
}

// modules are the short names in the picture.
var modules = map[string]string{
	"hclog":   "github.com/hashicorp/go-hclog",
	"backoff": "github.com/cenkalti/backoff/v5",
}

func TestImports(t *testing.T) {
	for _, p := range packages(t) {
		name := short(p.ImportPath)
		row := slices.IndexFunc(picture, func(r struct{ name, ours, others string }) bool { return r.name == name })
		if row < 0 {
			t.Errorf("package %s is not in the import picture: give it a row in internal/house/imports_test.go with what it may import", name)
			continue
		}
		ours, others := strings.Fields(picture[row].ours), strings.Fields(picture[row].others)
		for _, path := range p.Imports {
			switch {
			case within(path, module):
				if !slices.Contains(ours, short(path)) {
					t.Errorf("package %s may not import %s (of ours: %s): move the code to where both may reach it, or take what you need as an argument or a small interface",
						name, short(path), orNothing(ours))
				}
			case !standard(path):
				if !slices.Contains(others, "any") && !slices.ContainsFunc(others, func(m string) bool { return within(path, modules[m]) }) {
					t.Errorf("package %s may not import %s (of other modules: %s): its users would get that dependency too",
						name, path, orNothing(others))
				}
			}
		}
	}
}

// short returns the name that the picture uses for one of our packages.
func short(path string) string {
	if path == module {
		return "."
	}
	return strings.TrimPrefix(path, module+"/")
}

// within tells whether the package belongs to the module.
func within(path, module string) bool {
	return path == module || strings.HasPrefix(path, module+"/")
}

// standard tells whether the package belongs to Go: those have no dot in the first part.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

func orNothing(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}
