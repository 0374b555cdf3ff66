package pbxflow_test

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow"
)

// TestReload changes what new calls do; one that runs keeps what it began with.
func TestReload(t *testing.T) {
	flow := func(sound string) string {
		return "flows: { main: [{ hold: " + sound + " }, { goto: end }], end: { play: " + sound + " } }"
	}
	h := serve(t, map[string]string{"flows.yaml": flow("before")})
	old := h.call("main", ". 30s\n"+play("before")+status("DONE", ""))
	<-h.holding

	h.write("flows.yaml", flow("after"))
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	next := h.call("main", ". 30s\n"+play("after")+status("DONE", ""))
	<-h.holding
	h.release <- struct{}{}
	h.release <- struct{}{}
	old()
	next()
	if a, b := <-h.calls, <-h.calls; a.Revision == b.Revision {
		t.Errorf("both calls say revision %s", a.Revision)
	}
	h.has(`"@message":"reloaded"`)
}

// TestReloadBroken changes nothing.
func TestReloadBroken(t *testing.T) {
	h := serve(t, map[string]string{"flows.yaml": helloFlow})
	before := get(t, h.Server, "/status")
	for name, test := range map[string]struct{ file, text, want string }{
		"a mistake":    {"flows.yaml", "flows: { main: { plya: x } }", `flows.yaml:1:18: there is no verb "plya" — did you mean "play"? [unknown-verb]`},
		"no YAML":      {"more.yaml", "flows: [", `more.yaml:1:8: this [ is not closed — write the missing ] [yaml-syntax]`},
		"unset":        {"more.yaml", "notify: { ops: { webhook: '${env.HOOK}' } }", `pbxflow: more.yaml:1:30: the environment variable HOOK is not set`},
		"a name twice": {"more.yaml", "flows: { main: hangup }", `more.yaml:1:10: "main" stands twice under flows — the first one is at flows.yaml:1:10 [duplicate-name]`},
	} {
		original := h.files[test.file]
		h.write(test.file, test.text)
		err := h.Reload()
		got := strings.Join(slices.DeleteFunc(problems(err), func(p string) bool { return strings.Contains(p, ": warning: ") }), "\n")
		if got == "" && err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s: got %v\nwant %s", name, got, test.want)
		}
		if delete(h.files, test.file); original != nil {
			h.files[test.file] = original
		}
	}
	h.call("main", play("hello")+status("DONE", ""))()
	<-h.calls
	if diff := cmp.Diff(before, get(t, h.Server, "/status")); diff != "" {
		t.Errorf("the status changed (-before +after):\n%s", diff)
	}
}

// TestReloadConfig says what waits for the next start.
func TestReloadConfig(t *testing.T) {
	h := serve(t, map[string]string{"flows.yaml": helloFlow})
	const warning = "take effect at the next start"
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(h.log.String(), warning) {
		t.Error("a reload without a change warns")
	}
	h.write("trunks.yaml", "trunks: PJSIP/carrier*")
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	h.has(warning)
	delete(h.files, "trunks.yaml")
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	before := strings.Count(h.log.String(), warning)
	h.write("pbxflow.yaml", loopback+"outgoing: { private: [10.0.0.0/8] }\n")
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(h.log.String(), warning); n != before+1 {
		t.Errorf("a change of outgoing gives %d warnings, want 1", n-before)
	}
}

// TestRules lets rules act on the events of an Asterisk, and a reload aim them at
// other events.
func TestRules(t *testing.T) {
	m, config := manager(t)
	h := serve(t, map[string]string{"pbxflow.yaml": config, "rules.yaml": syncedRule, "a.yaml": `
rules:
  r: { on: Hangup, cooldown: 1h, do: { hold: "${event.Channel}" } }
`})
	h.decided("synced")
	m.Emit("Hangup", "Channel", "PJSIP/1", "Uniqueid", "1.1")
	if got := <-h.holding; got != "PJSIP/1" {
		t.Errorf("the rule said %q", got)
	}
	h.release <- struct{}{}
	if trace := h.decided("r"); !trace.Fired || trace.Key != "pbx1/1.1" || trace.Server != "pbx1" || trace.Actions == nil {
		t.Errorf("the trace is %+v", trace)
	}

	// The cooldown outlives a reload that leaves the trigger as it is.
	h.write("a.yaml", strings.ReplaceAll(string(h.files["a.yaml"].Data), "${event.Channel}", "again"))
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	m.Emit("Hangup", "Channel", "PJSIP/1", "Uniqueid", "1.1")
	if trace := h.decided("r"); !strings.HasPrefix(trace.Silent, "cooldown until ") {
		t.Errorf("the trace is %+v", trace)
	}

	// Another event, of which nobody wanted to know before.
	h.write("a.yaml", `
rules:
  r: { on: PeerStatus, do: { hold: "${event.Peer}" } }
`)
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	m.Emit("Hangup", "Channel", "PJSIP/2", "Uniqueid", "1.2")
	m.Emit("PeerStatus", "Peer", "PJSIP/101")
	if got := <-h.holding; got != "PJSIP/101" {
		t.Errorf("the rule said %q", got)
	}
	h.release <- struct{}{}
	h.decided("r")

	// No rule at all: nothing is decided any more.
	h.write("a.yaml", "")
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	m.Emit("PeerStatus", "Peer", "PJSIP/102")
	m.Drop() // and after that the session comes back
	if trace := h.decided("synced"); !trace.Fired {
		t.Errorf("the trace is %+v", trace)
	}
	if len(h.holding) != 0 {
		t.Error("a rule that is gone acted")
	}
}

// TestRulesDrain lets the actions of rules end before Shutdown returns, or ends them.
func TestRulesDrain(t *testing.T) {
	for name, patient := range map[string]bool{"patient": true, "impatient": false} {
		t.Run(name, func(t *testing.T) {
			m, config := manager(t)
			h := serve(t, map[string]string{"pbxflow.yaml": config, "rules.yaml": `
rules: { synced: { on: server.synced, do: [] }, r: { on: Hangup, do: { hold: x } } }
`})
			h.decided("synced")
			for range 10 {
				m.Emit("Hangup", "Channel", "PJSIP/1", "Uniqueid", "1.1")
			}
			<-h.holding
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan error, 1)
			if patient {
				close(h.release)
			} else {
				cancel()
			}
			go func() { done <- h.Shutdown(ctx) }()
			if err := <-done; (err == nil) != patient {
				t.Errorf("Shutdown returned %v", err)
			}
			if trace := h.decided("r"); !trace.Fired || (trace.Error == "") != patient {
				t.Errorf("the trace is %+v", trace)
			}
		})
	}
}

// TestRulesSeeAll has rules decide on all events that came before Shutdown returns,
// however slow somebody is who listens to them.
func TestRulesSeeAll(t *testing.T) {
	m, config := manager(t)
	slow, decisions := make(chan struct{}), 0
	h := serve(t, map[string]string{"pbxflow.yaml": config, "rules.yaml": "rules: { r: { on: Hangup, dry_run: true, do: [] } }\n"},
		func(o *pbxflow.Options) {
			o.OnRule = func(*pbxflow.RuleTrace) {
				<-slow
				decisions++
			}
		})
	if _, err := m.Await(t.Context(), "CoreShowChannels"); err != nil { // the session is up
		t.Fatal(err)
	}
	for range 1000 {
		m.Emit("Hangup", "Channel", "PJSIP/1", "Uniqueid", "1.1")
	}
	m.Emit("Newchannel", "Channel", "PJSIP/2-1", "Uniqueid", "2.1", "Linkedid", "2.1")
	for !strings.Contains(get(t, h.Server, "/calls"), "PJSIP/2-1") {
		runtime.Gosched() // until all have come
	}
	done := make(chan error, 1)
	go func() { done <- h.Shutdown(t.Context()) }()
	h.awaitLog("shutting down")
	close(slow)
	if err := <-done; err != nil || decisions != 1000 {
		t.Errorf("Shutdown returned %v after %d of 1000 decisions", err, decisions)
	}
}

func TestWarnings(t *testing.T) {
	h := build(t, map[string]string{"flows.yaml": helloFlow})
	h.LogWarnings(pbxflow.Problems{{Message: "odd", ID: "odd-thing", Suggestion: "even"}})
	h.has(`"@message":"odd"`)
	h.has(`"at":"-","id":"odd-thing","suggestion":"even"`)
}
