package app

import (
	"slices"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// Place returns where the app defines a name in a section, such as a queue under queues;
// an Asterisk server stands in the configuration. The zero Pos is none.
func (a *App) Place(section, name string) lang.Pos {
	if p := a.Written(section, name); !p.Key.IsZero() {
		return p.Key.Pos()
	}
	return lang.Pos{}
}

// Written is the name with what is written under it; the zero Pair if it is not there.
func (a *App) Written(section, name string) lang.Pair {
	for _, s := range a.sources {
		if (s.Name == ConfigFile) != (section == "asterisk") {
			continue
		}
		root, problem := lang.Parse(s)
		if problem != nil {
			continue // it was loaded, so this does not happen
		}
		pairs := root.Lookup(section).Pairs()
		if i := slices.IndexFunc(pairs, func(p lang.Pair) bool { return p.Key.Value == name }); i >= 0 {
			return pairs[i]
		}
	}
	return lang.Pair{}
}

// User returns how the manager user of an Asterisk server is called, or "" where the
// environment says that.
func (a *App) User(server string) string {
	name, _ := a.Config.Asterisk[server].Username.Constant()
	return name
}
