package app

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// Sounds says where Asterisk's sounds are, so that missing prompts are found.
type Sounds struct {
	Folder    soundFolder `yaml:"folder,required" doc:"Asterisk's sound folder as it is on this machine: the whole path, or a folder below the app's."`
	Languages []language  `yaml:"languages" doc:"The languages in which every prompt has to be there, such as en and de: each is a folder in the sound folder. If left out, one of those in the folder is enough."`
}

// soundFolder is a folder of this machine.
type soundFolder string

// UnmarshalText refuses what leads out of the app's folder on other ways than from the root.
func (f *soundFolder) UnmarshalText(b []byte) error {
	name := string(b)
	if !path.IsAbs(name) && !fs.ValidPath(path.Clean(name)) {
		return lang.Mistake(fmt.Sprintf("%q is no folder below that of the app", name), "write the whole path, such as /var/lib/asterisk/sounds")
	}
	*f = soundFolder(path.Clean(name))
	return nil
}

// LangType describes a folder for messages and editors.
func (soundFolder) LangType() (string, string) { return "a folder", "." }

// language is the name of a language, as channels have it.
type language string

var languagePattern = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// UnmarshalText refuses what can be no folder of a language.
func (l *language) UnmarshalText(b []byte) error {
	if !languagePattern.Match(b) {
		return lang.Mistake(fmt.Sprintf("%q is no language", b), "write it as channels have it, such as en or de_CH")
	}
	*l = language(b)
	return nil
}

// LangType describes a language for messages and editors.
func (language) LangType() (string, string) {
	return "a language such as en", languagePattern.String()
}

// checkSounds reports the prompts of flows that are not in the sound folder. Those by a
// whole path and those that flows record are left out.
func (l *loader) checkSounds(d *lang.Decoder, a *App, fsys fs.FS) {
	var s *Sounds
	if l.once(d, "sounds", &s); s == nil || s.Folder == "" {
		return
	}
	root := fsys
	if path.IsAbs(string(s.Folder)) {
		root = os.DirFS(string(s.Folder))
	} else if sub, err := fs.Sub(fsys, string(s.Folder)); err == nil {
		root = sub
	}
	if _, err := fs.ReadDir(root, "."); err != nil {
		at := l.sections["sounds"][0].value.Lookup("folder")
		d.Warnf(at, "unknown-folder", "there is no folder %s on this machine, so missing sounds are not found", s.Folder)
		return
	}
	shelf := &shelf{root: root, languages: s.Languages, stems: map[string][]string{}}
	recorded := map[string]bool{}
	var needs []flows.Need
	for _, name := range sortedKeys(a.Program.Flows) {
		flow := a.Program.Flows[name]
		needs = append(needs, flow.Needs()...)
		for _, file := range flow.Recorded() {
			recorded[file] = true
		}
	}
	for _, n := range needs {
		if n.Kind != "sound" || path.IsAbs(n.Name) || recorded[n.Name] {
			continue
		}
		missing := shelf.missing(n.Name)
		if missing == "" {
			continue
		}
		p := d.ErrorAt(n.Pos, "unknown-sound", "there is no sound %q in %s", n.Name, missing)
		if others := shelf.beside(n.Name); !slices.Contains(others, n.Name) {
			p.Suggest(n.Name, others)
		}
	}
}

// shelf is a sound folder.
type shelf struct {
	root      fs.FS
	languages []language
	stems     map[string][]string // by folder, the names of its files without their ending
}

// missing returns the languages that lack a sound; it is empty if all is well.
func (s *shelf) missing(sound string) string {
	var lacks []string
	for _, language := range s.languages {
		if !s.has(string(language), sound) {
			lacks = append(lacks, string(language))
		}
	}
	if len(s.languages) == 0 && !slices.ContainsFunc(s.folders(), func(folder string) bool { return s.has(folder, sound) }) {
		return "any language"
	}
	return strings.Join(lacks, ", ")
}

// has looks where Asterisk does: in the folder of the language, in that of the language
// without its country, and outside of them.
func (s *shelf) has(language, sound string) bool {
	general, _, _ := strings.Cut(language, "_")
	for _, folder := range []string{language, general, "."} {
		if slices.Contains(s.in(path.Join(folder, path.Dir(sound))), path.Base(sound)) {
			return true
		}
	}
	return false
}

// in returns the names of the files in a folder, without their ending.
func (s *shelf) in(folder string) []string {
	if stems, known := s.stems[folder]; known {
		return stems
	}
	var stems []string
	entries, _ := fs.ReadDir(s.root, folder) // a folder that is not there has no sounds
	for _, e := range entries {
		if stem, _, ok := strings.Cut(e.Name(), "."); ok && stem != "" {
			stems = append(stems, stem)
		}
	}
	s.stems[folder] = stems
	return stems
}

// folders are those that may be of languages.
func (s *shelf) folders() []string {
	entries, _ := fs.ReadDir(s.root, ".") // which has been read before
	folders := []string{"."}
	for _, e := range entries {
		if !strings.Contains(e.Name(), ".") {
			folders = append(folders, e.Name()) // may be a link to a folder
		}
	}
	return folders
}

// beside are the sounds that stand where one was looked for.
func (s *shelf) beside(sound string) []string {
	folders := s.folders()
	for _, language := range s.languages {
		folders = append(folders, string(language))
	}
	var names []string
	for _, folder := range folders {
		for _, stem := range s.in(path.Join(folder, path.Dir(sound))) {
			names = append(names, path.Join(path.Dir(sound), stem))
		}
	}
	return names
}
