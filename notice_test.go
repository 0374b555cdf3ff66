package pbxflow_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestNoticeByPhone has a rule call somebody, who arrives at the server's own listener and
// presses the key.
func TestNoticeByPhone(t *testing.T) {
	m, config := manager(t)
	m.Answer("Originate", "Response", "Success", "Message", "Originate successfully queued")
	h := serve(t, map[string]string{"pbxflow.yaml": config, "rules.yaml": syncedRule, "a.yaml": `
notify: { on-call: { phone: PJSIP/101, play: alarm, ask: take-it } }
rules:
  r:
    on: UserEvent
    cooldown: 1m
    do:
      - notify: on-call
        text: help
        as: notice
        on: { acknowledged: { log: "taken by ${notice.by}" } }
`})
	h.decided("synced")
	m.Emit("UserEvent", "UserEvent", "Alarm")
	action, err := m.Await(t.Context(), "Originate")
	if err != nil {
		t.Fatal(err)
	}
	path, ok := strings.CutPrefix(action.Get("Data"), fmt.Sprintf("agi://%s/", h.AGIAddr()))
	if !ok || action.Get("Application") != "AGI" || action.Get("Channel") != "PJSIP/101" {
		t.Fatalf("the server wants\n%v", action)
	}
	m.Emit("OriginateResponse", "ActionID", action.Get("ActionID"), "Response", "Success", "Reason", "4", "Channel", "PJSIP/101-00000001")
	h.call(path, "> STREAM FILE \"alarm\" \"1\"\n< 200 result=0 endpos=8000\n> STREAM FILE \"take-it\" \"1\"\n< 200 result=49 endpos=100\n")()
	h.awaitLog("taken by PJSIP/101")
}
