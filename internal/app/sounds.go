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
	Folders   []soundFolder `yaml:"folder,required" doc:"Asterisk's sound folder as it is on this machine: the whole path, or a folder below the app's. Of a list, each may hold a part of the sounds."`
	Languages []language    `yaml:"languages" doc:"The languages in which every prompt has to be there, such as en and de: each is a folder in the sound folder. If left out, one of those in the folder is enough."`
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

// checkSounds looks for the sounds that the app names. Those by a whole path and those
// that flows record are left out.
func (l *loader) checkSounds(d *lang.Decoder, a *App, fsys fs.FS) {
	var section *Sounds
	before := len(d.Problems())
	l.once(d, "sounds", &section)
	if section == nil || len(d.Problems()) > before {
		return
	}
	s := l.shelf(d, section, fsys)
	if s == nil {
		return
	}
	var needs []flows.Need
	recorded := map[string]bool{}
	for _, name := range sortedKeys(a.Program.Flows) {
		flow := a.Program.Flows[name]
		needs = append(needs, flow.Needs()...)
		for _, file := range flow.Recorded() {
			recorded[path.Clean(file)] = true
		}
	}
	for _, r := range a.Rules {
		needs = append(needs, r.Needs()...)
	}
	for _, name := range sortedKeys(a.Program.Notifiers) {
		needs = append(needs, a.Program.Notifiers[name].Needs()...)
	}
	if a.Program.Sorry != "" {
		needs = append(needs, flows.Need{Kind: "sound", Name: a.Program.Sorry, Pos: l.config.Lookup("sorry").Pos()})
	}
	for _, n := range needs {
		if name := path.Clean(n.Name); n.Kind == "sound" && !recorded[name] && !path.IsAbs(name) && !s.isElsewhere(name) {
			s.check(d, n.Pos, name)
		}
	}
}

// shelf is what the sound folders hold.
type shelf struct {
	folders   []fs.FS
	languages []string // none: any will do
	asterisks bool     // Asterisk's own sounds are among them
	names     map[string]map[string]bool
}

// shelf opens the folders. It is nil when nothing can be looked for.
func (l *loader) shelf(d *lang.Decoder, section *Sounds, fsys fs.FS) *shelf {
	s, lacks := &shelf{names: map[string]map[string]bool{}}, false
	n := l.sections["sounds"][0].value
	at := listed(n.Lookup("folder"))
	for i, folder := range section.Folders {
		root, err := open(fsys, string(folder))
		if err != nil {
			d.Warnf(at[i], "unknown-folder", "there is no folder %s on this machine, so missing sounds are not found", folder)
			lacks = true
			continue
		}
		s.folders = append(s.folders, root)
	}
	if lacks {
		return nil
	}
	at = listed(n.Lookup("languages"))
	for i, language := range section.Languages {
		if slices.ContainsFunc(tree(string(language)), func(folder string) bool { return folder != "." && len(s.list(folder)) > 0 }) {
			s.languages = append(s.languages, string(language))
			continue
		}
		p := d.Warnf(at[i], "unknown-folder", "there is no folder of the language %q, so its missing sounds are not found", language).
			Suggest(string(language), s.tops())
		if p.Suggestion == "" && len(s.tops()) > 0 {
			p.Hint("there are %s", strings.Join(s.tops(), ", "))
		}
	}
	for _, folder := range append(s.tops(), ".") {
		s.asterisks = s.asterisks || len(s.list(path.Join(folder, "digits"))) > 0
	}
	return s
}

// open opens a folder of the app or of the machine.
func open(fsys fs.FS, folder string) (fs.FS, error) {
	if path.IsAbs(folder) {
		fsys, folder = os.DirFS(folder), "."
	}
	sub, err := fs.Sub(fsys, folder)
	if err != nil {
		return nil, err
	}
	_, err = fs.ReadDir(sub, ".")
	return sub, err
}

// listed are the items of a list, which may be written as one.
func listed(n lang.Node) []lang.Node {
	switch {
	case n.IsZero():
		return nil
	case n.IsList():
		return n.Items()
	}
	return []lang.Node{n}
}

// soundEndings are those of the formats that Asterisk plays.
var soundEndings = []string{
	".wav", ".WAV", ".wav16", ".gsm", ".ulaw", ".ul", ".mu", ".pcm", ".alaw", ".al", ".g722", ".g729", ".g723", ".g723sf", ".g719",
	".sln", ".raw", ".sln12", ".sln16", ".sln24", ".sln32", ".sln44", ".sln48", ".sln96", ".sln192",
	".g726-40", ".g726-32", ".g726-24", ".g726-16", ".ilbc", ".siren7", ".siren14", ".ogg", ".mp3", ".vox", ".opus", ".codec2",
}

// list returns the names of the sounds in a folder of the sound folders, without their
// endings, and those of folders within it, which have a false.
func (s *shelf) list(folder string) map[string]bool {
	if names, ok := s.names[folder]; ok {
		return names
	}
	names := map[string]bool{}
	for _, fsys := range s.folders {
		entries, err := fs.ReadDir(fsys, folder)
		if err != nil {
			continue // a language may be in another folder
		}
		for _, e := range entries {
			ending := path.Ext(e.Name())
			if slices.Contains(soundEndings, ending) {
				names[strings.TrimSuffix(e.Name(), ending)] = true
			} else if name := e.Name(); !names[name] {
				names[name] = false
			}
		}
	}
	s.names[folder] = names
	return names
}

// tops are the folders that may be of languages.
func (s *shelf) tops() []string {
	var names []string
	for _, name := range sortedKeys(s.list(".")) {
		if !s.list(".")[name] && !strings.Contains(name, ".") {
			names = append(names, name) // may be a link to a folder
		}
	}
	return names
}

// tree is where Asterisk looks for a sound in a language: in the folder of the language,
// of de_CH then in de, and then beside the folders of languages.
func tree(language string) []string {
	var folders []string
	for language != "" {
		folders = append(folders, language)
		language = language[:max(strings.LastIndexByte(language, '_'), 0)]
	}
	return append(folders, ".")
}

// ownFolders hold sounds that come with Asterisk, and are not looked for in a folder with
// other sounds only.
var ownFolders = []string{"digits", "letters", "phonetic", "silence"}

func (s *shelf) isElsewhere(name string) bool {
	first, _, _ := strings.Cut(name, "/")
	return !s.asterisks && slices.Contains(ownFolders, first)
}

// has looks where Asterisk does.
func (s *shelf) has(language, sound string) bool {
	return slices.ContainsFunc(tree(language), func(top string) bool {
		return s.list(path.Join(top, path.Dir(sound)))[path.Base(sound)]
	})
}

// check reports a sound that is missing, in every language or in some.
func (s *shelf) check(d *lang.Decoder, at lang.Pos, sound string) {
	var missing []string
	for _, language := range s.languages {
		if !s.has(language, sound) {
			missing = append(missing, language)
		}
	}
	there := slices.ContainsFunc(append(s.tops(), "."), func(language string) bool { return s.has(language, sound) })
	switch {
	case len(missing) == 0 && (there || len(s.languages) > 0):
	case !there:
		d.ErrorAt(at, "unknown-sound", "there is no sound %q in any language", sound).Suggest(sound, s.beside(sound))
	case len(missing) == len(s.languages):
		d.ErrorAt(at, "unknown-sound", "there is no sound %q in %s", sound, strings.Join(missing, ", "))
	default:
		d.WarnAt(at, "missing-sound", "there is no sound %q in %s", sound, strings.Join(missing, ", "))
	}
}

// beside are the sounds that stand where one was looked for.
func (s *shelf) beside(sound string) []string {
	var names []string
	for _, top := range append(s.tops(), ".") {
		list := s.list(path.Join(top, path.Dir(sound)))
		for _, name := range sortedKeys(list) {
			if list[name] {
				names = append(names, path.Join(path.Dir(sound), name))
			}
		}
	}
	return names
}
