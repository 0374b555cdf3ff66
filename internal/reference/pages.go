package reference

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/pbxflow/pbxflow/ami/catalog"
	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/flows/flowtest"
	"github.com/pbxflow/pbxflow/internal/app"
	"github.com/pbxflow/pbxflow/internal/lang"
	"github.com/pbxflow/pbxflow/rules"
)

// Pages returns the pages by their names below docs.
func Pages() (map[string][]byte, error) {
	pages := map[string][]byte{
		"reference/verbs.md":     verbsPage(),
		"reference/functions.md": functionsPage(),
		"reference/events.md":    eventsPage(),
		"reference/app.md":       appPage(),
		"reference/checks.md":    checksPage(),
	}
	for _, kind := range SchemaKinds() {
		text, err := Schema(kind)
		if err != nil {
			return nil, err
		}
		pages[kind+".schema.json"] = text
	}
	return pages, nil
}

// SchemaKinds are the kinds of files that have a JSON Schema: app is the flows, rules
// and named things of an app, config is pbxflow.yaml, test is *.test.yaml.
func SchemaKinds() []string { return []string{"app", "config", "test"} }

// Schema returns the JSON Schema of a kind of file, for the built-in verbs.
func Schema(kind string) ([]byte, error) {
	verbs, err := flows.NewVerbs()
	if err != nil {
		return nil, err
	}
	var schema map[string]any
	switch kind {
	case "app":
		schema = app.Schema(verbs)
	case "config":
		schema = app.ConfigSchema()
	case "test":
		schema = flowtest.Schema(verbs)
	default:
		return nil, fmt.Errorf("reference: there is no schema %q", kind)
	}
	text, err := json.MarshalIndent(schema, "", " ")
	return append(text, '\n'), err
}

const generated = "<!-- Written by make generate. Change the code, not this file. -->\n\n"

func verbsPage() []byte {
	var b bytes.Buffer
	b.WriteString(generated + `# Verbs

A step is a mapping whose first key is one of these verbs. The verb's value is its
main argument; the other keys are its options. Every step can have the keys of the
last section too.

`)
	for _, v := range flows.Builtin() {
		fmt.Fprintf(&b, "- [`%s`](#%s) %s\n", v.Name, v.Name, v.Summary)
	}
	for _, v := range flows.Builtin() {
		fmt.Fprintf(&b, "\n## %s\n\n%s", v.Name, verbText(v))
	}
	b.WriteString("\n## Keys of every step\n\n")
	keyTable(&b, flows.ModifierKeys())
	b.WriteString("\n## What expressions in flows can read\n\n")
	fieldTable(&b, "call.", lang.Fields(flows.CallInfo{}))
	b.WriteString("\nAlso `hours.NAME.open`, `now()`, the flow's parameters, the results of steps above, and the\n" +
		"[functions](functions.md). In `on_error`: `error.id`, `error.message` and `error.at`.\n")
	return b.Bytes()
}

func functionsPage() []byte {
	var b bytes.Buffer
	b.WriteString(generated + "# Functions of expressions\n\nBeside these there is `now()`, the time of the call or event.\n\n" +
		"| function | example | gives |\n|---|---|---|\n")
	for _, f := range lang.Functions {
		for i, example := range f.Examples {
			doc := ""
			if i == 0 {
				doc = fmt.Sprintf("`%s`: %s", f.Name, f.Doc)
			}
			fmt.Fprintf(&b, "| %s | `%s` | `%s` |\n", doc, example[0], example[1])
		}
	}
	return b.Bytes()
}

func eventsPage() []byte {
	var b bytes.Buffer
	b.WriteString(generated + "# Events and rules\n\n## Keys of a rule\n\n")
	keyTable(&b, rules.Keys())
	b.WriteString("\n## Derived events\n\n| event | | carries |\n|---|---|---|\n")
	derivedTable(&b)
	for _, thing := range carried() {
		fmt.Fprintf(&b, "\n### %s\n\n", thing.name)
		fieldTable(&b, thing.name+".", thing.fields)
	}
	b.WriteString("\n## Asterisk's own events\n\nA rule on one of them reads its headers as `event.NAME`, as text; those that are times, such as HoldTime, are durations to compare with 30s in quotes.\n\n" +
		"| event | needs read permission | headers |\n|---|---|---|\n")
	for _, e := range catalog.Events() {
		if e.Class != nil { // others only answer an action
			rawRow(&b, e)
		}
	}
	return b.Bytes()
}

func appPage() []byte {
	var b bytes.Buffer
	b.WriteString(generated + "# Files of an app\n\nAn app is a folder. Every `*.yaml` in it and below is merged by these keys.\n\n")
	keyTable(&b, app.Keys())
	for _, section := range app.Sections() {
		fmt.Fprintf(&b, "\n## %s\n\n", section.Name)
		keyTable(&b, section.Keys)
	}
	fmt.Fprintf(&b, "\n# %s\n\nThe configuration of the server, at the top of the folder. "+
		"Files that it names are looked for from that folder, unless their paths are absolute.\n\n", app.ConfigFile)
	for i, section := range app.ConfigSections() {
		if i > 0 {
			fmt.Fprintf(&b, "\n## %s\n\n", section.Name)
		}
		keyTable(&b, section.Keys)
	}
	return b.Bytes()
}

func checksPage() []byte {
	var b bytes.Buffer
	b.WriteString(generated + `# What pbxflow check tells

Every problem ends in the id of its kind, in brackets. An error keeps the app from
loading; a warning does not, unless you ask for ` + "`--strict`" + `. Where a warning is wrong
about your app, silence it on its line, with the reason:

` + "```yaml\n  - play: welcome\n    as: heard   # lint:ignore never-used the dialplan reads it\n```\n")
	for _, group := range checkGroups() {
		fmt.Fprintf(&b, "\n## %s\n", group.title)
		for _, c := range group.checks {
			fmt.Fprintf(&b, "\n### %s\n\n%s", c.ID, c.text())
		}
	}
	return b.Bytes()
}
