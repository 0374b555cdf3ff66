package app

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/lang"
	"github.com/pbxflow/pbxflow/rules"
)

// Load reads the app in fsys. The problems are sorted by place; if one of them is
// an error, the app is nil. verbs are those that steps may use.
func Load(fsys fs.FS, verbs *flows.Verbs) (*App, lang.Problems) {
	l := &loader{verbs: verbs, sections: map[string][]entry{}}
	sources, problems := read(fsys)
	l.problems = problems
	for _, s := range sources {
		l.parse(s)
	}
	a := l.decode()
	a.Revision = revision(sources)
	a.Program.Revision = a.Revision
	for _, s := range sources {
		a.Files = append(a.Files, s.Name)
	}
	l.problems = l.problems.Sort()
	if l.problems.Err() != nil {
		return nil, l.problems
	}
	return a, l.problems
}

// read returns the files of an app, sorted by path.
func read(fsys fs.FS) (sources []*lang.Source, problems lang.Problems) {
	unreadable := func(name string, err error) {
		problems = append(problems, &lang.Problem{
			Pos: lang.Pos{Source: lang.NewSource(name, nil), Line: 1, Column: 1}, ID: "unreadable", Message: err.Error(),
		})
	}
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		switch hidden := name != "." && strings.HasPrefix(path.Base(name), "."); {
		case err != nil:
			unreadable(name, err)
			return nil
		case entry.IsDir() && hidden:
			return fs.SkipDir
		case entry.IsDir() || hidden || !isYAML(name) || strings.HasSuffix(name, ".test.yaml"):
			return nil
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			unreadable(name, err)
			return nil
		}
		sources = append(sources, lang.NewSource(name, text))
		return nil
	})
	if err != nil {
		unreadable(".", err)
	}
	if len(sources) == 0 && len(problems) == 0 {
		problems = append(problems, &lang.Problem{
			Pos: lang.Pos{Source: lang.NewSource(".", nil), Line: 1, Column: 1},
			ID:  "empty-app", Message: "there is no *.yaml file here", Suggestion: "is this the folder of an app?",
		})
	}
	return sources, problems
}

func isYAML(name string) bool {
	return strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}

// loader collects what the files hold before any of it is decoded, since names in
// one file are used in others.
type loader struct {
	verbs    *flows.Verbs
	problems lang.Problems
	sections map[string][]entry
	config   lang.Node
	partial  bool // a file is missing, so names may be
}

// entry is one named thing in a section, or the whole value of a section that has
// no names.
type entry struct {
	key, value lang.Node
}

// parse adds what one file holds.
func (l *loader) parse(s *lang.Source) {
	root, problem := lang.Parse(s)
	if problem != nil {
		l.problems = append(l.problems, problem)
		l.partial = true
		return
	}
	if s.Name == ConfigFile {
		l.config = root
		return
	}
	if root.IsZero() || root.IsNull() {
		return
	}
	d := lang.NewDecoder(lang.NewScope(nil))
	defer func() { l.problems = append(l.problems, d.Problems()...) }()
	if !root.IsMapping() {
		d.Errorf(root, "wrong-type", "a file of an app is a mapping with keys such as flows and rules")
		return
	}
	var known []string
	for _, k := range Keys() {
		known = append(known, k.Name)
	}
	for _, section := range d.Unique(root) {
		name := section.Key.Value
		switch {
		case !slices.Contains(known, name):
			l.unknownSection(d, section.Key, known)
		case name == "trunks":
			l.sections[name] = append(l.sections[name], entry{section.Key, section.Value})
		case section.Value.IsNull():
		case !section.Value.IsMapping():
			d.Errorf(section.Value, "wrong-type", "%q wants a mapping from names to what they stand for", name)
		default:
			l.addSection(d, name, section.Value)
		}
	}
}

func (l *loader) unknownSection(d *lang.Decoder, key lang.Node, known []string) {
	p := d.Errorf(key, "unknown-key", "there is no key %q at the top of a file", key.Value).Suggest(key.Value, known)
	if p.Suggestion != "" {
		return
	}
	p.Hint("keys are %s", strings.Join(known, ", "))
	for _, k := range lang.Describe(Config{}) {
		if k.Name == key.Value {
			p.Hint("it belongs into %s", ConfigFile)
		}
	}
}

func (l *loader) addSection(d *lang.Decoder, section string, value lang.Node) {
	for _, pair := range d.Unique(value) {
		for _, other := range l.sections[section] {
			if other.key.Value == pair.Key.Value {
				d.Errorf(pair.Key, "duplicate-name", "%q stands twice under %s", pair.Key.Value, section).
					Hint("the first one is at %s", other.key.Pos())
			}
		}
		l.sections[section] = append(l.sections[section], entry{pair.Key, pair.Value})
	}
}

// decode turns what was collected into an app: first what others refer to, then
// the parameters of all flows, then flows and rules.
func (l *loader) decode() *App {
	a := &App{Program: &flows.Program{Flows: map[string]*flows.Flow{}}}
	d := lang.NewDecoder(lang.NewScope(envNames()))
	d.Decode(orEmpty(l.config), &a.Config)
	a.Program.Sorry = string(a.Config.Sorry)
	a.Program.Hours = named[flows.Hours](l, d, "hours")
	a.Program.Notifiers = named[flows.Notifier](l, d, "notify")
	a.Queues = named[flows.Queue](l, d, "queues")
	for _, e := range l.sections["trunks"] {
		var trunks []string
		d.Decode(e.value, &trunks)
		a.Trunks = append(a.Trunks, trunks...)
	}
	names := &flows.Names{
		Verbs: l.verbs, Flows: a.Program.Flows, Queues: a.Queues, Notifiers: a.Program.Notifiers, Hours: a.Program.Hours,
	}
	d.Host = names
	for _, e := range l.sections["flows"] {
		flow := &flows.Flow{Name: e.key.Value}
		flow.DecodeParams(d, e.value)
		a.Program.Flows[flow.Name] = flow
	}
	d.Scope = l.scope(names.FlowScope())
	for _, e := range l.sections["flows"] {
		d.Decode(e.value, a.Program.Flows[e.key.Value])
	}
	d.Host, d.Scope = names.InRule(), l.scope(names.RuleScope())
	for _, e := range l.sections["rules"] {
		rule := &rules.Rule{Name: e.key.Value}
		d.Decode(e.value, rule)
		a.Rules = append(a.Rules, rule)
	}
	l.problems = append(l.problems, d.Problems()...)
	return a
}

func (l *loader) scope(s *lang.Scope) *lang.Scope {
	if l.partial {
		s.SetPartial()
	}
	return s
}

// named decodes a section of named things.
func named[T any](l *loader, d *lang.Decoder, section string) map[string]*T {
	things := map[string]*T{}
	for _, e := range l.sections[section] {
		thing := new(T)
		d.Decode(orEmpty(e.value), thing)
		things[e.key.Value] = thing
	}
	return things
}

// orEmpty returns n, or an empty mapping when nothing is written there, so that
// defaults apply.
func orEmpty(n lang.Node) lang.Node {
	if n.IsZero() || n.IsNull() {
		return lang.EmptyMapping(n)
	}
	return n
}
