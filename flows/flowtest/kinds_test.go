package flowtest

import (
	"slices"
	"testing"

	"github.com/pbxflow/pbxflow/flows"
)

// unseen are the verbs that no script has by their own names: they do nothing outside of
// the flow, are heard, only take time, or only ask.
var unseen = []string{
	"play", "menu", "read", "login", // hear
	"channel_status", // what Asterisk answers stands under given
	"callback",       // an originate when the call is over
	"set", "if", "switch", "repeat", "each", "call", "goto", "return", "break", "next", "again", "fail", "parallel",
}

// TestKinds wants every built-in verb that does something outside of the flow to have a
// name in scripts.
func TestKinds(t *testing.T) {
	verbs, err := flows.NewVerbs()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range verbs.Names() {
		if _, known := kinds[name]; !known && !slices.Contains(unseen, name) {
			t.Errorf("scripts cannot tell of %s: give it a row in kinds, and what it asks of Asterisk one in commands, applications or actionKinds", name)
		}
	}
}
