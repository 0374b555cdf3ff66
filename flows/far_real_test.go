package flows_test

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// farCall is a call on a real Asterisk of which matters what others heard and did.
type farCall struct {
	name   string
	flow   string
	caller []asterisktest.Step
	// before holds the call back, and during runs beside it.
	before, during func(*farTest)
	// sip is a caller by SIP instead, and its answer what the caller was told.
	sip    asterisktest.SIPCall
	answer int
	// want is the trace's summary, and status FLOWSTATUS and FLOWERROR; empty when the
	// dialplan does not run for the channel afterwards.
	want, status string
	// only is the one version that can do it; empty for all.
	only string
	// told is what other legs said of the call by tell, sorted.
	told []string
}

// farTest is a running Asterisk for farCalls.
type farTest struct {
	*testing.T
	pbx   *asterisktest.Instance
	major string

	mu   sync.Mutex
	told map[string][]string
}

// until waits until a command of the console prints a text.
func (f *farTest) until(command, text string) {
	ctx, cancel := context.WithTimeout(f.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		out, err := f.pbx.Console(ctx, command)
		switch {
		case err != nil:
			f.Errorf("%s: %v", command, err)
			return
		case strings.Contains(out, text):
			return
		}
		<-tick.C
	}
}

// tell is a step of a far leg that says something about a call.
func tell(call, what string) asterisktest.Step {
	return asterisktest.Step("AGI(agi://ADDR/tell," + call + "," + what + ")")
}

// hears waits until there is something to hear, and tells.
func hears(call string) []asterisktest.Step {
	return []asterisktest.Step{"WaitForNoise(100,1,12)", tell(call, "${WAITSTATUS}")}
}

// keepsPressing presses a key again and again.
func keepsPressing(key string) []asterisktest.Step {
	return []asterisktest.Step{"Answer()", asterisktest.Step("SendDTMF(" + key + ")"), "Wait(0.3)", "Goto(2)"}
}

// runFar plays the calls on real Asterisks, all at once. top is the top of the app's
// file, and cfg what Asterisk is like; ADDR in its dialplan is where we are.
func runFar(t *testing.T, top string, calls []farCall, cfg asterisktest.Config) {
	asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		f := &farTest{T: t, major: v.Name, told: map[string][]string{}}
		traces := make(map[string]chan *flows.Trace)
		ended := make(map[string]chan string)
		text := top + "flows:\n"
		for _, c := range calls {
			traces[c.name], ended[c.name] = make(chan *flows.Trace, 1), make(chan string, 1)
			text += "  " + c.name + ":\n    " + strings.ReplaceAll(lines(c.flow), "\n", "\n    ") + "\n"
		}
		program := load(t, text).Program
		engine := &flows.Engine{
			Program: func() *flows.Program { return program },
			OnTrace: func(trace *flows.Trace) { traces[trace.Flow] <- trace },
		}
		addr := f.serve(engine, calls, ended)
		here := cfg
		here.Dialplan = strings.ReplaceAll(farDialplan(calls)+cfg.Dialplan, "ADDR", addr)
		f.pbx = start(here)
		var all sync.WaitGroup
		var dial sync.Mutex // a burst of calls would be refused by the manager's port
		for _, c := range calls {
			if c.only != "" && c.only != v.Name {
				continue
			}
			all.Go(func() {
				t.Run(c.name, func(t *testing.T) { f.play(t, c, &dial, traces[c.name], ended[c.name]) })
			})
		}
		all.Wait()
	})
}

// serve answers AGI() until the test ends, and returns its address.
func (f *farTest) serve(engine *flows.Engine, calls []farCall, ended map[string]chan string) string {
	mux := new(agi.Mux)
	mux.HandleFunc("/tell", func(_ context.Context, s *agi.Session) error {
		args := s.Env().Args()
		f.mu.Lock()
		defer f.mu.Unlock()
		f.told[args[0]] = append(f.told[args[0]], strings.Join(args[1:], " "))
		return nil
	})
	mux.HandleFunc("/ended", func(_ context.Context, s *agi.Session) error {
		args := s.Env().Args()
		if c := ended[args[0]]; c != nil { // a channel that was picked up has the other's variables
			c <- strings.TrimSpace(strings.Join(args[1:], " "))
		}
		return nil
	})
	for _, c := range calls {
		mux.Handle("/"+c.name, engine)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	server := &agi.Server{Handler: mux}
	served := make(chan error, 1)
	go func() { served <- server.Serve(ln) }()
	f.Cleanup(func() {
		server.Close()
		<-served
	})
	return ln.Addr().String()
}

func (f *farTest) play(t *testing.T, c farCall, dial *sync.Mutex, traces <-chan *flows.Trace, ended <-chan string) {
	if c.before != nil {
		c.before(f)
	}
	var beside sync.WaitGroup
	if c.during != nil {
		beside.Go(func() { c.during(f) })
	}
	if c.answer != 0 {
		beside.Go(func() {
			// A final answer that SIPp does not know, such as 302, is an error to it.
			if res, err := f.pbx.SIPp(t.Context(), c.sip); res.Status != c.answer {
				t.Errorf("the caller was answered %d, want %d (%v)\n%s", res.Status, c.answer, err, res.Messages)
			} else {
				f.mu.Lock()
				for _, line := range strings.Split(res.Messages, "\n") {
					line = strings.TrimSpace(line)
					asked := strings.HasPrefix(line, "SIP/2.0 18") || strings.HasPrefix(line, "Contact: <sip:transfer")
					if asked && !slices.Contains(f.told[c.name], line) {
						f.told[c.name] = append(f.told[c.name], line)
					}
				}
				f.mu.Unlock()
			}
		})
	} else {
		dial.Lock()
		_, err := f.pbx.Originate(t.Context(), asterisktest.Call{
			Channel: "Local/" + c.name + "@phones", Context: "calls", Exten: c.name, CallerID: `"Ann" <5550100>`,
		})
		dial.Unlock()
		if err != nil {
			t.Fatal(err)
		}
	}
	bound := time.After(40 * time.Second)
	var trace *flows.Trace
	select {
	case trace = <-traces:
	case <-bound:
		t.Fatal("the flow did not end")
	}
	if diff := cmp.Diff(lines(c.want), summary(trace)); diff != "" {
		var b strings.Builder
		if _, err := trace.WriteTo(&b); err != nil {
			t.Error(err)
		}
		t.Errorf("trace differs (-want +got):\n%s\n%s", diff, b.String())
	}
	if c.status != "" {
		select {
		case got := <-ended:
			if got != c.status {
				t.Errorf("the dialplan got FLOWSTATUS and FLOWERROR %q, want %q", got, c.status)
			}
		case <-bound:
			t.Fatal("the call did not end in the dialplan")
		}
	}
	beside.Wait()
	if diff := cmp.Diff(c.told, f.toldOf(c, bound)); diff != "" {
		t.Errorf("what others told of the call differs (-want +got):\n%s", diff)
	}
}

// toldOf returns what others told of the call, once there is as much as is wanted.
func (f *farTest) toldOf(c farCall, bound <-chan time.Time) []string {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for over := false; ; {
		f.mu.Lock()
		told := slices.Sorted(slices.Values(f.told[c.name]))
		f.mu.Unlock()
		if over || len(told) >= len(c.told) {
			return told
		}
		select {
		case <-tick.C:
		case <-bound:
			over = true
		}
	}
}

// farDialplan has an extension and a caller for each call.
func farDialplan(calls []farCall) string {
	var b strings.Builder
	for _, context := range []string{"calls", "from-carrier"} {
		fmt.Fprintf(&b, "[%s]\n", context)
		for _, c := range calls {
			fmt.Fprintf(&b, "exten => %s,1,Set(NAME=%[1]s)\n same => n,AGI(agi://ADDR/%[1]s)\n same => n,Hangup()\n", c.name)
		}
		b.WriteString("exten => h,1,AGI(agi://ADDR/ended,${NAME},${FLOWSTATUS},${FLOWERROR})\n")
	}
	for _, c := range calls {
		b.WriteString(asterisktest.Phone(c.name, c.caller...))
	}
	return b.String()
}
