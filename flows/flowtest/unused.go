package flowtest

import (
	"fmt"
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// use notes that something under given mattered: an entry of a key, or with "" all of
// them.
func (s *stage) use(key, entry string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.used == nil {
		s.used = map[[2]string]bool{}
	}
	s.used[[2]string{key, entry}] = true
}

// unused says of each entry under given that made no difference to the call.
func (s *stage) unused() (problems []string) {
	for _, key := range s.test.node.Lookup("given").Pairs() {
		for _, entry := range entriesOf(key.Value) {
			name := entry.Value
			if entry.IsMapping() {
				name = entry.Lookup("name").Value
			}
			if !s.used[[2]string{key.Key.Value, name}] && !s.used[[2]string{key.Key.Value, ""}] {
				problems = append(problems, fmt.Sprintf("%s: given: %s: nothing in this call asks for %s: remove it, or write it as it is asked for",
					entry.Pos(), key.Key.Value, yamlText(name)))
			}
		}
	}
	return problems
}

// entriesOf are the keys of a mapping, the items of a list, or a single one of these.
func entriesOf(n lang.Node) []lang.Node {
	switch {
	case n.IsMapping():
		var keys []lang.Node
		for _, pair := range n.Pairs() {
			keys = append(keys, pair.Key)
		}
		if !n.Lookup("name").IsZero() {
			return []lang.Node{n} // a single agent
		}
		return keys
	case n.IsList():
		return n.Items()
	case n.IsNull() || n.IsZero():
		return nil
	}
	return []lang.Node{n}
}

// isMissing reports whether Asterisk lacks a sound.
func (s *stage) isMissing(sound string) bool {
	glob, missing := s.test.missing(sound)
	if missing {
		s.use("missing", glob)
	}
	return missing
}

// soundLength is how long a sound is.
func (s *stage) soundLength(sound string) (length time.Duration) {
	s.use("sounds", sound)
	return s.test.Given.Sounds[sound]
}
