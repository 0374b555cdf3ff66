package pbxflow_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
)

// filtered reports whether a client asked for the events of this name.
func filtered(m *amitest.Server, name string) bool {
	return slices.ContainsFunc(m.Received(), func(a ami.Message) bool {
		return a.Get("Action") == "Filter" && a.Get("MatchCriteria") == "action(include),name("+name+"),method(none)"
	})
}

// Asterisk sends what the live picture and the rules need, and not more.
func TestServerFilter(t *testing.T) {
	m, config := manager(t)
	m.Answer("CoreSettings", "Response", "Success", "AsteriskVersion", "22.10.1")
	h := serve(t, map[string]string{"pbxflow.yaml": config, "rules.yaml": syncedRule, "a.yaml": `
rules:
  r: { on: UserEvent, do: { hold: "${event.UserEvent}" } }
`})
	h.decided("synced")
	for name, want := range map[string]bool{"Hangup": true, "UserEvent": true, "VarSet": false, "RTCPSent": false, "call.ended": false} {
		if filtered(m, name) != want {
			t.Errorf("asked for %s: %v, want %v", name, !want, want)
		}
	}
	m.Emit("UserEvent", "UserEvent", "Mark")
	if got := <-h.holding; got != "Mark" {
		t.Errorf("the rule said %q", got)
	}
	h.release <- struct{}{}

	h.write("a.yaml", `
rules:
  r: { on: VarSet, do: { hold: "${event.Variable}" } }
`)
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	set := ami.NewEvent("VarSet", "Variable", "MARK", "Uniqueid", "1.1")
	if err := m.AwaitWanted(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	m.EmitEvent(set)
	if got := <-h.holding; got != "MARK" {
		t.Errorf("the rule said %q", got)
	}
	h.release <- struct{}{}
}

// A user who may not filter gets everything, and the log names the right.
func TestServerFilterWithoutRight(t *testing.T) {
	m, config := manager(t)
	m.AddUser(amitest.User{Username: m.Username, Secret: m.Secret, Read: "all", Write: "reporting"})
	h := serve(t, map[string]string{"pbxflow.yaml": config, "rules.yaml": syncedRule})
	h.decided("synced")
	m.Drop()
	h.decided("synced")
	if log := h.log.String(); strings.Count(log, "Asterisk sends all events") != 1 || !strings.Contains(log, "write = system") {
		t.Error("the log does not say once that the right is missing")
	}
}

// With a link for actions the events come by the other, which is the only filtered one.
func TestActionLink(t *testing.T) {
	m, config := manager(t)
	h := serve(t, map[string]string{"pbxflow.yaml": strings.Replace(config, "pbx1: {", "pbx1: { action_link: true,", 1), "rules.yaml": syncedRule})
	h.decided("synced")
	if n := m.Clients(); n != 2 {
		t.Errorf("%d connections, want 2", n)
	}
	var logins []string
	for _, a := range m.Received() {
		if a.Get("Action") == "Login" {
			logins = append(logins, "events "+a.Get("Events"))
		}
	}
	if want := []string{"events off", "events "}; !slices.Equal(logins, want) {
		t.Errorf("logins %q, want %q", logins, want)
	}
}
