package app

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// FindServer returns how to reach one of the Asterisk servers of an app; an empty name
// means the only one. It reads nothing but the configuration: the flows may have
// mistakes, and what other servers need from the environment may be missing.
func FindServer(fsys fs.FS, name string, env map[string]string) (Asterisk, error) {
	text, err := fs.ReadFile(fsys, ConfigFile)
	if errors.Is(err, fs.ErrNotExist) {
		return Asterisk{}, fmt.Errorf("there is no %s here", ConfigFile)
	}
	if err != nil {
		return Asterisk{}, err
	}
	root, problem := lang.Parse(lang.NewSource(ConfigFile, text))
	if problem != nil {
		return Asterisk{}, lang.Problems{problem}.Err()
	}
	var config Config
	d := lang.NewDecoder(lang.NewScope(envNames()))
	d.Decode(orEmpty(root), &config)
	if err := d.Problems().Err(); err != nil {
		return Asterisk{}, err
	}
	names := sortedKeys(config.Asterisk)
	if name == "" && len(names) == 1 {
		name = names[0]
	}
	server, ok := config.Asterisk[name]
	switch {
	case len(names) == 0:
		return Asterisk{}, fmt.Errorf("%s names no server under asterisk", ConfigFile)
	case name == "":
		return Asterisk{}, fmt.Errorf("%s names several servers: say which one, %s", ConfigFile, strings.Join(names, " or "))
	case !ok:
		return Asterisk{}, fmt.Errorf("%s names no server %q, but %s", ConfigFile, name, strings.Join(names, ", "))
	}
	config = Config{Asterisk: map[string]asteriskConfig{name: server}}
	values := make(map[string]any, len(env))
	for k, v := range env {
		values[k] = v
	}
	settings, err := config.resolve(environment(values))
	if err != nil {
		return Asterisk{}, err
	}
	return settings.Asterisk[0], nil
}
