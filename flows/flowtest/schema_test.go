package flowtest_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/flows/flowtest"
)

// TestSchemaOfRepository holds the JSON Schema against every test file of the repository.
func TestSchemaOfRepository(t *testing.T) {
	schema, found := compileSchema(t), 0
	err := fs.WalkDir(os.DirFS("../.."), ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".test.yaml") {
			return err
		}
		found++
		text, err := os.ReadFile("../../" + name)
		if err != nil {
			return err
		}
		if err := schema.Validate(readYAML(t, string(text))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return nil
	})
	if err != nil || found < 15 {
		t.Errorf("%d test files, error %v", found, err)
	}
}

// TestSchemaRefuses has files that editors must mark. Those that run the tests refuse
// them too: the schema is not stricter than they are.
func TestSchemaRefuses(t *testing.T) {
	schema := compileSchema(t)
	for _, keys := range []string{
		"flows: main",
		"flow: [main]",
		"at: tomorrow",
		"at: 5",
		"caller: { number: 1 }",
		"params: [1]",
		"given: { htp: {} }",
		"given: { http: [200] }",
		"given: { http: { x: gone } }",
		"given: { http: { x: { stats: 200 } } }",
		"given: { http: { x: { after: 5 } } }",
		"given: { queues: { support: { waiting: many } } }",
		"given: { agents: [{ interface: PJSIP/1 }] }",
		"given: { notify: { ops: broken } }",
		"given: { dial: { PJSIP/1: gone } }",
		"given: { queue: { support: busy } }",
		"given: { channels: { PJSIP/1-2: gone } }",
		"given: { callbacks: none }",
		"given: { sounds: { a: 5 } }",
		"given: { ami: { Originate: refused } }",
		"script: hear",
		"script: [{ hera: a }]",
		"script: [[hear: a]]",
		"script: [{ hear: a, pres: 1 }]",
		"script: [{ hear: a, press: x }]",
		"script: [{ hear: a, press: { 5: 1 } }]",
		"script: [{ hear: a, wait: 5 }]",
		"script: [{ hear: { a: b } }]",
		"script: [{ dial: PJSIP/1, ends: full }]",
		"script: [{ dial: PJSIP/1, answer: soon }]",
		"script: [{ queue: support, with: timeout }]",
		"script: [{ music: off, wait: 5s }]",
		"script: [{ hangup: nobody }]",
		"script: [{ hangup: caller, press: 1 }]",
		"script: [press]",
		"script: [{ press: x }]",
		"script: [{ silence: 5 }]",
		"script: silence",
		"expect: quiet",
		"expect: { ended: by fow }",
		"expect: { took: 5 }",
		"expect: { errors: { a: b } }",
	} {
		tests := strings.Replace(oneTest(keys), "    flow: main\n    flow", "    flow", 1)
		if schema.Validate(readYAML(t, tests)) == nil {
			t.Errorf("the schema accepts %s", keys)
		}
		if _, err := flowtest.Test(folder(oneFlow("- answer"), tests), flowtest.Options{}); err == nil {
			t.Errorf("the runner accepts %s", keys)
		}
	}
	for _, file := range []string{"test: {}", "{}", "tests: []", "tests: { t: main }", "tests: { t: { caller: 1 } }", "tests: { t: { flow: main } }\nenv: [A]"} {
		if schema.Validate(readYAML(t, file)) == nil {
			t.Errorf("the schema accepts %s", file)
		}
		if _, err := flowtest.Test(folder(oneFlow("- answer"), file), flowtest.Options{}); err == nil {
			t.Errorf("the runner accepts %s", file)
		}
	}
}

// checkSchema wants the schema to accept a file that the runner accepts.
func checkSchema(t *testing.T, schema *jsonschema.Schema, tests string) {
	t.Helper()
	if err := schema.Validate(readYAML(t, tests)); err != nil {
		t.Errorf("the schema refuses it: %v", err)
	}
}

// compileSchema hands the schema to an implementation of JSON Schema that is not ours.
func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	verbs, err := flows.NewVerbs()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(flowtest.Schema(verbs))
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

// readYAML reads YAML 1.2 as editors do before they apply a schema: keys are texts, and
// so are dates.
func readYAML(t *testing.T, text string) any {
	t.Helper()
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	return plain(t, document.Content[0])
}

func plain(t *testing.T, n *yaml.Node) any {
	t.Helper()
	switch n.Kind {
	case yaml.AliasNode:
		return plain(t, n.Alias)
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			m[n.Content[i].Value] = plain(t, n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, plain(t, item))
		}
		return list
	}
	if n.Tag == "!!timestamp" {
		return n.Value
	}
	var v any
	if err := n.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}
