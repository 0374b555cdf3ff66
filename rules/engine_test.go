package rules_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/rules"
)

// happening is an event after a while, and what the rules then say.
type happening struct {
	after time.Duration
	event live.Event
	want  []string
}

// TestDecide plays events to rules. Time begins at 2000-01-01 00:00 UTC, a Saturday.
func TestDecide(t *testing.T) {
	ended := func(id string, change ...func(*live.Call)) live.Event { return call("call.ended", id, change...) }
	for name, test := range map[string]struct {
		rules string
		happs []happening
	}{
		"where": {`r: { on: call.ended, where: call.rang > "1s", do: { act: x } }`, []happening{
			{0, ended("1", rang(time.Second)), nil},
			{0, ended("2", rang(2*time.Second)), []string{"r pbx1/2 fired"}},
			{0, call("call.started", "3", rang(time.Minute)), nil},
		}},
		"several events": {`r: { on: [call.started, call.ended], do: { act: x } }`, []happening{
			{0, call("call.started", "1"), []string{"r pbx1/1 fired"}},
			{0, ended("1"), []string{"r pbx1/1 fired"}},
		}},
		"headers": {`r: { on: Hangup, where: event.Cause == "34" and event.AccountCode == "", do: { act: "${event.Channel}" } }`, []happening{
			{0, raw("Hangup", "Cause", "16", "Uniqueid", "1.1"), nil},
			{0, raw("Hangup", "cause", "34", "Uniqueid", "1.2"), []string{"r pbx1/1.2 fired"}},
		}},
		"a raw and a derived event": {`r: { on: [Hangup, call.ended], do: { act: x } }`, []happening{
			{0, raw("Hangup", "Uniqueid", "1.1"), []string{"r pbx1/1.1 fired"}},
			{0, ended("1"), []string{"r pbx1/1 fired"}},
		}},
		"default keys": {`r: { on: [call.ended, server.disconnected, Hangup, PeerStatus, BridgeCreate], do: { act: x } }`, []happening{
			{0, ended("1"), []string{"r pbx1/1 fired"}},
			{0, live.Event{Name: "server.disconnected", Server: "pbx2", Peer: &live.Server{Name: "pbx2"}}, []string{"r pbx2 fired"}},
			{0, raw("Hangup", "Uniqueid", "1.1", "Linkedid", "1.0"), []string{"r pbx1/1.1 fired"}},
			{0, raw("PeerStatus", "Peer", "PJSIP/101"), []string{"r pbx1 fired"}},
		}},
		"default keys without a call": {`r: { on: [agent.paused, device.changed, endpoint.changed, voicemail.left, cdr.written], do: { act: x } }`, []happening{
			{0, live.Event{Name: "agent.paused", Server: "pbx1", Agent: &live.Agent{ID: "pbx1/PJSIP/101"}}, []string{"r pbx1/PJSIP/101 fired"}},
			{0, live.Event{Name: "device.changed", Server: "pbx1", Device: &live.Device{Name: "Custom:night"}}, []string{"r pbx1/Custom:night fired"}},
			{0, live.Event{Name: "endpoint.changed", Server: "pbx1", Endpoint: &live.Endpoint{Name: "PJSIP/102"}}, []string{"r pbx1/PJSIP/102 fired"}},
			{0, live.Event{Name: "voicemail.left", Server: "pbx1", Voicemail: &live.Voicemail{Mailbox: "100@default"}}, []string{"r pbx1/100@default fired"}},
			{0, live.Event{Name: "cdr.written", Server: "pbx1", CDR: &live.CDR{Uniqueid: "1.2", Linkedid: "1.1"}}, []string{"r pbx1/1.1 fired"}},
		}},
		"payloads": {`r: { on: agent.completed, where: '"support" in agent.queues and queue.talked > "1m" and call.channels[0].role == "caller"', do: { act: x } }`, []happening{
			{0, live.Event{Name: "agent.completed", Server: "pbx1", Agent: &live.Agent{Queues: []string{"support"}}, Queue: &live.Queue{Talked: 2 * time.Minute}, Call: &live.Call{ID: "c", Channels: []live.Leg{{Role: "caller"}}}}, []string{"r c fired"}},
			{0, live.Event{Name: "agent.completed", Server: "pbx1", Agent: &live.Agent{Queues: []string{"sales"}}, Queue: &live.Queue{Talked: 2 * time.Minute}, Call: &live.Call{ID: "c", Channels: []live.Leg{{Role: "caller"}}}}, nil},
		}},
		"per": {`r: { on: call.ended, per: call.caller.num, cooldown: 1m, do: { act: x } }`, []happening{
			{0, ended("1", from("100")), []string{"r 100 fired"}},
			{0, ended("2", from("100")), []string{"r 100 cooldown until 00:01:00"}},
			{0, ended("3", from("101")), []string{"r 101 fired"}},
			{time.Minute, ended("4", from("100")), []string{"r 100 fired"}},
		}},
		"per of two": {`r: { on: call.ended, per: "[call.caller.num, call.dialed]", cooldown: 1m, do: { act: x } }`, []happening{
			{0, ended("1", from("100")), []string{"r [100 200] fired"}},
			{0, ended("2", from("100")), []string{"r [100 200] cooldown until 00:01:00"}},
		}},
		"no cooldown": {`r: { on: call.ended, per: call.dialed, do: { act: x } }`, []happening{
			{0, ended("1"), []string{"r 200 fired"}},
			{0, ended("2"), []string{"r 200 fired"}},
		}},
		"cooldown": {`r: { on: call.ended, per: call.dialed, cooldown: 1m, do: { act: x } }`, []happening{
			{0, ended("1"), []string{"r 200 fired"}},
			{59 * time.Second, ended("2"), []string{"r 200 cooldown until 00:01:00"}},
			{time.Second, ended("3"), []string{"r 200 fired"}},
			{59 * time.Second, ended("4"), []string{"r 200 cooldown until 00:02:00"}},
		}},
		"hours": {`r: { on: call.ended, hours: office, do: { act: x } }`, []happening{
			{0, ended("1"), []string{"r pbx1/1 hours office are closed"}},
			{48*time.Hour + 9*time.Hour, ended("2"), []string{"r pbx1/2 fired"}},
			{8 * time.Hour, ended("3"), []string{"r pbx1/3 hours office are closed"}},
		}},
		// What the hours kept silent is not swallowed by the cooldown.
		"hours and cooldown": {`r: { on: call.ended, hours: office, per: call.dialed, cooldown: 100h, do: { act: x } }`, []happening{
			{0, ended("1"), []string{"r 200 hours office are closed"}},
			{48*time.Hour + 9*time.Hour, ended("2"), []string{"r 200 fired"}},
		}},
		"hours in where": {`r: { on: call.ended, where: hours.office.open, do: { act: x } }`, []happening{
			{0, ended("1"), nil},
			{48*time.Hour + 9*time.Hour, ended("2"), []string{"r pbx1/2 fired"}},
		}},
		"now": {`r: { on: call.ended, where: now().Minute() == 1, do: { act: x } }`, []happening{
			{0, ended("1"), nil},
			{time.Minute, ended("2"), []string{"r pbx1/2 fired"}},
		}},
		"dry run": {`r: { on: call.ended, per: call.dialed, cooldown: 1m, dry_run: true, do: { act: x } }`, []happening{
			{0, ended("1"), []string{"r 200 dry run"}},
			{0, ended("2"), []string{"r 200 dry run"}},
		}},
		"not enabled": {`r: { on: call.ended, enabled: false, do: { act: x } }`, []happening{{0, ended("1"), nil}}},
		"two rules": {"b: { on: call.ended, cooldown: 1m, do: { act: x } }\na: { on: call.ended, cooldown: 1m, do: { act: x } }", []happening{
			{0, ended("1"), []string{"a pbx1/1 fired", "b pbx1/1 fired"}},
		}},
		"where fails": {`r: { on: call.ended, where: int(call.dialed) > 1, do: { act: x } }`, []happening{
			{0, ended("1", func(c *live.Call) { c.Dialed = "s" }), []string{
				`r  failed: rules.yaml:2:31: int(call.dialed) > 1: "s" is not a whole number`,
			}},
			{0, ended("2"), []string{"r pbx1/2 fired"}},
		}},
		"per fails": {`r: { on: call.ended, per: int(call.dialed), do: { act: x } }`, []happening{
			{0, ended("1", func(c *live.Call) { c.Dialed = "s" }), []string{
				`r  failed: rules.yaml:2:29: int(call.dialed): "s" is not a whole number`,
			}},
		}},
		"an action fails": {`r: { on: call.ended, do: { log: "${int(call.dialed)}" } }`, []happening{
			{0, ended("1", func(c *live.Call) { c.Dialed = "s" }), []string{
				`r pbx1/1 failed: rules.yaml:2:30: expression: rules.yaml:2:38: int(call.dialed): "s" is not a whole number`,
			}},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t, test.rules)
				for i, h := range test.happs {
					time.Sleep(h.after) // of the bubble's clock
					o.handle(h.event)
					got := o.said()
					slices.Sort(got) // rules act side by side
					if diff := cmp.Diff(h.want, got); diff != "" {
						t.Errorf("after event %d (-want +got):\n%s", i+1, diff)
					}
					failures := strings.Count(strings.Join(got, "\n"), "failed: ")
					if logged := strings.Count(o.log.String(), "[ERROR]"); logged != failures {
						t.Errorf("event %d: %d errors were logged for %d failures:\n%s", i+1, logged, failures, &o.log)
					}
					o.log.Reset()
				}
			})
		})
	}
}

// TestSuppressed counts what a cooldown swallowed, for each case of its own.
func TestSuppressed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, `r: { on: call.ended, per: call.caller.num, cooldown: 1m, do: { act: "${call.caller.num}: ${suppressed}" } }`)
		var acted []string
		o.act = func(_ context.Context, text string) error {
			acted = append(acted, text)
			return nil
		}
		for range 3 {
			o.handle(call("call.ended", "1", from("100")))
			o.handle(call("call.ended", "1", from("101")))
		}
		time.Sleep(time.Minute)
		o.handle(call("call.ended", "1", from("100")))
		o.handle(call("call.ended", "1", from("100")))
		// 100 ended within a cooldown ago, 101 before that: its count is forgotten.
		time.Sleep(90 * time.Second)
		o.handle(call("call.ended", "1", from("100")))
		o.handle(call("call.ended", "1", from("101")))
		want := []string{"100: 0", "101: 0", "100: 2", "100: 1", "101: 0"}
		if diff := cmp.Diff(want, acted); diff != "" {
			t.Errorf("the actions differ (-want +got):\n%s", diff)
		}
	})
}

// TestNotify tells a notice in full, and its failure once.
func TestNotify(t *testing.T) {
	rule := `r: { on: call.ended, severity: critical, labels: { team: a }, do: { notify: ops, text: "from ${call.caller.num}" } }`
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, rule)
		o.handle(call("call.ended", "1"))
		if got := o.said(); !slices.Equal(got, []string{"r pbx1/1 fired"}) {
			t.Errorf("said %q", got)
		}
		var notice map[string]any
		if err := json.Unmarshal([]byte(o.notices[0]), &notice); err != nil {
			t.Fatal(err)
		}
		want := map[string]any{
			"text": "from 5550100", "time": "2000-01-01T00:00:00Z", "rule": "r", "severity": "critical",
			"labels": map[string]any{"team": "a"}, "call": "pbx1/1", "server": "pbx1",
		}
		delete(want, "time")
		delete(notice, "time") // in the zone of the machine
		if diff := cmp.Diff(want, notice); diff != "" {
			t.Errorf("the notice differs (-want +got):\n%s", diff)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, rule)
		o.answer = http.StatusForbidden
		o.handle(call("call.ended", "1"))
		trace := o.traces[0]
		const why = "notice to ops: the server answered with status 403"
		if !trace.Fired || !strings.Contains(trace.Error, why) || trace.Actions == nil || trace.Actions.Status != "ERROR" {
			t.Errorf("the trace is %+v", trace)
		}
		if n := strings.Count(o.log.String(), why); n != 1 {
			t.Errorf("the failure was logged %d times:\n%s", n, &o.log)
		}
		var text strings.Builder
		if _, err := trace.WriteTo(&text); err != nil || !strings.HasPrefix(text.String(), `rule r on call.ended of pbx1, case "pbx1/1": fired`+"\nrule r ") {
			t.Errorf("the trace reads, with error %v,\n%s", err, &text)
		}
	})
}

// TestOrder runs the actions of one case in order and the others side by side, and
// goes on deciding meanwhile.
func TestOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, `r: { on: call.ended, per: call.caller.num, do: { act: "${call.caller.num}/${call.linkedid}" } }
other: { on: call.started, do: { act: other } }
`)
		began, slow := make(chan string, 100), make(chan struct{})
		o.act = func(_ context.Context, text string) error {
			began <- text
			if text != "other" {
				<-slow
			}
			return nil
		}
		begun := func() (list []string) {
			synctest.Wait()
			for len(began) > 0 {
				list = append(list, <-began)
			}
			slices.Sort(list)
			return list
		}
		for _, e := range []string{"a/1", "a/2", "b/1", "a/3"} {
			num, id, _ := strings.Cut(e, "/")
			o.engine.Handle(t.Context(), call("call.ended", id, from(num)))
		}
		for i, want := range [][]string{{"a/1", "b/1"}, {"a/2"}, {"a/3"}} {
			if got := begun(); !slices.Equal(got, want) {
				t.Errorf("round %d began %q, want %q", i+1, got, want)
			}
			// The other rule does not wait for this one.
			o.engine.Handle(t.Context(), call("call.started", "9"))
			if got := begun(); !slices.Equal(got, []string{"other"}) {
				t.Errorf("beside a slow rule began %q", got)
			}
			slow <- struct{}{}
			if i == 0 {
				slow <- struct{}{} // b/1
			}
		}
		if err := o.engine.Wait(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// TestSlowRule lets a rule with many slow cases use up its own share of what runs at
// once, and no more.
func TestSlowRule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, "slow: { on: call.ended, do: { act: slow } }\nquick: { on: call.started, do: { act: quick } }\n")
		release := make(chan struct{})
		o.act = func(_ context.Context, text string) error {
			if text == "slow" {
				<-release
			}
			return nil
		}
		for i := range 500 {
			o.engine.Handle(t.Context(), call("call.ended", fmt.Sprint(i)))
		}
		o.engine.Handle(t.Context(), call("call.started", "1"))
		synctest.Wait()
		if got := o.said(); !slices.Equal(got, []string{"quick pbx1/1 fired"}) {
			t.Errorf("beside 500 slow actions: %q", got)
		}
		close(release)
		if err := o.engine.Wait(t.Context()); err != nil {
			t.Error(err)
		}
		if got := o.said(); len(got) != 500 {
			t.Errorf("%d of 500 slow actions ran in the end", len(got))
		}
	})
}

// TestOverflow drops what comes when too much waits, and says so.
func TestOverflow(t *testing.T) {
	for name, test := range map[string]struct {
		per           string
		events, drops int
	}{
		"one case":   {"call.dialed", 1 + 100 + 3, 3},
		"many cases": {"call.id", 16 + 10_000 + 3, 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t, `r: { on: call.ended, per: `+test.per+`, do: { act: x } }`)
				release := make(chan struct{})
				o.act = func(context.Context, string) error {
					<-release
					return nil
				}
				for i := range test.events {
					o.engine.Handle(t.Context(), call("call.ended", fmt.Sprint(i)))
					synctest.Wait()
				}
				got := o.traces
				if len(got) != test.drops {
					t.Fatalf("%d events were dropped, want %d", len(got), test.drops)
				}
				if got[0].Fired || !strings.HasPrefix(got[0].Error, "dropped: ") {
					t.Errorf("the trace is %+v", got[0])
				}
				if n := strings.Count(o.log.String(), "dropped: "); n != test.drops {
					t.Errorf("%d drops were logged", n)
				}
				close(release)
				if err := o.engine.Wait(t.Context()); err != nil {
					t.Error(err)
				}
				if ran := len(o.said()) - test.drops; ran != test.events-test.drops {
					t.Errorf("%d actions ran, want %d", ran, test.events-test.drops)
				}
			})
		})
	}
}

// TestReload keeps the cooldowns of rules whose trigger did not change.
func TestReload(t *testing.T) {
	const rule = `r: { on: call.ended, where: call.rang < "1s", hours: always, per: call.dialed, cooldown: 1m, do: { act: x } }`
	for name, test := range map[string]struct {
		after string
		kept  bool
	}{
		"the same":       {rule, true},
		"another rule":   {rule + "\nother: { on: call.started, do: [] }", true},
		"actions":        {strings.Replace(rule, "act: x", "act: y", 1), true},
		"severity":       {strings.Replace(rule, "do:", "severity: critical, do:", 1), true},
		"cooldown":       {strings.Replace(rule, "1m", "2m", 1), false},
		"where":          {strings.Replace(rule, "1s", "2s", 1), false},
		"events":         {strings.Replace(rule, "call.ended", "[call.ended, call.started]", 1), false},
		"hours":          {strings.Replace(rule, "hours: always, ", "", 1), false},
		"per":            {strings.Replace(rule, "per: call.dialed", "per: lower(call.dialed)", 1), false},
		"another name":   {strings.Replace(rule, "r:", "q:", 1), false},
		"off and on":     {strings.Replace(rule, "do:", "enabled: false, do:", 1), false},
		"dry run and on": {strings.Replace(rule, "do:", "dry_run: true, do:", 1), true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t, rule)
				o.handle(call("call.ended", "1"))
				o.said()
				o.load(test.after)
				switch name {
				case "off and on", "dry run and on":
					o.load(rule)
				}
				o.handle(call("call.ended", "2"))
				got := o.said()
				if len(got) != 1 || strings.Contains(got[0], "cooldown until") != test.kept {
					t.Errorf("after the reload: %q", got)
				}
			})
		})
	}
}

func TestEvents(t *testing.T) {
	o := newOffice(t, "a: { on: [call.ended, Hangup], do: [] }\nb: { on: Hangup, do: [] }\nc: { on: Newchannel, enabled: false, do: [] }\n")
	if got, want := o.engine.Events(), []string{"Hangup", "call.ended"}; !slices.Equal(got, want) {
		t.Errorf("events %q, want %q", got, want)
	}
	var empty rules.Engine
	empty.Handle(t.Context(), call("call.ended", "1"))
	if got := empty.Events(); got != nil {
		t.Errorf("an engine without rules looks at %q", got)
	}
}

// TestSweep bounds the memory of cooldowns: those that ended a cooldown ago are
// forgotten.
func TestSweep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, `r: { on: call.ended, per: call.caller.num, cooldown: 1m, do: [] }`)
		for i := range 10_000 {
			o.handle(call("call.ended", "1", from(fmt.Sprint(i))))
			time.Sleep(time.Second)
		}
		// Those of two minutes, and what came since the last sweep.
		if n := rules.Remembered(o.engine, "r"); n > 181 {
			t.Errorf("after 10,000 cases over hours, %d are remembered", n)
		}
	})
}

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, `r: { on: call.ended, do: { act: x } }`)
		stopped := errors.New("stopped")
		o.act = func(ctx context.Context, _ string) error {
			<-ctx.Done()
			return context.Cause(ctx)
		}
		ctx, stop := context.WithCancelCause(t.Context())
		o.engine.Handle(ctx, call("call.ended", "1"))
		bounded, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := o.engine.Wait(bounded); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Wait returned %v while an action runs", err)
		}
		stop(stopped)
		if err := o.engine.Wait(t.Context()); err != nil {
			t.Error(err)
		}
		if got := o.said(); len(got) != 1 || !strings.HasSuffix(got[0], "stopped") {
			t.Errorf("the interrupted action says %q", got)
		}
		if err := o.engine.Wait(t.Context()); err != nil {
			t.Errorf("Wait without actions returned %v", err)
		}
	})
}

// TestRaces handles events of several servers while rules are loaded and waited for.
func TestRaces(t *testing.T) {
	const text = `r: { on: [call.ended, Hangup], cooldown: 1ms, hours: always, do: { log: "${suppressed}" } }`
	o := newOffice(t, text)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 50 {
			o.load(strings.Replace(text, "1ms", fmt.Sprintf("%dms", 1+i%2), 1))
			o.engine.Events()
			if err := o.engine.Wait(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}()
	servers := make(chan struct{})
	for range 4 {
		go func() {
			for i := range 500 {
				o.engine.Handle(t.Context(), call("call.ended", fmt.Sprint(i%10)))
				o.engine.Handle(t.Context(), live.Event{Name: "Hangup", Server: "pbx2", Raw: ami.NewEvent("Hangup", "Uniqueid", "1")})
			}
			servers <- struct{}{}
		}()
	}
	for range 4 {
		<-servers
	}
	<-done
	if err := o.engine.Wait(t.Context()); err != nil {
		t.Error(err)
	}
	if len(o.said()) == 0 {
		t.Error("nothing was decided")
	}
}
