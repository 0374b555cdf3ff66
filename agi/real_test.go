package agi_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

func TestMain(m *testing.M) { asterisktest.Main(m) }

// realCall is a call on a real Asterisk: what the far leg does, what the handler
// does, and the AGISTATUS that the dialplan has afterwards.
type realCall struct {
	name   string
	phone  []asterisktest.Step
	handle handler
	status string
}

// TestReal runs the commands on real Asterisks.
func TestReal(t *testing.T) {
	asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		mux := new(agi.Mux)
		srv := &agi.Server{Handler: mux}
		served := make(chan error, 1)
		go func() { served <- srv.Serve(ln) }()
		t.Cleanup(func() {
			srv.Close()
			wantErr(t, "Serve", <-served, agi.ErrServerClosed)
		})

		all := slices.Concat(sessionCalls, commandCalls, mediaCalls)
		pbx := start(asterisktest.Config{
			Dialplan: realDialplan(ln.Addr().String(), all),
			Files:    map[string]string{"aeap.conf": speechConfig(serveSpeech(t))},
		})
		t.Run("table", func(t *testing.T) { compareTable(t, pbx) })
		mux.HandleFunc("/far", echoText)
		// All calls at once, whatever -parallel says: they wait most of the time.
		var calls sync.WaitGroup
		dial := new(sync.Mutex) // a burst of calls would be refused by the manager's port
		var ran exercised
		for _, c := range all {
			if c.name != "dead" { // which has all commands, to see them refused
				c.handle = ran.note(c.handle)
			}
			calls.Go(func() { t.Run(c.name, func(t *testing.T) { c.run(t, pbx, dial, mux) }) })
		}
		calls.Wait()
		ran.wantAll(t)
	})
}

// realDialplan has an extension and a far leg for every call. What the dialplan
// has in AGISTATUS it tells at the very end, in another AGI.
func realDialplan(addr string, calls []realCall) string {
	var b strings.Builder
	tell := fmt.Sprintf("exten => h,1,AGI(agi://%s/status/${NAME},${AGISTATUS})\n", addr)
	b.WriteString("[calls]\n")
	for _, c := range calls {
		fmt.Fprintf(&b, "exten => %s,1,Set(NAME=%[1]s)\n same => n,AGI(agi://%s/%[1]s?x=1&y=2,first,second)\n", c.name, addr)
	}
	b.WriteString(tell)
	b.WriteString("\n[sub]\nexten => s,1(start),Set(SUB=[${ARG1}][${ARG2}])\n same => n,Return()\n")
	b.WriteString("\n[landing]\nexten => there,1,Hangup()\n same => n(door),Set(AGISTATUS=landed)\n" + tell)
	for _, c := range calls {
		steps := append([]asterisktest.Step{asterisktest.Answer()}, c.phone...)
		for i := range steps {
			steps[i] = asterisktest.Step(strings.ReplaceAll(string(steps[i]), "AGISERVER", addr))
		}
		b.WriteString(asterisktest.Phone(c.name, steps...))
	}
	return b.String()
}

func (c realCall) run(t *testing.T, pbx *asterisktest.Instance, dial *sync.Mutex, mux *agi.Mux) {
	done := make(chan struct{})
	status := make(chan string, 1)
	mux.HandleFunc("/"+c.name, func(ctx context.Context, s *agi.Session) error {
		defer close(done)
		return c.handle(t, ctx, s)
	})
	mux.HandleFunc("/status/"+c.name, func(ctx context.Context, s *agi.Session) error {
		status <- strings.Join(s.Env().Args(), " ")
		return nil
	})
	dial.Lock()
	_, err := pbx.Originate(t.Context(), asterisktest.Call{
		Channel: "Local/" + c.name + "@phones", Context: "calls", Exten: c.name, CallerID: `"Ann" <5550100>`,
	})
	dial.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	<-done
	if got := <-status; got != c.status {
		t.Errorf("got AGISTATUS %q, want %q", got, c.status)
	}
}

// long is a prompt of about 30 seconds.
const long = "demo-congrats"

// sessionCalls are about the session: hangup, cancel, how it ends.
var sessionCalls = []realCall{
	{"env", stay(5), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		env := s.Env()
		got := fmt.Sprintln(env.Path(), env.Query(), env.Args(), env.Type(), env.CallerID(), env.Language(), env.Context(), env.Extension(), env.Priority())
		if want := "/env map[x:[1] y:[2]] [first second] Local 5550100 en calls env 2\n"; got != want {
			t.Errorf("got %swant %s", got, want)
		}
		return nil
	}, "SUCCESS"},
	{"words", stay(10), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		_, err := s.Do(ctx, "NOOP", make([]string, 126)...)
		if err != nil {
			t.Errorf("127 words: %v", err)
		}
		return s.Noop(ctx)
	}, "SUCCESS"},

	{"hangupprompt", stay(1), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		_, _, err := s.StreamFile(ctx, long, "", 0)
		wantErr(t, "StreamFile", err, agi.ErrHangup)
		wantErr(t, "cause", context.Cause(ctx), agi.ErrHangup)
		return afterHangup(t, ctx, s)
	}, "HANGUP"},
	{"hangupdata", stay(1), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		_, _, err := s.GetData(ctx, long, -1, 0)
		wantErr(t, "GetData", err, agi.ErrHangup)
		return afterHangup(t, ctx, s)
	}, "HANGUP"},
	{"hanguprecord", stay(1), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		_, err := s.RecordFile(ctx, "/tmp/agi-"+s.Env().UniqueID(), "wav", agi.RecordOptions{})
		wantErr(t, "RecordFile", err, agi.ErrHangup)
		return afterHangup(t, ctx, s)
	}, "HANGUP"},
	{"hangupexec", stay(1), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		_, err := s.Exec(ctx, "Wait", "60")
		wantErr(t, "Exec", err, agi.ErrHangup)
		return afterHangup(t, ctx, s)
	}, "HANGUP"},
	{"hangupbusy", stay(1), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		<-ctx.Done()
		wantErr(t, "cause", context.Cause(ctx), agi.ErrHangup)
		return afterHangup(t, ctx, s)
	}, "HANGUP"},

	{"cancel", stay(60), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		commands := []func(context.Context) error{
			func(ctx context.Context) error { _, _, err := s.StreamFile(ctx, long, "", 0); return err },
			func(ctx context.Context) error { _, _, err := s.GetData(ctx, long, -1, 0); return err },
			func(ctx context.Context) error { _, _, err := s.GetData(ctx, "beep", -1, 0); return err },
			func(ctx context.Context) error { _, _, err := s.GetOption(ctx, long, "1", -1); return err },
			func(ctx context.Context) error { _, err := s.WaitForDigit(ctx, -1); return err },
		}
		var slowest time.Duration
		for i := range 40 {
			limit := time.Duration(i*i) * 300 * time.Microsecond
			took, err := after(ctx, limit, commands[i%len(commands)])
			wantErr(t, "cancelled", err, context.DeadlineExceeded)
			slowest = max(slowest, took-limit)
			want := fmt.Sprint("round ", i)
			if got, _, err := s.GetFullVariable(ctx, want, ""); got != want || err != nil {
				t.Fatalf("got %q, %v, want %q", got, err, want)
			}
		}
		t.Logf("the slowest cancelled command ended %v late", slowest)
		return nil
	}, "SUCCESS"},
	{"owed", stay(20), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		_, err := after(ctx, 100*time.Millisecond, func(ctx context.Context) error {
			_, err := s.Exec(ctx, "Wait", "1")
			return err
		})
		wantErr(t, "Exec", err, context.DeadlineExceeded)
		if got, _, err := s.GetFullVariable(ctx, "next", ""); got != "next" || err != nil {
			t.Errorf("got %q, %v, want next", got, err)
		}
		return nil
	}, "SUCCESS"},

	{"panic", stay(10), func(t *testing.T, ctx context.Context, s *agi.Session) error { panic("for the test") }, "FAILURE"},
	{"error", stay(10), func(t *testing.T, ctx context.Context, s *agi.Session) error { return os.ErrNotExist }, "FAILURE"},
	{"cancelerror", stay(60), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		_, err := after(ctx, 200*time.Millisecond, func(ctx context.Context) error {
			_, _, err := s.StreamFile(ctx, long, "", 0)
			return err
		})
		return err
	}, "FAILURE"},
}

// stay keeps the far leg on the line for a time and then hangs up.
func stay(seconds int) []asterisktest.Step {
	return []asterisktest.Step{asterisktest.Wait(time.Duration(seconds) * time.Second)}
}

// press presses keys after a second, and stays on the line.
func press(keys string) []asterisktest.Step {
	return append(stay(1), asterisktest.Press(keys), asterisktest.Wait(20*time.Second))
}

// afterHangup does what a handler may do once the caller has left.
func afterHangup(t *testing.T, ctx context.Context, s *agi.Session) error {
	t.Helper()
	wantErr(t, "a command with the call's context", s.Noop(ctx), agi.ErrHangup)
	cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := s.SetVariable(cleanup, "RESULT", "gone"); err != nil {
		t.Error(err)
	}
	value(t, cleanup, s, "RESULT", "gone")
	wantErr(t, "a command that needs the channel", s.Answer(cleanup), agi.ErrHangup)
	return agi.ErrHangup
}

// TestRealRefused sees what the dialplan gets from a server that is full, and one
// whose time to drain is over.
func TestRealRefused(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	inside := make(chan struct{})
	srv := &agi.Server{MaxSessions: 1, Handler: agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		close(inside)
		_, _, err := s.StreamFile(ctx, long, "", 0)
		return err
	})}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()

	// What the dialplan has in AGISTATUS goes to another server.
	ln2, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	status := make(chan string, 2)
	srv2 := &agi.Server{Handler: agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		status <- strings.Join(s.Env().Args(), " ")
		return nil
	})}
	served2 := make(chan error, 1)
	go func() { served2 <- srv2.Serve(ln2) }()
	defer func() {
		srv2.Close()
		wantErr(t, "Serve", <-served2, agi.ErrServerClosed)
	}()

	pbx := asterisktest.Start(t, asterisktest.Config{Dialplan: fmt.Sprintf(
		"[calls]\nexten => s,1,AGI(agi://%s/)\n same => n,AGI(agi://%s/,${AGISTATUS})\n", ln.Addr(), ln2.Addr())})
	call := asterisktest.Call{Channel: "Local/answer@phones", Context: "calls", Exten: "s"}
	if _, err := pbx.Originate(t.Context(), call); err != nil {
		t.Fatal(err)
	}
	<-inside
	if _, err := pbx.Originate(t.Context(), call); err != nil {
		t.Fatal(err)
	}
	if got := <-status; got != "FAILURE" {
		t.Errorf("a call too many: got AGISTATUS %q, want FAILURE", got)
	}
	now, cancel := context.WithCancel(t.Context())
	cancel()
	wantErr(t, "Shutdown", srv.Shutdown(now), context.Canceled)
	if got := <-status; got != "FAILURE" {
		t.Errorf("a call cut off: got AGISTATUS %q, want FAILURE", got)
	}
	wantErr(t, "Serve", <-served, agi.ErrServerClosed)
}
