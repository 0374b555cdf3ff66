package flowtest

import (
	"io/fs"
	"path"
	"strings"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/app"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// suite is an app with its tests.
type suite struct {
	app   *app.App
	tests []*test
	files map[string]*lang.Source
}

// load reads the app in fsys and its tests, in the order of files and lines. Of an app
// with mistakes there are only the problems.
func load(fsys fs.FS, verbs *flows.Verbs) (*suite, lang.Problems) {
	a, problems := app.Load(fsys, verbs)
	if problems.Err() != nil {
		return nil, problems
	}
	s := &suite{app: a, files: map[string]*lang.Source{}}
	problems = nil // warnings are for check
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		base := path.Base(name)
		switch hidden := name != "." && strings.HasPrefix(base, "."); {
		case err != nil:
			return err
		case entry.IsDir() && hidden:
			return fs.SkipDir
		case entry.IsDir() || hidden || !isTest(base):
			return nil
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		source := lang.NewSource(name, text)
		s.files[name] = source
		problems = append(problems, s.read(source, verbs)...)
		return nil
	})
	if err != nil {
		problems = append(problems, &lang.Problem{
			Pos: lang.Pos{Source: lang.NewSource(".", nil)}, ID: "unreadable", Message: "cannot be read: " + err.Error(),
		})
	}
	return s, problems
}

// isTest reports whether a file holds tests.
func isTest(name string) bool {
	return strings.HasSuffix(name, ".test.yaml") || strings.HasSuffix(name, ".test.yml")
}

// read adds the tests of one file.
func (s *suite) read(source *lang.Source, verbs *flows.Verbs) lang.Problems {
	root, problem := lang.Parse(source)
	if problem != nil {
		return lang.Problems{problem}
	}
	if root.IsZero() || root.IsNull() {
		return nil
	}
	d := lang.NewDecoder(lang.NewScope(nil))
	d.Host = &host{s.app.Program, verbs}
	var f file
	d.Decode(root, &f)
	for _, pair := range root.Lookup("tests").Pairs() {
		if t := f.Tests[pair.Key.Value]; t != nil {
			t.name, t.pos, t.node = pair.Key.Value, pair.Key.Pos(), pair.Value
			t.expectAt = pair.Value.Lookup("expect")
			s.tests = append(s.tests, t)
		}
	}
	return d.Problems()
}
