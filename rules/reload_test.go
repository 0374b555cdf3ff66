package rules_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestReloadMeetsEvent loads a changed rule while an event is being looked at: the rule
// as it was decides, with the cooldowns that it had.
func TestReloadMeetsEvent(t *testing.T) {
	const rule = `r: { on: call.ended, per: call.caller.num, cooldown: 1m, do: { act: x } }`
	for name, after := range map[string]string{
		"changed": strings.Replace(rule, "1m", "2m", 1),
		"removed": "other: { on: call.started, do: [] }",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t, rule)
				o.handle(call("call.ended", "1", from("100")))
				o.said()
				for _, e := range []struct {
					from  string
					quiet bool
				}{{"100", true}, {"200", false}} {
					// The engine asks for the time when it has the rules for the event.
					o.engine.Now = func() time.Time {
						o.load(after)
						return time.Now()
					}
					o.handle(call("call.ended", "2", from(e.from)))
					got := o.said()
					if len(got) != 1 || strings.Contains(got[0], "cooldown until") != e.quiet || strings.Contains(got[0], "meanwhile") {
						t.Errorf("the call from %s: %q", e.from, got)
					}
					o.engine.Now = nil
					o.load(rule)
				}
			})
		})
	}
}
