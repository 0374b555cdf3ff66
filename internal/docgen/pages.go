package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/pbxflow/pbxflow/ami/catalog"
	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/app"
	"github.com/pbxflow/pbxflow/internal/lang"
	"github.com/pbxflow/pbxflow/rules"
)

// generate returns the pages by their name below docs.
func generate() (map[string][]byte, error) {
	verbs, err := flows.NewVerbs()
	if err != nil {
		return nil, err
	}
	schema, err := json.MarshalIndent(app.Schema(verbs), "", " ")
	if err != nil {
		return nil, err
	}
	return map[string][]byte{
		"app.schema.json":        append(schema, '\n'),
		"reference/verbs.md":     verbsPage(),
		"reference/functions.md": functionsPage(),
		"reference/events.md":    eventsPage(),
		"reference/app.md":       appPage(),
	}, nil
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
		fmt.Fprintf(&b, "\n## %s\n\n%s", v.Name, v.Summary)
		if v.Doc != "" {
			fmt.Fprintf(&b, " %s", v.Doc)
		}
		if !v.NeedsCall {
			b.WriteString(" Rules can use it as well.")
		}
		fmt.Fprintf(&b, "\n\n```yaml\n%s\n```\n\n", strings.TrimSpace(v.Example))
		keyTable(&b, lang.Describe(v.New()))
		if len(v.Outcomes) > 0 {
			b.WriteString("\n| outcome | failure | |\n|---|---|---|\n")
			for _, o := range v.Outcomes {
				fmt.Fprintf(&b, "| `%s` | %s | %s |\n", o.Name, yes(o.Failure), o.Doc)
			}
		}
		if v.Result != nil {
			b.WriteString("\nWith `as: NAME` the steps below can read:\n\n")
			fieldTable(&b, "NAME.", lang.Fields(v.Result))
		}
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
	for _, e := range live.Events {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", e.Name, e.Doc, "`"+strings.Join(e.Vars, "`, `")+"`")
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[live.Event]()) {
		if name := f.Tag.Get("expr"); name != "" {
			fmt.Fprintf(&b, "\n### %s\n\n", name)
			fieldTable(&b, name+".", lang.Fields(reflect.Zero(f.Type.Elem()).Interface()))
		}
	}
	b.WriteString("\n## Asterisk's own events\n\nA rule on one of them reads its headers as `event.NAME`, as text.\n\n" +
		"| event | needs read permission | headers |\n|---|---|---|\n")
	for _, e := range catalog.Events() {
		if e.Class == nil { // it only answers an action
			continue
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", e.Name, strings.Join(e.Class, ", "), strings.Join(e.FieldNames(), ", "))
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
	fmt.Fprintf(&b, "\n# %s\n\nThe configuration of the server, at the top of the folder.\n\n", app.ConfigFile)
	for i, section := range app.ConfigSections() {
		if i > 0 {
			fmt.Fprintf(&b, "\n## %s\n\n", section.Name)
		}
		keyTable(&b, section.Keys)
	}
	return b.Bytes()
}

func keyTable(b *bytes.Buffer, keys []lang.Key) {
	b.WriteString("| key | wants | default | |\n|---|---|---|---|\n")
	for _, k := range keys {
		wants := k.Wants
		if k.Enum != nil {
			wants = strings.Join(k.Enum, ", ")
		}
		if k.Slot == lang.Template && wants != "any value" {
			wants += " `${}`"
		}
		def := ""
		switch {
		case k.Default != "":
			def = "`" + k.Default + "`"
		case k.Required:
			def = "required"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", k.Name, wants, def, k.Doc)
	}
}

func fieldTable(b *bytes.Buffer, prefix string, fields []lang.Field) {
	b.WriteString("| name | type | |\n|---|---|---|\n")
	for _, f := range fields {
		fmt.Fprintf(b, "| `%s%s` | %s | %s |\n", prefix, f.Name, f.Type, f.Doc)
	}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}
