package flows_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/agi/agitest"
	"github.com/pbxflow/pbxflow/flows"
)

// TestInterrupt ends what AGI cannot end over the manager.
func TestInterrupt(t *testing.T) {
	const (
		env     = "env agi_channel: PJSIP/ann-00000001\nenv agi_uniqueid: 1763712000.7\n"
		timeout = ": timeout: the step took longer than its timeout of 2s (on_error: continue)\nlog next\nDONE by dialplan"
		dtmf    = "> PlayDTMF Channel=1763712000.7 Digit=D Receive=true\nResponse: Success\n"
	)
	bounded := func(step string) string { return step + "\n  timeout: 2s\n  on_error: continue\n- log: next" }
	for _, test := range []struct {
		name, flow, config string
		servers            []string // pbx1 if left out
		manager            string   // the script of the first
		asterisk           string
		want               string
		told               string // what the trace has for the reply of the first command
	}{
		{
			name: "a sound with keys", flow: bounded("- play: long\n  keys: { stop: \"5\" }"),
			manager:  "> ControlPlayback Channel=1763712000.7 Control=stop\nResponse: Success",
			asterisk: "> CONTROL STREAM FILE \"long\" \"5\" \"3000\" \"-\" \"-\" \"-\"\n. 2010ms\n< 200 result=0 endpos=2000",
			want:     "play" + timeout, told: "(the step took longer than its timeout)",
		},
		{
			name: "what is said", flow: bounded("- say: 123\n  type: digits\n  interrupt: \"#\""),
			manager:  dtmf,
			asterisk: "> SAY DIGITS \"123\" \"#D\"\n. 2010ms\n< 200 result=68\n> WAIT FOR DIGIT \"50\"\n. 50ms\n< 200 result=0",
			want:     "say" + timeout, told: "(the step took longer than its timeout)",
		},
		{
			name: "the key comes too late", flow: bounded("- say: 123\n  type: digits"),
			manager:  dtmf,
			asterisk: "> SAY DIGITS \"123\" \"D\"\n. 2010ms\n< 200 result=0\n> WAIT FOR DIGIT \"50\"\n< 200 result=68",
			want:     "say" + timeout, told: "(the step took longer than its timeout)",
		},
		{
			name: "a caller has the key", flow: "- say: 123\n  type: digits\n  as: said\n- log: \"[${said.key}]\"",
			asterisk: "> SAY DIGITS \"123\" \"D\"\n< 200 result=68",
			want:     "say\nlog []\nDONE by dialplan", told: "200 result=68",
		},
		{
			name: "a recording", flow: "- record: message\n- log: next",
			asterisk: "> RECORD FILE \"message\" \"wav\" \"#D\" \"300000\" \"BEEP\"\n< 200 result=35 (dtmf) endpos=8000",
			want:     "record → ok\nlog next\nDONE by dialplan", told: "200 result=35 (dtmf) endpos=8000",
		},
		{
			name: "an application", flow: bounded("- exec: playback\n  args: [long]"), config: "allow: [exec]",
			manager:  "> ControlPlayback Channel=1763712000.7 Control=stop\nResponse: Success",
			asterisk: "> EXEC \"playback\" \"long\"\n. 2010ms\n< 200 result=0",
			want:     "exec" + timeout, told: "(the step took longer than its timeout)",
		},
		{
			name: "an application that nothing ends", flow: bounded("- exec: Wait\n  args: [60]"), config: "allow: [exec]",
			asterisk: "> EXEC \"Wait\" \"60\"\n. 3500ms\n< 200 result=0",
			want:     "exec" + timeout, told: "(the step took longer than its timeout; agi: interrupt: it goes on: nothing ends it but the caller)",
		},
		{
			name: "a conference", flow: "- conference: room\n  timeout: 2s\n  on: { timeout: { log: next } }",
			manager:  "> ConfbridgeKick Conference=room Channel=PJSIP/ann-00000001\nResponse: Success",
			asterisk: conferenceSets + "> EXEC \"ConfBridge\" \"room\"\n. 2010ms\n< 200 result=0",
			want:     "conference → timeout (on)\n  log next\nDONE by dialplan",
		},
		{
			name: "a page", flow: bounded("- page: PJSIP/101"),
			manager: `
				> ConfbridgeListRooms
				Response: Success
				EventList: start

				Event: ConfbridgeListRooms
				Conference: 1
				ActionID: *

				Event: ConfbridgeListRooms
				Conference: 2
				ActionID: *

				Event: ConfbridgeListRoomsComplete
				EventList: Complete
				ActionID: *
				> ConfbridgeList Conference=1
				Response: Error
				Message: No Conference by that name found.
				> ConfbridgeList Conference=2
				Response: Success
				EventList: start

				Event: ConfbridgeList
				Channel: PJSIP/ann-00000001
				ActionID: *

				Event: ConfbridgeListComplete
				EventList: Complete
				ActionID: *
				> ConfbridgeKick Conference=2 Channel=PJSIP/ann-00000001
				Response: Success`,
			asterisk: "> EXEC \"Page\" \"PJSIP/101,,10\"\n. 2010ms\n< 200 result=-1",
			want:     "page" + timeout, told: "(the step took longer than its timeout)",
		},
		{
			name: "nobody to ask", flow: bounded("- play: long\n  keys: { stop: \"5\" }"), servers: []string{},
			asterisk: "> CONTROL STREAM FILE \"long\" \"5\" \"3000\" \"-\" \"-\" \"-\"\n. 3500ms\n< 200 result=0 endpos=10000",
			want:     "play" + timeout,
			told:     "(the step took longer than its timeout; agi: interrupt: it goes on: there is no Asterisk server to ask: name its manager interface under asterisk in pbxflow.yaml)",
		},
		{
			name: "Asterisk refuses", flow: bounded("- play: long\n  keys: { stop: \"5\" }"),
			manager:  "> ControlPlayback\nResponse: Error\nMessage: Permission denied",
			asterisk: "> CONTROL STREAM FILE \"long\" \"5\" \"3000\" \"-\" \"-\" \"-\"\n. 3500ms\n< 200 result=0 endpos=10000",
			want:     "play" + timeout,
			told:     "(the step took longer than its timeout; agi: interrupt: ami: ControlPlayback: Permission denied)",
		},
		{
			name: "the one of two servers that has the call", flow: bounded("- play: long\n  keys: { stop: \"5\" }"), servers: []string{"pbx1", "pbx2"},
			manager: `
				> Getvar Channel=PJSIP/ann-00000001 Variable=UNIQUEID
				Response: Success
				Value: 1763712000.7
				> ControlPlayback Channel=1763712000.7 Control=stop
				Response: Success`,
			asterisk: "> CONTROL STREAM FILE \"long\" \"5\" \"3000\" \"-\" \"-\" \"-\"\n. 2010ms\n< 200 result=0 endpos=2000",
			want:     "play" + timeout, told: "(the step took longer than its timeout)",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := loadFiles(t, map[string]string{
					"app.yaml":     named + "flows:\n  main:\n    " + strings.ReplaceAll(test.flow, "\n", "\n    "),
					"pbxflow.yaml": test.config,
				})
				var trace *flows.Trace
				engine := &flows.Engine{
					Program: func() *flows.Program { return a.Program },
					OnTrace: func(done *flows.Trace) { trace = done },
				}
				if test.servers == nil {
					test.servers = []string{"pbx1"}
				}
				managers, stop := manage(t, engine, test.servers...)
				played := make(chan error, 1)
				if len(managers) > 0 {
					go func() { played <- managers[0].Play(t.Context(), test.manager) }()
				} else {
					played <- nil
				}
				synctest.Wait()
				converse(t, &agi.Server{Handler: engine, Interrupt: engine.Interrupt},
					"env agi_request: agi://127.0.0.1/main\n"+env+test.asterisk+conversation{}.told())
				if err := <-played; err != nil {
					t.Error(err)
				}
				stop()
				if diff := cmp.Diff(lines(test.want), summary(trace)); diff != "" {
					t.Errorf("trace differs (-want +got):\n%s", diff)
				}
				if text := traceText(t, trace); !strings.Contains(text, "    < "+test.told) {
					t.Errorf("the trace lacks %q:\n%s", test.told, text)
				}
			})
		})
	}
}

// TestInterruptExec ends applications as verbs run them, at their time and at the end of
// the server.
func TestInterruptExec(t *testing.T) {
	for _, test := range []struct {
		name, app, args string
		shutdown        bool
		manager         string
		told            string // behind the cause of the context
	}{
		{name: "a listening", app: "ChanSpy", args: "1.1,uqEc(#)x(*)", manager: "> PlayDTMF Channel=1.7 Digit=* Receive=true\nResponse: Success"},
		{name: "a listening that no key ends", app: "ChanSpy", args: "1.1,uqE", told: "it goes on: no key ends it"},
		{name: "a sound at the end of the server", app: "Playback", args: "long", shutdown: true, manager: "> ControlPlayback Channel=1.7 Control=stop\nResponse: Success"},
		{name: "a conference at the end of the server", app: "ConfBridge", args: "room", shutdown: true, told: "it goes on: who talks is not cut off"},
		{name: "a conversation", app: "Dial", args: "PJSIP/101", told: "it goes on: nothing ends it but the caller"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				engine := &flows.Engine{}
				managers, stop := manage(t, engine, "pbx1")
				played := make(chan error, 1)
				go func() { played <- managers[0].Play(t.Context(), test.manager) }()
				synctest.Wait()
				var told string
				server := &agi.Server{Interrupt: engine.Interrupt}
				server.Handler = agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
					over := time.AfterFunc(2*time.Second, func() {
						if test.shutdown {
							ended, cancel := context.WithCancel(context.Background())
							cancel()
							_ = server.Shutdown(ended)
						}
					})
					defer over.Stop()
					if !test.shutdown {
						var cancel context.CancelFunc
						ctx, cancel = context.WithTimeout(ctx, 2*time.Second)
						defer cancel()
					}
					_, err := s.Exec(ctx, test.app, test.args)
					told = err.Error()
					return nil
				})
				ends := ""
				if test.told == "" {
					ends = ". 2010ms\n< 200 result=0"
				}
				converse(t, server, "env agi_channel: PJSIP/ann-00000001\nenv agi_uniqueid: 1.7\n> EXEC \""+test.app+"\" \""+test.args+"\"\n"+ends)
				if err := <-played; err != nil {
					t.Error(err)
				}
				stop()
				_, got, _ := strings.Cut(told, "agi: interrupt: ")
				if got != test.told {
					t.Errorf("got %q, want %q at its end", told, test.told)
				}
			})
		})
	}
}

const conferenceSets = "> SET VARIABLE \"CONFBRIDGE_RESULT\" \"\"\n< 200 result=1\n> SET VARIABLE \"CONFBRIDGE(user,clear)\" \"1\"\n< 200 result=1\n" +
	"> SET VARIABLE \"CONFBRIDGE(bridge,clear)\" \"1\"\n< 200 result=1\n> SET VARIABLE \"CONFBRIDGE(menu,clear)\" \"1\"\n< 200 result=1\n"

// converse plays a transcript to a server.
func converse(t *testing.T, server *agi.Server, transcript string) {
	t.Helper()
	asterisk, conn := net.Pipe()
	served := make(chan struct{})
	go func() {
		defer close(served)
		server.ServeConn(t.Context(), conn)
	}()
	if err := agitest.Play(t.Context(), asterisk, transcript); err != nil {
		t.Error(err)
	}
	<-served
}
