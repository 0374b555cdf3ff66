package flows_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// realCall is a call on a real Asterisk: the flow, what the caller does, what the
// trace says, and FLOWSTATUS and FLOWERROR as the dialplan has them afterwards.
type realCall struct {
	name   string
	flow   string
	caller []asterisktest.Step
	want   string
	status string
}

// TestReal runs flows on real Asterisks.
func TestReal(t *testing.T) {
	asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		calls := realCalls()
		traces := make(map[string]chan *flows.Trace)
		statuses := make(map[string]chan string)
		text := "queues: { agent: {}, ringing: {}, empty: {}, full: {}, exits: {}, forgotten: {} }\nflows:\n"
		for _, c := range calls {
			traces[c.name], statuses[c.name] = make(chan *flows.Trace, 1), make(chan string, 1)
			text += "  " + c.name + ":\n    " + strings.ReplaceAll(lines(c.flow), "\n", "\n    ") + "\n"
		}
		program := load(t, text).Program
		program.Sorry = "beep"
		engine := &flows.Engine{
			Program: func() *flows.Program { return program },
			OnTrace: func(trace *flows.Trace) { traces[trace.Flow] <- trace },
		}
		mux := new(agi.Mux)
		mux.HandleFunc("/status", func(_ context.Context, s *agi.Session) error {
			args := s.Env().Args()
			statuses[args[0]] <- strings.TrimSpace(strings.Join(args[1:], " "))
			return nil
		})
		for _, c := range calls {
			mux.Handle("/"+c.name, engine)
		}
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		server := &agi.Server{Handler: mux}
		served := make(chan error, 1)
		go func() { served <- server.Serve(ln) }()
		t.Cleanup(func() {
			server.Close()
			<-served
		})

		pbx := start(asterisktest.Config{Dialplan: realDialplan(ln.Addr().String(), calls), Queues: realQueues})
		// All calls at once, whatever -parallel says: they wait most of the time.
		var all sync.WaitGroup
		var dial sync.Mutex // a burst of calls would be refused by the manager's port
		for _, c := range calls {
			all.Go(func() {
				t.Run(c.name, func(t *testing.T) {
					dial.Lock()
					_, err := pbx.Originate(t.Context(), asterisktest.Call{
						Channel: "Local/" + c.name + "@phones", Context: "calls", Exten: c.name, CallerID: `"Ann" <5550100>`,
					})
					dial.Unlock()
					if err != nil {
						t.Fatal(err)
					}
					trace := <-traces[c.name]
					if diff := cmp.Diff(lines(c.want), summary(trace)); diff != "" {
						var b strings.Builder
						if _, err := trace.WriteTo(&b); err != nil {
							t.Error(err)
						}
						t.Errorf("trace differs (-want +got):\n%s\n%s", diff, b.String())
					}
					if got := <-statuses[c.name]; got != c.status {
						t.Errorf("the dialplan got FLOWSTATUS and FLOWERROR %q, want %q", got, c.status)
					}
				})
			})
		}
		all.Wait()
	})
}

// realDialplan has an extension and a caller for each call. At the very end the
// dialplan tells what it knows in another AGI.
func realDialplan(addr string, calls []realCall) string {
	var b strings.Builder
	b.WriteString("[calls]\n")
	for _, c := range calls {
		fmt.Fprintf(&b, "exten => %s,1,Set(NAME=%[1]s)\n", c.name)
		if c.name == "queue_full" {
			b.WriteString(fillQueue)
		}
		fmt.Fprintf(&b, " same => n,AGI(agi://%s/%s)\n same => n,Hangup()\n", addr, c.name)
	}
	fmt.Fprintf(&b, "exten => h,1,AGI(agi://%s/status,${NAME},${FLOWSTATUS},${FLOWERROR})\n", addr)
	b.WriteString("\n[exits]\nexten => 5,1,Set(FLOWERROR=went to ${EXTEN})\n same => n,Hangup()\n")
	fmt.Fprintf(&b, "exten => h,1,AGI(agi://%s/status,${NAME},${FLOWSTATUS},${FLOWERROR})\n", addr)
	for _, c := range calls {
		b.WriteString(asterisktest.Phone(c.name, c.caller...))
	}
	b.WriteString(asterisktest.Phone("agent", asterisktest.Answer(), asterisktest.Wait(2*time.Second)))
	b.WriteString(asterisktest.Phone("congested", "Congestion(1)"))
	b.WriteString(asterisktest.Phone("declines", "Hangup(21)"))
	return b.String()
}

// fillQueue puts another caller into the queue full, and waits until he is there.
const fillQueue = ` same => n,Originate(Local/answer@phones,app,Queue,full)
 same => n(wait),Wait(0.1)
 same => n,GotoIf($[${QUEUE_WAITING_COUNT(full)} = 0]?wait)
`

const realQueues = `
[agent]
strategy = ringall
setinterfacevar = yes
member => Local/agent@phones

[ringing]
strategy = ringall
member => Local/ring@phones

[empty]
joinempty = no

[full]
maxlen = 1
member => Local/ring@phones

[exits]
context = exits
member => Local/ring@phones
`

// stays is a caller who stays on the line for a time; presses does so for long and
// presses keys after a second.
func stays(seconds float64) []asterisktest.Step {
	return []asterisktest.Step{asterisktest.Answer(), asterisktest.Wait(time.Duration(seconds * float64(time.Second)))}
}

func presses(keys string) []asterisktest.Step {
	return append(stays(1), asterisktest.Press(keys), asterisktest.Wait(20*time.Second))
}

// realCalls covers what the verbs take for granted about Asterisk: the statuses of
// Dial and Queue, keys before, during and after prompts, and hangups anywhere.
func realCalls() []realCall {
	dial := func(name, target, want string) realCall {
		return realCall{name, `
			- dial: ` + target + `
			  timeout: 3s
			  as: d
			  on_error: continue
			- log: ${d.status} ${d.answered > "0s"} ${split(d.peer, "-")[0]}.`, stays(20), want + "\nDONE by dialplan", "DONE"}
	}
	queue := func(name, queue, timeout string, caller []asterisktest.Step, want string) realCall {
		return realCall{name, `
			- queue: ` + queue + `
			  timeout: ` + timeout + `
			  as: q
			  on_error: continue
			- log: ${q.status} ${q.agent}.`, caller, want + "\nDONE by dialplan", "DONE"}
	}
	failed := func(step, id, text, log string) string {
		return step + ": " + step + "." + id + ": " + text + " (on_error: continue)\nlog " + log
	}
	const unavailable, noAgents = "what was called does not exist or is not registered", "the queue has nobody who could take the call"
	menu := func(name, keys, want string) realCall {
		return realCall{name, `
			- menu: [beep, demo-congrats]
			  between: 1s
			  options: { 1: { log: one }, 12: { log: twelve }, "#": { log: hash } }
			  tries: 1
			  on_error: continue`, presses(keys), want + "\nDONE by dialplan", "DONE"}
	}
	read := func(name, keys, want string) realCall {
		return realCall{name, `
			- read: [demo-congrats, beep]
			  digits: 3-4
			  timeout: 2s
			  as: typed
			  on_error: continue
			- log: ${typed.digits}.`, presses(keys), want + "\nDONE by dialplan", "DONE"}
	}
	leaves := func(name, step, verb string) realCall {
		return realCall{name, `
			steps: [` + step + `, { log: not reached }]
			on_hangup: { log: gone }
			finally: { log: finally }`, stays(1.5), verb + ": agi: the call was hung up\nlog gone\nlog finally\nHANGUP by caller", "HANGUP"}
	}
	return []realCall{
		dial("dial_answered", "Local/agent@phones", "dial → answered\nlog ANSWER true Local/agent@phones."),
		dial("dial_two", "[Local/ring@phones, Local/agent@phones]", "dial → answered\nlog ANSWER true Local/agent@phones."),
		dial("dial_busy", "Local/busy@phones", failed("dial", "busy", "all that were called are busy", "BUSY false .")),
		dial("dial_ring", "Local/ring@phones", failed("dial", "no_answer", "nobody answered in time", "NOANSWER false .")),
		dial("dial_nobody", "Local/nobody@phones", failed("dial", "unavailable", unavailable, "CHANUNAVAIL false .")),
		dial("dial_nopeer", "PJSIP/nobody", failed("dial", "unavailable", unavailable, "CHANUNAVAIL false .")),
		dial("dial_notech", "Nix/nobody", failed("dial", "unavailable", unavailable, "CHANUNAVAIL false .")),
		dial("dial_declines", "Local/declines@phones", failed("dial", "declined", "the called party does not take the call", "CHANUNAVAIL false .")),
		dial("dial_congested", "Local/congested@phones", failed("dial", "congestion", "the network has no way through", "CONGESTION false .")),

		queue("queue_agent", "agent", "10s", stays(20), "queue → completed\nlog CONTINUE Local/agent@phones."),
		queue("queue_timeout", "ringing", "2s", stays(20), failed("queue", "timeout", "no agent took the call in time", "TIMEOUT .")),
		queue("queue_empty", "empty", "2s", stays(20), failed("queue", "no_agents", noAgents, "JOINEMPTY .")),
		queue("queue_unknown", "forgotten", "2s", stays(20), failed("queue", "unknown", "there is no such queue in Asterisk", "UNKNOWN .")),
		queue("queue_full", "full", "2s", stays(20), failed("queue", "full", "the queue takes no more callers", "FULL .")),
		{"queue_key", `
			- queue: exits
			  timeout: 10s
			  on: { left: { log: left with a key } }`, presses("5"), "queue → left (on)\n  log left with a key\nDONE by dialplan", "DONE went to 5"},

		menu("menu_one", "1", "menu\n  log one"),
		menu("menu_twelve", "12", "menu\n  log twelve"),
		menu("menu_hash", "#", "menu\n  log hash"),
		menu("menu_other", "3", "menu: menu.give_up: the caller chose none of the options in all tries (on_error: continue)"),
		read("read_all", "0123", "read → ok\nlog 0123."),
		read("read_hash", "012#", "read → ok\nlog 012."),
		read("read_few", "01", failed("read", "invalid", invalidText, "01.")),
		{"read_last_prompt", `
			- read: demo-congrats
			  digits: 4
			  as: typed
			- log: ${typed.digits}`, presses("0123"), "read → ok\nlog 0123\nDONE by dialplan", "DONE"},
		{"play_stopped", `
			- play: demo-congrats
			  interrupt: "*"
			  as: heard
			- log: ${heard.key}`, presses("1*"), "play → stopped\nlog *\nDONE by dialplan", "DONE"},
		{
			"play_missing", "play: no-such-sound", stays(20),
			"play: play.missing: " + missingText + "\nsorry\nERROR by error", "ERROR play.missing",
		},
		{"play_timeout", `
			- play: demo-congrats
			  timeout: 1s
			  on_error: { log: "${error.id}" }
			- play: beep`, stays(20), "play: timeout: the step took longer than its timeout of 1s (on_error)\n  log timeout\nplay\nDONE by dialplan", "DONE"},
		{"hangup", "- play: beep\n- hangup", stays(20), "play\nhangup (hung up by the flow)\nHANGUP by flow", "HANGUP"},

		leaves("leaves_play", "{ play: demo-congrats }", "play"),
		leaves("leaves_menu", "{ menu: beep, timeout: 10s, options: { 1: hangup } }", "menu"),
		leaves("leaves_read", "{ read: beep, timeout: 10s, digits: 4 }", "read"),
		leaves("leaves_dial", "{ dial: Local/ring@phones }", "dial"),
		leaves("leaves_talk", "{ dial: Local/answer@phones }", "dial"),
		leaves("leaves_queue", "{ queue: ringing }", "queue"),
		leaves("leaves_agent", "{ queue: agent }", "queue"),
	}
}
