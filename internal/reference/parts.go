package reference

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"

	"github.com/pbxflow/pbxflow/ami/catalog"
	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// verbText is all about a verb but its name.
func verbText(v flows.Verb) string {
	var b bytes.Buffer
	b.WriteString(v.Summary)
	if v.Doc != "" {
		b.WriteString(" " + v.Doc)
	}
	if !v.NeedsCall {
		b.WriteString(" Rules can use it as well.")
	}
	if v.Answered {
		b.WriteString(" The call must be answered.")
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
	return b.String()
}

// derivedTable writes a row for each derived event.
func derivedTable(b *bytes.Buffer) {
	for _, e := range live.Events {
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", e.Name, e.Doc, "`"+strings.Join(e.Vars, "`, `")+"`")
	}
}

// thing is what a derived event carries under a name.
type thing struct {
	name   string
	fields []lang.Field
}

func carried() []thing {
	var things []thing
	for _, f := range reflect.VisibleFields(reflect.TypeFor[live.Event]()) {
		if name := f.Tag.Get("expr"); name != "" {
			things = append(things, thing{name, lang.Fields(reflect.Zero(f.Type.Elem()).Interface())})
		}
	}
	return things
}

func rawRow(b *bytes.Buffer, e catalog.Event) {
	fmt.Fprintf(b, "| `%s` | %s | %s |\n", e.Name, strings.Join(e.Class, ", "), strings.Join(e.FieldNames(), ", "))
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
