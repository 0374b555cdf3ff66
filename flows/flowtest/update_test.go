package flowtest_test

import (
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
