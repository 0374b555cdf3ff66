package rules_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What a derived event can never say is told, too.
func TestValues(t *testing.T) {
	o := newOffice(t, "")
	_, problems := o.parse(`r: { on: call.ended, where: call.direction == "inbound", cooldown: 1m, do: [] }`)
	var got []string
	for _, p := range problems {
		got = append(got, p.String())
	}
	want := []string{`rules.yaml:2:49: warning: call.direction is never "inbound" — it can be in, out and internal [impossible-value]`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems differ (-want +got):\n%s", diff)
	}
}
