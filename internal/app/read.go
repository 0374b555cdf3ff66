package app

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// read returns the files of an app, sorted by path.
func read(fsys fs.FS) (sources []*lang.Source, problems lang.Problems) {
	unreadable := func(name string, err error) {
		problems = append(problems, &lang.Problem{
			Pos: lang.Pos{Source: lang.NewSource(name, nil)}, ID: "unreadable", Message: reason(err),
		})
	}
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		switch hidden := name != "." && strings.HasPrefix(path.Base(name), "."); {
		case err != nil:
			unreadable(name, err)
			return nil
		case entry.IsDir() && hidden:
			return fs.SkipDir
		case entry.IsDir() || hidden || !isYAML(name):
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
			Pos: lang.Pos{Source: lang.NewSource(".", nil)},
			ID:  "empty-app", Message: "there is no *.yaml file here", Suggestion: "is this the folder of an app?",
		})
	}
	return sources, problems
}

// reason drops the path of an error: the problem's place says it.
func reason(err error) string {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err
	}
	return "cannot be read: " + err.Error()
}

// isYAML reports whether a file belongs to the app; tests do not.
func isYAML(name string) bool {
	stem, ok := strings.CutSuffix(name, ".yaml")
	if !ok {
		stem, ok = strings.CutSuffix(name, ".yml")
	}
	return ok && !strings.HasSuffix(stem, ".test")
}

// sectionNames are the keys that a file of an app can have at its top.
func sectionNames() []string { return names(Keys()) }

func names(keys []lang.Key) []string {
	var list []string
	for _, k := range keys {
		list = append(list, k.Name)
	}
	return list
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
	d.CheckLost(root)
	if !root.IsMapping() {
		d.Errorf(root, "wrong-type", "a file of an app is a mapping with keys such as flows and rules")
		l.partial = true
		return
	}
	pairs := d.Unique(root)
	if len(pairs) < len(root.Pairs()) {
		l.partial = true // the names under the second one are not read
	}
	for _, section := range pairs {
		name := section.Key.Value
		if !slices.Contains(sectionNames(), name) {
			name = unknownSection(d, section.Key)
		}
		switch {
		case name == "":
			l.partial = true
		case name == "trunks", name == "dialing", name == "sounds":
			l.sections[name] = append(l.sections[name], entry{section.Key, section.Value})
		case section.Value.IsNull():
		case !section.Value.IsMapping():
			p := d.Errorf(section.Value, "wrong-type", "%q wants a mapping from names to what they stand for", name)
			if word, _, _ := strings.Cut(section.Value.Value, " "); word != "" {
				p.Hint("write a colon behind the name: %s:", word)
			}
			l.partial = true
		default:
			l.addSection(d, name, section.Value)
		}
	}
}

// unknownSection reports a key that a file of an app cannot have, and returns the
// one that was likely meant, to be read on as if it were spelt right; "" if none is
// near.
func unknownSection(d *lang.Decoder, key lang.Node) (meant string) {
	p := d.Errorf(key, "unknown-key", "there is no key %q at the top of a file", key.Value)
	switch {
	case !slices.Contains(names(lang.Describe(Config{})), key.Value):
		if p.Suggest(key.Value, sectionNames()); p.Suggestion == "" {
			p.Hint("keys are %s", strings.Join(sectionNames(), ", "))
		}
		return lang.Nearest(key.Value, sectionNames())
	case path.Base(key.Source.Name) == ConfigFile:
		p.Hint("it configures the server, so it belongs into the %s at the top of the app's folder", ConfigFile)
	default:
		p.Hint("it configures the server, so it belongs into %s", ConfigFile)
	}
	return ""
}

func (l *loader) addSection(d *lang.Decoder, section string, value lang.Node) {
	for _, pair := range d.Unique(value) {
		name := section + "." + pair.Key.Value
		if first, twice := l.named[name]; twice {
			d.Errorf(pair.Key, "duplicate-name", "%q stands twice under %s", pair.Key.Value, section).
				Hint("the first one is at %s", first)
		} else {
			l.named[name] = pair.Key.Pos()
		}
		l.sections[section] = append(l.sections[section], entry{pair.Key, pair.Value})
	}
}
