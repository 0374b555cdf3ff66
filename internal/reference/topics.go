package reference

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pbxflow/pbxflow/ami/catalog"
	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/app"
	"github.com/pbxflow/pbxflow/internal/lang"
	"github.com/pbxflow/pbxflow/rules"
)

// Topic is one thing that the reference describes.
type Topic struct {
	// Kind is verb, function, event, check or key.
	Kind string
	// Name is as the author writes it.
	Name string
	// Summary is one sentence.
	Summary string
	// Text is all about it, in Markdown, without the name.
	Text string
}

// Kinds are the kinds of topics, in the order of [Topics].
var Kinds = []string{"verb", "function", "event", "key", "check"}

// Topics returns all topics, by kind and name. Asterisk's own events come behind
// pbxflow's.
func Topics() []Topic {
	return slices.Concat(verbTopics(), functionTopics(), eventTopics(), keyTopics(), checkTopics())
}

// Find returns the topics with that name: one for each kind, or only that of kind if it
// is not empty. Names are compared without regard to case. With none, near is the name
// that is nearest, if one is.
func Find(kind, name string) (found []Topic, near string) {
	var names []string
	for _, t := range Topics() {
		if kind != "" && t.Kind != kind {
			continue
		}
		if strings.EqualFold(t.Name, name) {
			found = append(found, t)
		}
		names = append(names, t.Name)
	}
	if found == nil {
		near = lang.Nearest(name, names)
	}
	return found, near
}

func verbTopics() []Topic {
	var topics []Topic
	for _, v := range flows.Builtin() {
		text := verbText(v) + "\nEvery step can also have " + nameList(flows.ModifierKeys()) + ".\n"
		topics = append(topics, Topic{"verb", v.Name, v.Summary, text})
	}
	return byName(topics)
}

func functionTopics() []Topic {
	var topics []Topic
	for _, f := range lang.Functions {
		var b bytes.Buffer
		fmt.Fprintf(&b, "%s\n\n| example | gives |\n|---|---|\n", f.Doc)
		for _, example := range f.Examples {
			fmt.Fprintf(&b, "| `%s` | `%s` |\n", example[0], example[1])
		}
		topics = append(topics, Topic{"function", f.Name, f.Doc, b.String()})
	}
	return byName(topics)
}

func eventTopics() []Topic {
	var topics []Topic
	things := carried()
	for _, e := range live.Events {
		var b bytes.Buffer
		fmt.Fprintf(&b, "%s\n", e.Doc)
		for _, name := range e.Vars {
			for _, thing := range things {
				if thing.name == name {
					b.WriteByte('\n')
					fieldTable(&b, name+".", thing.fields)
				}
			}
		}
		topics = append(topics, Topic{"event", e.Name, e.Doc, b.String()})
	}
	for _, e := range catalog.Events() {
		if e.Class == nil {
			continue
		}
		topics = append(topics, Topic{"event", e.Name, "One of Asterisk's own.", rawText(e)})
	}
	return topics
}

// rawText describes one of Asterisk's own events.
func rawText(e catalog.Event) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "One of Asterisk's own events. The manager user needs `read = %s`. A rule on it reads its headers as text, and times as durations:\n\n", strings.Join(e.Class, ","))
	b.WriteString("| header | can be |\n|---|---|\n")
	for _, f := range e.Fields {
		var values []string
		for _, v := range f.Values {
			values = append(values, v.Name)
		}
		fmt.Fprintf(&b, "| `event.%s` | %s |\n", f.Name, strings.Join(values, ", "))
	}
	return b.String()
}

func checkTopics() []Topic {
	var topics []Topic
	for _, c := range Checks() {
		topics = append(topics, Topic{"check", c.ID, c.Means, c.text()})
	}
	return topics
}

// keyTopics gathers the keys of everything under their names: timeout is a key of many
// verbs.
func keyTopics() []Topic {
	places := map[string]*bytes.Buffer{}
	first := map[string]string{}
	var names []string
	add := func(place string, keys []lang.Key) {
		for _, k := range keys {
			b := places[k.Name]
			if b == nil {
				b = &bytes.Buffer{}
				places[k.Name], first[k.Name] = b, k.Doc
				names = append(names, k.Name)
			}
			fmt.Fprintf(b, "%s:\n\n", place)
			keyTable(b, []lang.Key{k})
			b.WriteByte('\n')
		}
	}
	add("At the top of a file of an app", app.Keys())
	for _, s := range app.Sections() {
		add("Under `"+s.Name+"`", s.Keys)
	}
	add("In a rule", rules.Keys())
	add("In every step", flows.ModifierKeys())
	for _, v := range flows.Builtin() {
		add("In a step `"+v.Name+"`", lang.Describe(v.New()))
	}
	for _, s := range app.ConfigSections() {
		place := "At the top of `" + app.ConfigFile + "`"
		if s.Name != "" {
			place = "In `" + app.ConfigFile + "` under `" + s.Name + "`"
		}
		add(place, s.Keys)
	}
	var topics []Topic
	for _, name := range names {
		topics = append(topics, Topic{"key", name, first[name], places[name].String()})
	}
	return byName(topics)
}

func byName(topics []Topic) []Topic {
	slices.SortStableFunc(topics, func(a, b Topic) int { return cmp.Compare(a.Name, b.Name) })
	return topics
}

func nameList(keys []lang.Key) string {
	var names []string
	for _, k := range keys {
		names = append(names, "`"+k.Name+"`")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// VerbNames returns the names of the built-in verbs.
func VerbNames() []string {
	var names []string
	for _, v := range flows.Builtin() {
		names = append(names, v.Name)
	}
	return names
}
