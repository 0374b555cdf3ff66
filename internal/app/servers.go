package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// FindServer returns how to reach one of the Asterisk servers of the app in dir; an empty
// name means the only one. It reads nothing but the configuration and the files that this
// names for the server: the flows may have mistakes, and what other servers need from the
// environment may be missing.
func FindServer(dir, name string, env map[string]string) (Asterisk, error) {
	text, err := os.ReadFile(filepath.Join(dir, ConfigFile))
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
	settings, err := config.resolve(newEnvironment(dir, env))
	if err != nil {
		return Asterisk{}, err
	}
	return settings.Asterisk[0], nil
}
