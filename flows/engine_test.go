package flows_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/agi/agitest"
	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/flows"
)

// call plays a call to which every command is answered well, and returns when the
// server has closed.
func call(t testing.TB, h agi.Handler, path string) {
	t.Helper()
	asterisk, conn := net.Pipe()
	var serving sync.WaitGroup
	serving.Go(func() { (&agi.Server{Handler: h}).ServeConn(context.Background(), conn) })
	defer serving.Wait()
	defer asterisk.Close()
	if _, err := fmt.Fprintf(asterisk, "agi_network_script: %s\nagi_request: agi://127.0.0.1/%[1]s\nagi_uniqueid: %[1]s\nagi_callerid: 5550100\n\n", path); err != nil {
		t.Error(err)
		return
	}
	commands := bufio.NewScanner(asterisk)
	for commands.Scan() {
		if _, err := io.WriteString(asterisk, "200 result="+wellAnswered(commands.Text())+"\n"); err != nil {
			t.Error(err)
			return
		}
	}
}

// wellAnswered is the result with which a command succeeds.
func wellAnswered(command string) string {
	switch {
	case strings.HasPrefix(command, "GET OPTION"):
		return "49 endpos=1"
	case strings.HasPrefix(command, "GET DATA"):
		return "1234"
	case command == `GET VARIABLE "DIALSTATUS"`:
		return "1 (ANSWER)"
	case command == `GET VARIABLE "QUEUESTATUS"`:
		return "1 (CONTINUE)"
	case command == `GET VARIABLE "TRANSFERSTATUS"`:
		return "1 (SUCCESS)"
	case command == `GET VARIABLE "CONFBRIDGE_RESULT"`:
		return "1 (DTMF)"
	case command == `GET VARIABLE "VMSTATUS"`:
		return "1 (SUCCESS)"
	case strings.HasPrefix(command, `GET VARIABLE "DIALPLAN_EXISTS(`):
		return "1 (1)"
	case strings.HasPrefix(command, `EXEC "Park"`):
		return "-1" // so end applications whose call lives
	case strings.HasPrefix(command, `EXEC "Page"`):
		return "-1\nHANGUP"
	case command == "CHANNEL STATUS":
		return "6"
	case strings.HasPrefix(command, "GET VARIABLE"):
		return "1 ()"
	case strings.HasPrefix(command, "SET VARIABLE"), strings.HasPrefix(command, "DATABASE PUT"), command == "HANGUP":
		return "1"
	}
	return "0 endpos=1"
}

// TestExamples runs the example of every verb.
func TestExamples(t *testing.T) {
	for _, verb := range flows.Builtin() {
		t.Run(verb.Name, func(t *testing.T) {
			if !strings.HasSuffix(verb.Summary, ".") || verb.Example == "" {
				t.Error("the verb lacks a summary that is a sentence, or an example")
			}
			for _, o := range verb.Outcomes {
				if !strings.HasSuffix(o.Doc, ".") {
					t.Errorf("outcome %s lacks a doc that is a sentence", o.Name)
				}
			}
			a := loadFiles(t, map[string]string{
				"app.yaml":     named + "flows:\n  other: { log: other }\n  main:\n    " + strings.ReplaceAll(verb.Example, "\n", "\n    ") + namedPeople,
				"pbxflow.yaml": "allow: [ami, exec]\naudit: { file: audit.jsonl }",
			})
			if _, err := a.Resolve("", namedEnv); err != nil {
				t.Fatal(err)
			}
			var ran []string
			call(t, &flows.Engine{
				Program:    func() *flows.Program { return a.Program },
				Background: background(t),
				Servers:    []flows.Server{{Name: "pbx1", Manager: willing{}, Live: live.New(live.Options{})}},
				HTTP:       clientOf(respond(200, `{"vip": true}`)),
				Audit:      &records{},
				OnTrace: func(trace *flows.Trace) {
					if trace.Error != "" {
						t.Errorf("the example fails:\n%s", summary(trace))
					}
					for _, s := range trace.Steps {
						ran = append(ran, s.Verb)
					}
				},
			}, "main")
			if !slices.Contains(ran, verb.Name) {
				t.Errorf("the example ran %v", ran)
			}
		})
	}
}

func TestRefusedCalls(t *testing.T) {
	a := load(t, `
flows:
  main:
    params: { who: string, n: int = 3 }
    steps: { log: "${who} ${n}" }
`)
	var log strings.Builder
	engine := &flows.Engine{
		Program: func() *flows.Program { return a.Program },
		OnTrace: func(trace *flows.Trace) { log.WriteString(summary(trace)) },
	}
	const refused = `
		> SET VARIABLE "FLOWSTATUS" "ERROR"
		< 200 result=1
		> SET VARIABLE "FLOWERROR" "flow"
		< 200 result=1
		> FAILURE`
	for path, want := range map[string]string{
		"":                      "flows: there is no flow \"\"",
		"nix":                   "flows: there is no flow \"nix\"",
		"main":                  "flows: flow main: parameter who is missing",
		"main?who=a&n=x":        "flows: flow main: parameter n wants a whole number, not \"x\"",
		"main?who=a&nn=1&zz=1":  "flows: flow main: there is no parameter \"nn\"; parameters are who, n",
		"main?who=a%20b&n=-007": "",
	} {
		t.Run(path, func(t *testing.T) {
			var err error
			handler := agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
				err = engine.ServeAGI(ctx, s)
				return err
			})
			transcript := refused
			if want == "" {
				transcript = conversation{}.told()
			}
			log.Reset()
			agitest.Run(t, handler, "env agi_request: agi://127.0.0.1/"+path+"\n"+transcript)
			if want == "" && log.String() != "log a b -7\nDONE by dialplan" {
				t.Errorf("got %q", log.String())
			}
			if got := fmt.Sprint(err); want != "" && got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// An Asterisk that does not answer in the end holds no call up for long.
func TestSilentInTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := load(t, "flows: { main: [] }")
		var log strings.Builder
		done := make(chan *flows.Trace, 1)
		engine := &flows.Engine{
			Program: func() *flows.Program { return a.Program },
			Logger:  hclog.New(&hclog.LoggerOptions{Output: &log}),
			OnTrace: func(trace *flows.Trace) { done <- trace },
		}
		asterisk, here := net.Pipe()
		defer asterisk.Close()
		srv := &agi.Server{Handler: engine}
		go srv.ServeConn(t.Context(), here)
		fmt.Fprint(asterisk, "agi_network: yes\nagi_network_script: main\n\n")
		begun := time.Now()
		// Everything that is read until the server closes.
		got, err := io.ReadAll(asterisk)
		if want := "SET VARIABLE \"FLOWSTATUS\" \"DONE\"\n"; string(got) != want || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
		if took := time.Since(begun); took != 2*time.Second {
			t.Errorf("took %v, want 2s", took)
		}
		if trace := <-done; trace.Status != flows.StatusDone {
			t.Errorf("got status %s, want %s", trace.Status, flows.StatusDone)
		}
		synctest.Wait()
		if want := "flows: Asterisk does not answer"; !strings.Contains(log.String(), want) {
			t.Errorf("got %q, want %q", log.String(), want)
		}
	})
}

// TestCallsAtOnce runs a hundred calls side by side; every tenth of them panics.
func TestCallsAtOnce(t *testing.T) {
	a := load(t, `
flows:
  main:
    params: { n: int }
    steps:
      - answer
      - set: { twice: "${n * 2}" }
      - menu: m
        options: { 1: { play: a } }
        as: choice
      - crash:
        when: n % 10 == 0
      - log: ${n} ${twice} ${choice.keys}
    finally: { log: bye }
`, crashVerb)
	var mu sync.Mutex
	got := map[string]int{}
	engine := &flows.Engine{
		Program: func() *flows.Program { return a.Program },
		OnTrace: func(trace *flows.Trace) {
			mu.Lock()
			defer mu.Unlock()
			last := trace.Steps[len(trace.Steps)-2]
			if last.Verb == "log" {
				var n, twice, key int
				if _, err := fmt.Sscan(fmt.Sprint(last.Args[0].Value), &n, &twice, &key); err != nil || twice != 2*n || key != 1 {
					t.Errorf("got %v, %v", last.Args, err)
				}
			}
			got[trace.Status]++
		},
	}
	var calls sync.WaitGroup
	for n := range 100 {
		calls.Go(func() { call(t, engine, fmt.Sprintf("main?n=%d", n)) })
	}
	calls.Wait()
	if want := map[string]int{flows.StatusDone: 90, flows.StatusError: 10}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if n := engine.Running(); n != 0 {
		t.Errorf("%d calls still run", n)
	}
}

// TestReload keeps a call in the program that it began with.
func TestReload(t *testing.T) {
	before := load(t, "flows: { main: [{ log: old }, { goto: other }], other: { log: old } }").Program
	after := load(t, "flows: { main: { log: new }, other: { log: new } }").Program
	program := before
	var got []string
	engine := &flows.Engine{
		Program: func() *flows.Program { defer func() { program = after }(); return program },
		OnTrace: func(trace *flows.Trace) { got = append(got, summary(trace)) },
	}
	call(t, engine, "main")
	call(t, engine, "main")
	want := []string{"log old\ngoto (goes on in flow other)\nlog old\nDONE by dialplan", "log new\nDONE by dialplan"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("runs differ (-want +got):\n%s", diff)
	}
}

func TestNewVerbs(t *testing.T) {
	if _, err := flows.NewVerbs(flows.Verb{Name: "play", Summary: "Plays.", New: crashVerb.New}); err == nil {
		t.Error("a second play was taken")
	}
	if _, err := flows.NewVerbs(flows.Verb{Name: "x"}); err == nil {
		t.Error("a verb without New was taken")
	}
	verbs, err := flows.NewVerbs(crashVerb)
	if err != nil {
		t.Fatal(err)
	}
	if v := verbs.Lookup("crash"); v == nil || v.Outcomes[0] != flows.Done {
		t.Errorf("got %+v", v)
	}
}
