package flowtest_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pbxflow/pbxflow/flows/flowtest"
)

// folder is an app with a file of tests.
func folder(app, tests string) fstest.MapFS {
	return fstest.MapFS{"app.yaml": {Data: []byte(app)}, "app.test.yaml": {Data: []byte(tests)}}
}

// text runs tests and returns what is printed of them.
func text(t testing.TB, app, tests string, o flowtest.Options) string {
	t.Helper()
	return textOf(t, folder(app, tests), o)
}

func textOf(t testing.TB, files fstest.MapFS, o flowtest.Options) string {
	t.Helper()
	report, err := flowtest.Test(files, o)
	if err != nil {
		return err.Error() + "\n"
	}
	var b strings.Builder
	if err := report.WriteText(&b, "app"); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// oneFlow is an app whose flow main has these steps.
func oneFlow(steps string) string {
	return "hours: { office: { timezone: UTC, open: { mon: 08:00-12:00 } } }\nqueues: { support: {}, sales: {} }\n" +
		"notify: { ops: { webhook: \"${env.HOOK}\" }, on-call: { phone: [PJSIP/101, PJSIP/102], play: alarm } }\nflows:\n  main:\n" + indent(steps, "    ") + "\n"
}

// oneTest is a file with a test of flow main.
func oneTest(keys string) string {
	return "tests:\n  t:\n    flow: main\n" + indent(keys, "    ") + "\n"
}

func indent(text, by string) string {
	text = strings.Trim(text, "\n")
	tabs := text[:len(text)-len(strings.TrimLeft(text, "\t"))]
	return by + strings.ReplaceAll(strings.ReplaceAll(text, "\n"+tabs, "\n"), "\n", "\n"+by)[len(tabs):]
}

const passed = "app: 1 passed\n"

func TestRunSelects(t *testing.T) {
	tests := oneTest("script: { hear: a }") + "  other:\n    flow: main\n"
	if got := text(t, oneFlow("- play: a"), tests, flowtest.Options{Run: regexp.MustCompile("^t$")}); got != passed {
		t.Errorf("got:\n%s", got)
	}
}

// BenchmarkTests runs 1,000 small tests.
func BenchmarkTests(b *testing.B) {
	app := oneFlow(`
		- answer
		- http: https://x.example/
		  as: crm
		- menu: m
		  options:
		    1: { queue: support }
		  no_input: { play: again }
		- hangup`)
	var tests strings.Builder
	tests.WriteString("tests:\n")
	for i := range 1000 {
		fmt.Fprintf(&tests, "  test %d:\n    flow: main\n    given: { http: { \"*\": { json: { vip: true } } } }\n"+
			"    script: [{ hear: m, wait: 5s }, { hear: again }, { hear: m, press: 1 }, { queue: support, answer: 12s, talk: 3m }]\n"+
			"    expect: { ended: by flow }\n", i)
	}
	for b.Loop() {
		if got := text(b, app, tests.String(), flowtest.Options{}); got != "app: 1000 passed\n" {
			b.Fatal(got[:min(len(got), 2000)])
		}
	}
}
