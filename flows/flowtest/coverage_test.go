package flowtest_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/flows/flowtest"
)

func TestCoverage(t *testing.T) {
	report, err := flowtest.Test(folder(oneFlow("- play: a\n- queue: support\n  on: { full: { play: b }, else: hangup }"),
		oneTest("script: [{ hear: a }, { queue: support, ends: full }, { hear: b }]")), flowtest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if _, err := report.Coverage.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	want := `3 of 4 steps ran, 3 of 13 outcomes happened
  app.yaml:6:7: play of flow main never ended in stopped or missing
  app.yaml:7:7: queue of flow main never ended in completed, timeout, no_agents, left, withdrawn or unknown
  app.yaml:8:21: play of flow main never ended in stopped or missing
  app.yaml:8:38: hangup of flow main never ran
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("coverage differs (-want +got):\n%s", diff)
	}
	b.Reset()
	if err := report.Coverage.WriteJSON(&b, "app"); err != nil {
		t.Fatal(err)
	}
	const begin = `{"coverage":{"steps":{"happened":3,"all":4},"outcomes":{"happened":3,"all":13},"missing":[` +
		`{"pos":"app/app.yaml:6:7","flow":"main","verb":"play","ran":true,"outcomes":["stopped","missing"]},`
	const end = `{"pos":"app/app.yaml:8:38","flow":"main","verb":"hangup","ran":false}]}}` + "\n"
	if got := b.String(); !strings.HasPrefix(got, begin) || !strings.HasSuffix(got, end) {
		t.Errorf("as JSON: %s", got)
	}
}
