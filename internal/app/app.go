package app

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/lang"
	"github.com/pbxflow/pbxflow/rules"
)

// App is a loaded folder. It is immutable.
type App struct {
	// Revision identifies the content of the files.
	Revision string
	Config   Config
	Program  *flows.Program
	Rules    []*rules.Rule
	Queues   map[string]*flows.Queue
	// Trunks are patterns of channels that lead outside.
	Trunks []string
	// Files are the names of the files that were read.
	Files []string

	sources []*lang.Source
}

// file is what a YAML file of an app can hold.
type file struct {
	Hours   map[string]*flows.Hours    `yaml:"hours" doc:"Named opening hours."`
	Queues  map[string]*flows.Queue    `yaml:"queues" doc:"The Asterisk queues that the app knows."`
	Trunks  []trunk                    `yaml:"trunks" doc:"Patterns of channels that lead outside, such as PJSIP/carrier*. From them follows a call's direction."`
	Dialing *flows.Dialing             `yaml:"dialing" doc:"Which numbers may be called through trunks; all if left out."`
	Sounds  *Sounds                    `yaml:"sounds" doc:"Where Asterisk's sounds are, so that missing prompts are found."`
	People  map[string]*flows.Person   `yaml:"people" doc:"Who may sign in by PIN, and what they may do."`
	Notify  map[string]*flows.Notifier `yaml:"notify" doc:"Named places to which notices go."`
	Flows   map[string]*flows.Flow     `yaml:"flows" doc:"What happens on calls. AGI(agi://host/name) runs the flow of that name."`
	Rules   map[string]*rules.Rule     `yaml:"rules" doc:"What to do when something happens."`
}

// Schema returns the JSON Schema of the app's files.
func Schema(verbs *flows.Verbs) map[string]any {
	s := lang.Schema{Host: verbs}
	return s.Document("https://github.com/pbxflow/pbxflow/app.schema.json", "A pbxflow app", file{})
}

// ConfigSchema returns the JSON Schema of the server's configuration.
func ConfigSchema() map[string]any {
	var s lang.Schema
	return s.Document("https://github.com/pbxflow/pbxflow/config.schema.json", "The configuration of pbxflow", Config{})
}

// Keys describes the top-level keys for the reference.
func Keys() []lang.Key { return lang.Describe(file{}) }

// Sections describes the named things of an app for the reference; verbs and rules
// have pages of their own.
func Sections() []Section {
	return []Section{
		{"hours", lang.Describe(flows.Hours{})},
		{"queues", lang.Describe(flows.Queue{})},
		{"dialing", lang.Describe(flows.Dialing{})},
		{"sounds", lang.Describe(Sounds{})},
		{"people", lang.Describe(flows.Person{})},
		{"notify", lang.Describe(flows.Notifier{})},
		{"flows", flows.FlowKeys()},
	}
}

// Revision returns the revision of the files in fsys as they are now, whether they can be
// loaded or not.
func Revision(fsys fs.FS) string {
	sources, _ := read(fsys)
	return revision(sources)
}

// revision hashes the files that an app consists of.
func revision(sources []*lang.Source) string {
	h := sha256.New()
	for _, s := range sources {
		// Writing to a hash never fails.
		h.Write([]byte(s.Name + "\x00" + s.Text + "\x00"))
	}
	return hex.EncodeToString(h.Sum(nil))[:8]
}

// Resolve returns the configuration with the values that only a running server
// needs, such as ${env.SECRET}, and prepares the notifiers. dir is the app's folder, in
// which files with relative names are; empty means the current one. env holds the
// environment; a name that is not in it is an error. The error tells all that is
// wrong, each with its place.
func (a *App) Resolve(dir string, env map[string]string) (Settings, error) {
	vars := newEnvironment(dir, env)
	var errs []error
	for _, name := range sortedKeys(a.Program.Notifiers) {
		if err := a.Program.Notifiers[name].Resolve(vars); err != nil {
			errs = append(errs, vars.explain(err))
		}
	}
	for _, err := range flows.ResolvePeople(a.Program.People, vars) {
		errs = append(errs, vars.explain(err))
	}
	settings, err := a.Config.resolve(vars)
	return settings, errors.Join(append(errs, err)...)
}
