package reference

import (
	"bytes"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/pbxflow/pbxflow/examples/callcenter"
)

// TestSchema holds the JSON Schemas against the example and against mistakes, with
// an implementation of JSON Schema that is not ours.
func TestSchema(t *testing.T) {
	for kind, test := range map[string]struct{ files, bad []string }{
		"app": {
			files: []string{"flows.yaml", "rules.yaml", "office.yaml"},
			bad: []string{
				"flow: {}",
				"flows: { main: [{ plya: welcome }] }",
				"flows: { main: [{ play: welcome, interupt: '1' }] }",
				"flows: { main: [{ menu: main, options: { x: hangup } }] }",
				"flows: { main: [{ log: x, level: loud }] }",
				"flows: { main: [{ queue: support, timeout: 5 }] }",
				"flows: { main: { params: { vip: boolean }, steps: [answer] } }",
				"rules: { r: { on: call.endd, do: { log: x } } }",
				"rules: { r: { on: call.ended } }",
			},
		},
		"config": {
			files: []string{"pbxflow.yaml"},
			bad: []string{
				"flows: {}",
				"agi: { listen: '4573' }",
				"agi: { max_sessions: many }",
				"asterisk: { pbx1: { address: 'pbx:5038', username: u } }",
				"log: { level: loud }",
				"log: { json: 1 }",
			},
		},
		"test": { // which flowtest holds against many more
			files: []string{"callcenter.test.yaml"},
			bad:   []string{"flows: {}", "tests: { t: { flow: main, script: [{ hera: a }] } }"},
		},
	} {
		t.Run(kind, func(t *testing.T) {
			schema := compile(t, kind)
			for _, name := range test.files {
				text, err := fs.ReadFile(callcenter.Files, name)
				if err != nil {
					t.Fatal(err)
				}
				if err := schema.Validate(parse(t, string(text))); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			for _, bad := range test.bad {
				if schema.Validate(parse(t, bad)) == nil {
					t.Errorf("the schema accepts %s", bad)
				}
			}
		})
	}
	if _, err := Schema("sheet"); err == nil {
		t.Error("there is a schema of nothing")
	}
}

func compile(t *testing.T, kind string) *jsonschema.Schema {
	t.Helper()
	text, err := Schema(kind)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// parse decodes YAML as editors do before they apply a schema.
func parse(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := yaml.NewDecoder(strings.NewReader(text)).Decode(&v); err != nil {
		t.Fatal(err)
	}
	return plain(v)
}

// plain turns what YAML has and JSON has not into what an editor makes of it.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, item := range v {
			v[k] = plain(item)
		}
	case map[any]any:
		m := map[string]any{}
		for k, item := range v {
			m[fmt.Sprint(k)] = plain(item)
		}
		return m
	case []any:
		for i, item := range v {
			v[i] = plain(item)
		}
	case time.Time:
		if v.Equal(v.Truncate(24 * time.Hour)) {
			return v.Format(time.DateOnly)
		}
		return v.Format(time.RFC3339)
	}
	return v
}
