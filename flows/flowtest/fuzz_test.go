package flowtest_test

import (
	"strings"
	"testing"

	"github.com/pbxflow/pbxflow/flows/flowtest"
)

// FuzzTests reads and plays tests of any form. Nothing panics, every call ends, and what
// --update writes can be read and has the same tests.
func FuzzTests(f *testing.F) {
	for _, seed := range []string{
		"", "tests:", "tests: { t: { flow: main, script: [hear: a, { hear: x, press: 1 }] } }",
		"tests:\n  t:\n    flow: main\n    script:\n      - hear: [a, b] # both\n      - { queue: support, answer: 2s }\n      - hangup: agent\n  u: { flow: main }\n",
		"tests:\n  t: {\n    flow: main,\n    script: [ { press: 12, after: 1s }, silence: 5s, hangup: caller ]\n  }\n",
		"tests:\n  t:\n    flow: main\n    given: { http: { '*': timeout }, missing: [a], sounds: { b: 3s } }\n    script: busy\n    expect: { took: 5s }\n",
		"tests:\n  t:\n    flow: main\n    script: &s\n    - &i { hear: 'x', with: { a: [b] } }\n  u: { flow: main, script: *s }\n  v: { flow: main, script: [*i, log: \"a # b\"] }\n",
	} {
		f.Add(seed)
	}
	app := oneFlow("- play: [a, b]\n- menu: m\n  tries: 1\n  options: { 1: { queue: support, timeout: 5s, on: { else: { log: x } } }, 2: { http: https://x.example/ } }\n  give_up: { play: bye }")
	f.Fuzz(func(t *testing.T, tests string) {
		report, err := flowtest.Test(folder(app, tests), flowtest.Options{})
		if err != nil || len(report.Results) > 20 {
			return
		}
		for _, r := range report.Results {
			if strings.Contains(r.Message, "by the clock on the wall") {
				t.Fatalf("a call does not end in\n%s", tests)
			}
		}
		updated, changed := report.Update()["app.test.yaml"]
		if !changed {
			return
		}
		again, err := flowtest.Test(folder(app, updated), flowtest.Options{})
		if err != nil {
			t.Fatalf("of\n%s\n--update made\n%s\n%v", tests, updated, err)
		}
		if len(again.Results) != len(report.Results) {
			t.Fatalf("of\n%s\n--update made\n%s", tests, updated)
		}
		for i, r := range again.Results {
			if r.Name != report.Results[i].Name {
				t.Fatalf("of\n%s\n--update made\n%s", tests, updated)
			}
		}
	})
}
