package pbxflow_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
	"github.com/pbxflow/pbxflow/internal/stage"
)

func TestMain(m *testing.M) { asterisktest.Main(m) }

// extra is what the tests need beside the example: a flow with a long prompt.
const (
	extraFlows = `
flows:
  prompt:
    params: { sound: string }
    steps: [answer, { play: "${sound}" }]
    on_hangup: { log: on_hangup ran }
    finally: { log: finally ran }
rules:
  raw:
    on: Hangup
    where: event.Channel startsWith "PJSIP/carrier" and event["Cause-txt"] != ""
    per: event.Channel
    do: { log: "raw ${event.Channel} ended with ${event.Cause}" }
  own:
    on: custom.talked
    where: event.queue == "support"
    do: { log: "somebody talked in ${event.queue}" }
  world:
    on: agent.completed
    per: call.id
    do:
      - emit: custom.talked
        fields: { queue: "${queue.name}" }
      - log: "${queues.support.offered('1h')} ${queues.support.answered('1h')} ${queues.support.abandoned('1h')} ${queues.support.answered_within('20s', '1h')}"
      - log: "${queues.support.waiting} ${queues.support.members} ${len(agents)} ${servers.pbx1.connected} ${servers.pbx1.calls}"
`
	extraDialplan = `
[from-carrier]
exten => prompt,1,Set(FLOWSTATUS=)
 same => n,AGI(agi://AGI/prompt?sound=demo-instruct)
 same => n,Hangup()
exten => patient,1,Set(FLOWSTATUS=)
 same => n,AGI(agi://AGI/patient)
 same => n,GotoIf($["${FLOWSTATUS}" = "DRAINED"]?1)
 same => n,Hangup()
`
)

// scene is the example at work: a real Asterisk, the server and the office.
type scene struct {
	t      *testing.T
	pbx    *asterisktest.Instance
	office *stage.Office
	server *pbxflow.Server
	dir    string
	agi    string // where the server answers calls
	calls  chan *pbxflow.CallTrace
	rules  chan *pbxflow.RuleTrace
	stop   func()
}

// each sets the scene on each version of Asterisk.
func each(t *testing.T, f func(t *testing.T, s *scene)) {
	asterisktest.Each(t, func(t *testing.T, _ asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		t.Parallel()
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		s := &scene{t: t, agi: listener.Addr().String(), dir: t.TempDir()}
		config, err := stage.Config(s.agi, strings.ReplaceAll(extraDialplan, "AGI/", s.agi+"/"))
		if err != nil {
			t.Fatal(err)
		}
		config.ManagerWrite += ",system" // lets the server filter events in Asterisk
		s.pbx = start(config)
		if s.office, err = stage.OpenOffice(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.office.Close(); err != nil {
				t.Error(err)
			}
		})
		s.writeApp()
		s.serve(listener)
		f(t, s)
	})
}

func (s *scene) writeApp() {
	s.t.Helper()
	err := stage.WriteApp(s.dir, stage.Addresses{
		AGI: s.agi, HTTP: "127.0.0.1:0", AMI: s.pbx.AMI, User: s.pbx.AMIUser, Office: s.office.Addr(),
	}, map[string]string{"extra.yaml": extraFlows})
	if err != nil {
		s.t.Fatal(err)
	}
}

// serve starts the server on listener; stop ends it, and so does the test.
func (s *scene) serve(listener net.Listener) {
	s.t.Helper()
	s.calls, s.rules = make(chan *pbxflow.CallTrace, 100), make(chan *pbxflow.RuleTrace, 100)
	calls, rules := s.calls, s.rules
	server, err := pbxflow.New(pbxflow.Options{
		Dir: s.dir, AGIListener: listener, Env: map[string]string{"AMI_SECRET": s.pbx.AMISecret},
		Logger: hclog.New(&hclog.LoggerOptions{Output: s.t.Output(), Level: hclog.Debug}),
		OnCall: func(trace *pbxflow.CallTrace) { calls <- trace },
		OnRule: func(trace *pbxflow.RuleTrace) { rules <- trace },
	})
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()
	s.server = server
	s.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			s.t.Errorf("the server ended with %v", err)
		}
	})
	s.t.Cleanup(s.stop)
	s.await("the manager session", func() bool { return s.connected() })
}

func (s *scene) connected() bool { return strings.Contains(s.get("/status"), `"connected": true`) }

// await waits until something is so, by asking every now and then.
func (s *scene) await(what string, ok func() bool) {
	s.t.Helper()
	deadline := time.After(30 * time.Second)
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for !ok() {
		select {
		case <-ticker.C:
		case <-deadline:
			s.t.Fatalf("%s did not come about in 30 s", what)
		}
	}
}

// place makes a call in the background; the function that it returns waits for
// its end.
func (s *scene) place(call asterisktest.SIPCall) (wait func() asterisktest.SIPResult) {
	s.t.Helper()
	type outcome struct {
		result asterisktest.SIPResult
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		result, err := stage.Place(s.t.Context(), s.pbx, call)
		done <- outcome{result, err}
	}()
	return func() asterisktest.SIPResult {
		s.t.Helper()
		o := <-done
		if o.err != nil {
			s.t.Fatalf("%v\n%s", o.err, o.result.Messages)
		}
		return o.result
	}
}

// trace waits for the trace of the next call that is over.
func (s *scene) trace() *pbxflow.CallTrace {
	s.t.Helper()
	select {
	case trace := <-s.calls:
		var b strings.Builder
		if _, err := trace.WriteTo(&b); err != nil {
			s.t.Error(err)
		}
		s.t.Log("\n" + b.String())
		return trace
	case <-time.After(60 * time.Second):
		s.t.Fatal("no call ended in 60 s")
		return nil
	}
}

// decision waits for the next trace of a rule.
func (s *scene) decision() *pbxflow.RuleTrace {
	s.t.Helper()
	select {
	case trace := <-s.rules:
		return trace
	case <-time.After(30 * time.Second):
		s.t.Fatal("no rule decided anything in 30 s")
		return nil
	}
}

// notice waits for the next notice of a rule.
func (s *scene) notice(rule string) stage.Notice {
	s.t.Helper()
	for {
		select {
		case n := <-s.office.Notices:
			if n.Rule == rule {
				return n
			}
		case <-time.After(30 * time.Second):
			s.t.Fatalf("rule %s sent no notice in 30 s", rule)
		}
	}
}

// verbs lists the steps of a trace as verb:outcome.
func verbs(trace *pbxflow.CallTrace) []string {
	var list []string
	for _, step := range trace.Steps {
		if step.Verb != "log" && step.Verb != "set" {
			list = append(list, step.Verb+":"+step.Outcome)
		}
	}
	return list
}

func TestRealCallReachesAnAgent(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		wait := s.place(stage.Call(stage.VIP, "2", 30*time.Second))
		trace := s.trace()
		if result := wait(); result.HungUpBy != "asterisk" {
			t.Errorf("hung up by %q, want asterisk: the dialplan goes on after the flow", result.HungUpBy)
		}
		want := []string{"answer:done", "if:done", "http:ok", "play:done", "menu:", "goto:", "queue:completed"}
		if got := verbs(trace); !slices.Equal(got, want) {
			t.Errorf("steps %q, want %q", got, want)
		}
		if trace.Status != "DONE" || trace.Caller != stage.VIP || trace.Dialed != stage.Number {
			t.Errorf("status %s, caller %s, dialed %s", trace.Status, trace.Caller, trace.Dialed)
		}
		for _, step := range trace.Steps {
			exchanges := len(step.AGI)
			switch step.Verb {
			case "answer", "play", "menu", "queue":
				if exchanges == 0 {
					t.Errorf("%s at %s has no exchange with Asterisk", step.Verb, step.Pos)
				}
			default:
				if exchanges != 0 {
					t.Errorf("%s at %s has %d exchanges with Asterisk", step.Verb, step.Pos, exchanges)
				}
			}
		}
		if !strings.Contains(s.get("/traces/calls"), `"call": "`+trace.Call+`"`) {
			t.Error("the trace is not at /traces/calls")
		}
		var world []any
		var own any
		for world == nil || own == nil {
			decided := s.decision()
			if decided.Error != "" {
				t.Fatal(decided.Error)
			}
			switch decided.Rule {
			case "world":
				for _, step := range decided.Actions.Steps[1:] {
					world = append(world, step.Args[0].Value)
				}
			case "own":
				own = decided.Actions.Steps[0].Args[0].Value
			}
		}
		if want := "somebody talked in support"; own != want {
			t.Errorf("the rule on the app's own event wrote %q, want %q", own, want)
		}
		if want := []any{"1 1 0 1", "0 1 2 true 1"}; !slices.Equal(world, want) {
			t.Errorf("the rule saw %q, want %q", world, want)
		}
		s.quiet()
	})
}

func TestRealHangup(t *testing.T) {
	for name, test := range map[string]struct {
		call asterisktest.SIPCall
		last string // the step in which the caller hangs up
		logs []string
	}{
		"in a prompt": {asterisktest.SIPCall{Exten: "prompt", Hold: time.Second}, "play", []string{"on_hangup ran", "finally ran"}},
		// A key that comes while the greeting is played is lost: it is pressed again.
		"in a queue": {stage.Call("5550101", "2222", 500*time.Millisecond), "queue", []string{"5550101 left support after *", "support is done with 5550101"}},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, s *scene) {
				// No agent is quicker than the caller.
				if _, err := s.pbx.Console(t.Context(), "queue pause member Local/agent1@phones/n queue support"); err != nil {
					t.Fatal(err)
				}
				wait := s.place(test.call)
				trace := s.trace()
				wait()
				if trace.Status != "HANGUP" || trace.EndedBy != "caller" {
					t.Errorf("%s by %s, want HANGUP by caller", trace.Status, trace.EndedBy)
				}
				var logs []string
				last := ""
				for _, step := range trace.Steps {
					if step.Error != "" {
						last = step.Verb
						logs = nil
					} else if step.Verb == "log" {
						text, _ := step.Args[0].Value.(string)
						logs = append(logs, text)
					}
				}
				if last != test.last {
					t.Errorf("the call ended in %q, want %q", last, test.last)
				}
				if !slices.EqualFunc(logs, test.logs, glob) {
					t.Errorf("after the hangup ran %q, want %q", logs, test.logs)
				}
				s.quiet()
			})
		})
	}
}

func TestRealMissedCall(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		wait := s.place(stage.Call("5550102", "1", 4*time.Second))
		s.trace()
		wait()
		n := s.notice("missed-call")
		if !strings.HasPrefix(n.Text, "5550102 called "+stage.Number+" and nobody answered; it rang ") || n.Severity != "warning" {
			t.Errorf("got the notice %+v", n)
		}
		for {
			if trace := s.decision(); trace.Rule == "raw" {
				if !trace.Fired || !strings.HasPrefix(trace.Key, "PJSIP/carrier-") {
					t.Errorf("the rule on Asterisk's own event decided %+v", trace)
				}
				break
			}
		}
		// The same caller again: the rule keeps quiet, and says why in its trace.
		wait = s.place(stage.Call("5550102", "1", 4*time.Second))
		s.trace()
		wait()
		for {
			trace := s.decision()
			if trace.Rule == "missed-call" && !trace.Fired {
				if !strings.HasPrefix(trace.Silent, "cooldown until ") {
					t.Errorf("silent for %q", trace.Silent)
				}
				break
			}
		}
		select {
		case n := <-s.office.Notices:
			t.Errorf("a second notice came: %+v", n)
		default:
		}
		s.quiet()
	})
}

// TestRealServerRestart goes on with a server that has a link of its own for actions.
func TestRealServerRestart(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.stop()
		file := filepath.Join(s.dir, "pbxflow.yaml")
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, bytes.Replace(text, []byte("    username:"), []byte("    action_link: true\n    username:"), 1), 0o600); err != nil {
			t.Fatal(err)
		}
		// Nobody serves calls: the dialplan goes on by itself, to the queue.
		if result := s.place(stage.Call("5550103", "", 30*time.Second))(); result.HungUpBy != "asterisk" {
			t.Errorf("without pbxflow the call was hung up by %q, want by Asterisk after the agent", result.HungUpBy)
		}
		listener, err := net.Listen("tcp", s.agi)
		if err != nil {
			t.Fatal(err)
		}
		s.serve(listener)
		wait := s.place(stage.Call("5550104", "2", 30*time.Second))
		if trace := s.trace(); trace.Status != "DONE" {
			t.Errorf("after the restart the call ended %s by %s", trace.Status, trace.EndedBy)
		}
		wait()
		sessions, err := s.pbx.Console(t.Context(), "manager show connected")
		if n := strings.Count(sessions, " "+s.pbx.AMIUser+" "); err != nil || n != 2 {
			t.Errorf("%d manager sessions of the server, want 2: %v\n%s", n, err, sessions)
		}
		s.quiet()
	})
}

func TestRealAsteriskRestart(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		if err := s.pbx.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := s.notice("asterisk-gone"); !strings.Contains(n.Text, "pbx1") {
			t.Errorf("got the notice %+v", n)
		}
		s.await("the manager session", s.connected)
		wait := s.place(stage.Call("5550105", "1", 4*time.Second))
		if trace := s.trace(); trace.Status != "HANGUP" {
			t.Errorf("after the restart the call ended %s by %s", trace.Status, trace.EndedBy)
		}
		wait()
		if n := s.notice("missed-call"); !strings.HasPrefix(n.Text, "5550105 ") {
			t.Errorf("got the notice %+v", n)
		}
		s.quiet()
	})
}

// quiet checks that nothing is left over: no channel in Asterisk, no call in the
// server.
func (s *scene) quiet() {
	s.t.Helper()
	ctx, cancel := context.WithTimeoutCause(s.t.Context(), 20*time.Second, errors.New("channels are left over"))
	defer cancel()
	if err := s.pbx.WaitIdle(ctx); err != nil {
		s.t.Error(err)
	}
	s.await("an idle server", func() bool {
		status := s.get("/status")
		return strings.Contains(status, `"calls": 0,`+"\n  \"revisions\"")
	})
	s.await("an empty picture", func() bool { return strings.TrimSpace(s.get("/calls")) == "[]" })
}
