package flows_test

import (
	"strings"
	"testing"
)

const memberFlows = `
join:
  params: { device: string, name: string }
  steps:
    - queue_add: ${device}
      queue: ${name}
      name: Ann
      penalty: 2
      on: { unknown: { log: no queue } }
leave:
  params: { device: string, name: string }
  steps:
    - queue_remove: ${device}
      queue: ${name}
      on: { not_member: { log: no member } }
pause:
  params: { device: string, paused: bool }
  steps:
    - queue_pause: ${device}
      paused: ${paused}
      reason: lunch
      on: { not_member: { log: no member } }
penalty:
  params: { device: string, name: string }
  steps:
    - queue_penalty: ${device}
      penalty: 7
      queue: ${name}
      on: { not_member: { log: no member } }
`

func realMembers(t *testing.T, p *realPBX) {
	vars := func(queue string) map[string]any { return map[string]any{"device": "Local/9@phones", "name": queue} }
	paused := func(on bool) map[string]any { return map[string]any{"device": "Local/9@phones", "paused": on} }
	// member is what Asterisk's own list says of it.
	member := func(queue, want string) {
		t.Helper()
		show := p.console(t, "queue show "+queue)
		if !strings.Contains(show, want) {
			t.Errorf("asterisk says\n%s\nwant %q", show, want)
		}
	}
	p.do(t, "join", vars("support"), "queue_add\nDONE by flow")
	p.do(t, "join", vars("sales"), "queue_add\nDONE by flow")
	p.do(t, "join", vars("support"), "queue_add → already\nDONE by flow")
	p.do(t, "join", vars("nix"), "queue_add → unknown (on)\n  log no queue\nDONE by flow")
	member("support", "Ann (Local/9@phones) with penalty 2")
	p.do(t, "pause", paused(true), "queue_pause\nDONE by flow")
	member("support", "paused:lunch")
	member("sales", "paused:lunch")
	p.do(t, "pause", paused(false), "queue_pause\nDONE by flow")
	if show := p.console(t, "queue show sales"); strings.Contains(show, "paused:lunch") {
		t.Errorf("the pause goes on:\n%s", show)
	}
	p.do(t, "penalty", vars("support"), "queue_penalty\nDONE by flow")
	member("support", "with penalty 7")
	member("sales", "with penalty 2")
	p.do(t, "penalty", vars("nix"), "queue_penalty → not_member (on)\n  log no member\nDONE by flow")
	p.do(t, "leave", vars("support"), "queue_remove\nDONE by flow")
	member("support", "No Members")
	p.do(t, "leave", vars("support"), "queue_remove → not_member (on)\n  log no member\nDONE by flow")
	p.do(t, "leave", vars("nix"), "queue_remove → not_member (on)\n  log no member\nDONE by flow")
	p.do(t, "leave", vars("sales"), "queue_remove\nDONE by flow")
	p.do(t, "pause", paused(true), "queue_pause → not_member (on)\n  log no member\nDONE by flow")
}
