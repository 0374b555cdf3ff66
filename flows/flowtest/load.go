package flowtest

import (
	"errors"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/app"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// suite is an app with its tests.
type suite struct {
	app   *app.App
	tests []*test
	files map[string]*lang.Source
	env   environment
	lacks []error // why people cannot sign in

	phones map[string]string // the first phone of each place for notices that has phones
}

// environment gives expressions the environment as env.
type environment map[string]any

// Lookup returns the environment.
func (e environment) Lookup(string) any { return map[string]any(e) }

// load reads the app in fsys and its tests, in the order of files and lines. Of an app
// with mistakes there are only the problems.
func load(fsys fs.FS, verbs *flows.Verbs) (*suite, lang.Problems) {
	a, problems := app.Load(fsys, verbs)
	problems = slices.DeleteFunc(problems, func(p *lang.Problem) bool { return p.Severity == lang.Warning }) // which are for check
	if problems.Err() != nil {
		return nil, problems
	}
	s := &suite{app: a, files: map[string]*lang.Source{}, env: environment{}}
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
	if err = errors.Join(err, s.resolve()); err != nil {
		problems = append(problems, &lang.Problem{
			Pos: lang.Pos{Source: lang.NewSource(".", nil)}, ID: "unreadable", Message: "cannot be read: " + err.Error(),
		})
	}
	return s, problems
}

// resolve evaluates what only a running server knows, and has notices go where tests see
// them.
func (s *suite) resolve() error {
	program := s.app.Program
	s.phones = map[string]string{}
	for name, notifier := range program.Notifiers {
		if len(notifier.Phones) > 0 {
			s.phones[name] = notifier.Phones[0].Sample("PJSIP/phone")
			continue
		}
		n := &flows.Notifier{Webhook: lang.Literal("http://" + noticeHost + "/" + url.PathEscape(name))}
		if err := n.Resolve(s.env); err != nil {
			return err
		}
		program.Notifiers[name] = n
	}
	s.lacks = flows.ResolvePeople(program.People, s.env)
	return nil
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
	for name, value := range f.Env {
		s.env[name] = value
	}
	for _, pair := range root.Lookup("tests").Pairs() {
		if t := f.Tests[pair.Key.Value]; t != nil {
			t.name, t.pos, t.node = pair.Key.Value, pair.Key.Pos(), pair.Value
			t.expectAt = pair.Value.Lookup("expect")
			t.Script.shared = isShared(pair.Value, "script")
			s.tests = append(s.tests, t)
		}
	}
	return d.Problems()
}

// isShared reports whether the value of a mapping's key is written once for several.
func isShared(n lang.Node, key string) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if value := n.Content[i+1]; n.Content[i].Value == key {
			return value.Kind == yaml.AliasNode || value.Anchor != ""
		}
	}
	return false
}
