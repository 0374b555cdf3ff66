package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/examples/callcenter"
)

func TestTest(t *testing.T) {
	const flow = "flows: { main: { play: a } }"
	app(t, map[string]string{
		"good/flows.yaml":     flow,
		"good/flows.test.yml": "tests: { one: { flow: main, script: { hear: a } }, two: { flow: main, script: { hear: a } } }",
		"bad/flows.yaml":      flow,
		"bad/flows.test.yaml": "tests:\n  one:\n    flow: main\n    script:\n      - hear: b\n",
		"wrong/flows.yaml":    flow,
		"wrong/x.test.yaml":   "tests: { one: { flow: man } }",
		"none/flows.yaml":     flow,
	})
	const difference = `FAILED bad/flows.test.yaml:2:3: one
    what happened is not what the script says:
      - hear: b  flows.test.yaml:5:9
      + hear: a                       flows.yaml:1:18

bad: 0 passed, 1 failed
`
	const mistake = `pbxflow: wrong cannot be tested:
wrong/x.test.yaml:1:23: there is no flow "man" — did you mean "main"? [unknown-flow]
    1 | tests: { one: { flow: man } }
      |                       ^
`
	for _, test := range []struct {
		args        string
		exit        int
		out, errout string
	}{
		{"test good", 0, "good: 2 passed\n", ""},
		{"test --chaos --run one good", 0, "good: 1 passed\n", ""},
		{"test --cover good", 0, "good: 2 passed\n1 of 1 steps ran, 1 of 3 outcomes happened\n  flows.yaml:1:18: play of flow main never ended in stopped or missing\n", ""},
		{"test --run three good", 1, "good: no tests\n", "pbxflow: no test has a name that matches three\n"},
		{"test --run ( good", 1, "", "pbxflow: --run: error parsing regexp: missing closing ): `(`\n"},
		{"test none", 0, "none: no tests\n", ""},
		{"test bad good", 1, difference + "good: 2 passed\n", ""},
		{"test wrong good", 1, "good: 2 passed\n", mistake},
		{"test nowhere", 1, "", "pbxflow: there is no folder nowhere\n"},
		{"test good/flows.yaml", 1, "", "pbxflow: good/flows.yaml is a file: name the folder of the app\n"},
		{"test --junit report.xml bad wrong", 1, difference, mistake},
		{"test --update bad", 0, "bad: 1 passed\n", "bad/flows.test.yaml: wrote down what happened\n"},
	} {
		t.Run(test.args, func(t *testing.T) {
			var out, errout bytes.Buffer
			if exit := run(strings.Fields(test.args), &out, &errout); exit != test.exit {
				t.Errorf("exit status %d, want %d", exit, test.exit)
			}
			if diff := cmp.Diff(test.out, out.String()); diff != "" {
				t.Errorf("output differs (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.errout, errout.String()); diff != "" {
				t.Errorf("error output differs (-want +got):\n%s", diff)
			}
		})
	}
	report, err := os.ReadFile("report.xml")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<testsuite name="bad" tests="1" failures="1" skipped="0">`, `<testcase name="one" classname="bad/flows.test.yaml" time="`,
		`<failure message="what happened is not what the script says:">bad/flows.test.yaml:2:3`,
		`<testcase name="the app and its tests can be read" classname="wrong" time="`,
		`<failure message="wrong cannot be tested:">wrong`,
	} {
		if !strings.Contains(string(report), want) {
			t.Errorf("the report lacks %s:\n%s", want, report)
		}
	}
	var out, errout bytes.Buffer
	if exit := run([]string{"test", "--json", "bad"}, &out, &errout); exit != 0 || !strings.HasPrefix(out.String(), `{"name":"one","pos":"bad/flows.test.yaml:2:3","status":"passed","took":`) {
		t.Errorf("--json: exit status %d\n%s%s", exit, &out, &errout)
	}
	out.Reset()
	if exit := run([]string{"test", "--json", "wrong"}, &out, &errout); exit != 1 || !strings.HasPrefix(out.String(), `{"name":"the app and its tests can be read","pos":"wrong","status":"failed","took":0,"message":"wrong cannot be tested:`) {
		t.Errorf("--json: exit status %d\n%s%s", exit, &out, &errout)
	}
}

// TestTestExample runs the tests of the example.
func TestTestExample(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, callcenter.Files); err != nil {
		t.Fatal(err)
	}
	var out, errout bytes.Buffer
	if exit := run([]string{"test", "--chaos", dir}, &out, &errout); exit != 0 || !strings.HasSuffix(out.String(), ": 8 passed\n") {
		t.Errorf("exit status %d\n%s%s", exit, &out, &errout)
	}
}
