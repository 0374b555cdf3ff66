package flows_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/flows"
)

// What flows count on is found wherever a queue step stands.
func TestAnnounced(t *testing.T) {
	a := load(t, named+`
flows:
  main:
    - if: call.dialed == "1"
      then:
        - queue: support
          announce: { position: 90s, hold_time: true, periodic: 2m }
          on: { else: hangup }
    - queue: support
      on: { else: hangup }
`)
	var got []string
	a.Program.Flows["main"].Steps.Walk(func(n *flows.Node) {
		if queue, announced, ok := n.Announced(); ok {
			got = append(got, fmt.Sprint(n.Pos.Line, queue, announced.Settings()))
		}
	})
	want := []string{"9supportmap[announce-frequency:90 announce-holdtime:yes announce-position:yes periodic-announce-frequency:120]"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("announcements differ (-want +got):\n%s", diff)
	}
}
