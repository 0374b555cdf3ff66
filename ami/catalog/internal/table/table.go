// Package table reads and writes the files of package catalog: one line for an
// action, event, application, function or AGI command, and below it one for each
// argument or field, indented by a tab. Columns are parted by tabs, words in a
// column by bars:
//
//	event	Hangup	class=call	channels=
//		Cause
//		TechCause	in=20,22-
//
// The column in says which versions of Asterisk have it. Without it all have, or all
// that have the line above it.
package table

import (
	"fmt"
	"slices"
	"strings"
)

// Kinds of entries.
const (
	Action      = "action"
	Event       = "event"
	Application = "application"
	Function    = "function"
	AGI         = "agi"
)

// Entry is an action, event, application, function or AGI command.
type Entry struct {
	Kind     string
	Name     string
	Versions Versions
	Added    []string // the releases that first had it, "20.11.0"
	Rights   []string // of an action: write permissions; of an event: its class
	Channels []Word   // prefixes of an event's channel snapshots; "" is the plain one
	Bridges  []Word   // prefixes of an event's bridge snapshots
	Dead     bool     // an AGI command that works after the hangup
	Members  []Member // arguments or fields
}

// Member is an argument or a field.
type Member struct {
	Name     string
	Versions Versions
	Required bool
	Options  bool   // the values are option letters
	Values   []Word // documented values
}

// Word is a word that some versions know.
type Word struct {
	Text     string
	Versions Versions
}

// Parse reads a table. An error names the line.
func Parse(text string) ([]Entry, error) {
	all := make([]Entry, 0, strings.Count(text, "\n")/3)
	for number := 1; text != ""; number++ {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		var err error
		if member, ok := strings.CutPrefix(line, "\t"); !ok {
			all, err = appendEntry(all, line)
		} else if len(all) == 0 {
			err = fmt.Errorf("%q stands below nothing", member)
		} else {
			err = all[len(all)-1].appendMember(member)
		}
		if err != nil {
			return nil, fmt.Errorf("table: line %d: %w", number, err)
		}
	}
	return all, nil
}

func appendEntry(all []Entry, line string) ([]Entry, error) {
	kind, rest, _ := strings.Cut(line, "\t")
	name, rest, _ := strings.Cut(rest, "\t")
	if !slices.Contains([]string{Action, Event, Application, Function, AGI}, kind) || name == "" {
		return nil, fmt.Errorf("want a kind and a name, not %q", line)
	}
	e := Entry{Kind: kind, Name: name, Versions: All}
	for rest != "" {
		var key, value string
		var err error
		key, value, rest = column(rest)
		switch key {
		case "in":
			e.Versions, err = ParseVersions(value)
		case "added":
			e.Added = strings.Split(value, "|")
		case "rights", "class":
			e.Rights = strings.Split(value, "|")
		case "channels":
			e.Channels, err = parseWords(value, e.Versions)
		case "bridges":
			e.Bridges, err = parseWords(value, e.Versions)
		case "dead":
			e.Dead = true
		default:
			err = fmt.Errorf("unknown column %q", key)
		}
		if err != nil {
			return nil, err
		}
	}
	return append(all, e), nil
}

func (e *Entry) appendMember(line string) error {
	name, rest, _ := strings.Cut(line, "\t")
	m := Member{Name: name, Versions: e.Versions}
	for rest != "" {
		var key, value string
		var err error
		key, value, rest = column(rest)
		switch key {
		case "in":
			m.Versions, err = ParseVersions(value)
		case "required":
			m.Required = true
		case "options", "values":
			m.Options = key == "options"
			m.Values, err = parseWords(value, m.Versions)
		default:
			err = fmt.Errorf("unknown column %q", key)
		}
		if err != nil {
			return err
		}
	}
	e.Members = append(e.Members, m)
	return nil
}

// column cuts "key=value" off a line.
func column(line string) (key, value, rest string) {
	line, rest, _ = strings.Cut(line, "\t")
	key, value, _ = strings.Cut(line, "=")
	return key, value, rest
}

// parseWords reads "a|b@20-". Words without versions are in all of those given.
func parseWords(list string, in Versions) ([]Word, error) {
	words := make([]Word, 0, strings.Count(list, "|")+1)
	for more := true; more; {
		var text, versions string
		text, list, more = strings.Cut(list, "|")
		text, versions, _ = strings.Cut(text, "@")
		w := Word{text, in}
		if versions != "" {
			var err error
			if w.Versions, err = ParseVersions(versions); err != nil {
				return nil, err
			}
		}
		words = append(words, w)
	}
	return words, nil
}
