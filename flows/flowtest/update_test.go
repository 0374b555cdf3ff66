package flowtest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/flows/flowtest"
)

// TestUpdate rewrites scripts; what has happened stays as it was written.
func TestUpdate(t *testing.T) {
	tests := oneTest(`
		script:   # of the call
		  # first
		  - hear: a
		  - hear: x       # no more
		  - hear: c
		    press: 1
		  - hear: d       # it stays
		    wait: 3s

		expect: { ended: in dialplan }   # of course`) + `
  without a script:
    flow: main
    expect: { ended: in dialplan }
`
	app := oneFlow("- play: [a, b]\n- play: c\n- play: d\n- dial: PJSIP/1\n  timeout: 5s\n  on: { else: { log: nobody } }")
	want := strings.Replace(oneTest(`
		script:   # of the call
		  # first
		  - hear: a
		  - hear: b
		  - hear: c
		    press: 1
		  - { hear: d, wait: 0s }
		  - dial: PJSIP/1

		expect: { ended: in dialplan }   # of course`)+`
  without a script:
    flow: main
    script:
      - hear: a
      - hear: b
      - hear: c
      - hear: d
      - dial: PJSIP/1
    expect: { ended: in dialplan }
`, "", "", 1)
	report, err := flowtest.Test(folder(app, tests), flowtest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := report.Update()["app.test.yaml"]
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the file differs (-want +got):\n%s", diff)
	}
	if got := text(t, app, got, flowtest.Options{}); got != "app: 2 passed\n" {
		t.Errorf("after the update:\n%s", got)
	}
}

// TestUpdateStyles rewrites scripts however they are written: the file stays one that can
// be read, and passes.
func TestUpdateStyles(t *testing.T) {
	for name, tests := range map[string]string{
		"no script":             "tests:\n  t:\n    flow: main\n    caller: 1 # Ann\n  u: { flow: main }\n",
		"an empty script":       "tests:\n  t:\n    flow: main\n    script:\n    caller: 1\n",
		"a list in brackets":    "tests:\n  t:\n    flow: main\n    script: [{ hear: x }, { hear: c, press: 1 }] # of the call\n    caller: 1\n",
		"on several lines":      "tests:\n  t:\n    flow: main\n    script: [\n      { hear: 'x]' }, # no ]\n      hear: \"}\\\"\"\n    ]\n    caller: 1\n",
		"a single item":         "tests:\n  t:\n    flow: main\n    script: { hear: x }\n    caller: 1\n",
		"a single block":        "tests:\n  t:\n    flow: main\n    script:\n      hear: x\n      press: 1\n    caller: 1\n",
		"a word":                "tests:\n  t:\n    flow: main\n    script: busy\n    caller: 1\n",
		"all in braces":         "tests:\n  t: { flow: main, script: [{ hear: x }, hear: b], caller: 1 }\n  u: { flow: main, caller: 2 }\n  v: { caller: 2, flow: main } # as well\n",
		"braces, and a word":    "tests: { t: { flow: main, script: busy, caller: 1 }, u: { flow: main, script: {hear: x} }, v: { flow: 'main' } }\n",
		"braces, several lines": "tests:\n  t: {\n    flow: main,\n    script: [\n      hear: x\n    ]\n  }\n",
		"an alias in the list":  "tests:\n  t:\n    flow: main\n    script:\n      - &a { hear: a }\n      - hear: x\n  u:\n    flow: main\n    script:\n      - *a\n      - hear: y\n",
		"letters of all kinds":  "tests:\n  ü: { caller: 'ö', flow: main, script: [{ hear: ä }] }\n  é:\n    flow: main\n    script: [hear: ñ]\n",
		"indented less":         "tests:\n  t:\n    script:\n    - hear: x\n    - { hear: b }\n    flow: main\n",
	} {
		t.Run(name, func(t *testing.T) {
			app := oneFlow("- play: a\n- play: b\n- play: c")
			before := strings.Count(tests, "flow:")
			report, err := flowtest.Test(folder(app, tests), flowtest.Options{})
			if err != nil {
				t.Fatal(err)
			}
			got := report.Update()["app.test.yaml"]
			if after := text(t, app, got, flowtest.Options{}); after != fmt.Sprintf("app: %d passed\n", before) {
				t.Errorf("after the update:\n%s\n%s", got, after)
			}
			if strings.Count(got, "#") != strings.Count(tests, "#") && !strings.Contains(tests, "# no") && !strings.Contains(tests, "# of") {
				t.Errorf("a comment is lost:\n%s", got)
			}
		})
	}
}

// TestUpdateLeaves what is written once and stands for several.
func TestUpdateLeaves(t *testing.T) {
	const tests = "tests:\n  t:\n    flow: main\n    script: &s [hear: a]\n  u:\n    flow: main\n    script: *s\n  v: { flow: main, script: *s }\n"
	report, err := flowtest.Test(folder(oneFlow("- play: b"), tests), flowtest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := report.Update(); len(got) > 0 {
		t.Errorf("got:\n%s", got)
	}
}
