package agi_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
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

		pbx := start(asterisktest.Config{Dialplan: realDialplan(ln.Addr().String())})
		// All calls at once, whatever -parallel says: they wait most of the time.
		var calls sync.WaitGroup
		dial := new(sync.Mutex) // a burst of calls would be refused by the manager's port
		for _, c := range realCalls {
			calls.Go(func() { t.Run(c.name, func(t *testing.T) { c.run(t, pbx, dial, mux) }) })
		}
		calls.Wait()
	})
}

// realDialplan has an extension and a far leg for every call. What the dialplan
// has in AGISTATUS it tells at the very end, in another AGI.
func realDialplan(addr string) string {
	var b strings.Builder
	b.WriteString("[calls]\n")
	for _, c := range realCalls {
		fmt.Fprintf(&b, "exten => %s,1,Set(NAME=%[1]s)\n same => n,AGI(agi://%s/%[1]s?x=1&y=2,first,second)\n", c.name, addr)
	}
	fmt.Fprintf(&b, "exten => h,1,AGI(agi://%s/status/${NAME},${AGISTATUS})\n", addr)
	b.WriteString("\n[sub]\nexten => s,1,Set(SUB=${ARG1})\n same => n,Return()\n")
	for _, c := range realCalls {
		b.WriteString(asterisktest.Phone(c.name, append([]asterisktest.Step{asterisktest.Answer()}, c.phone...)...))
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

var realCalls = []realCall{
	{"answer", stay(5), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		if err := s.Answer(ctx); err != nil {
			return err
		}
		state, err := s.ChannelStatus(ctx, "")
		if state != agi.ChannelUp || err != nil {
			t.Errorf("got state %v, %v, want up", state, err)
		}
		if _, err := s.ChannelStatus(ctx, "PJSIP/nobody"); err == nil {
			t.Error("got no error for a channel that does not exist")
		}
		return nil
	}, "SUCCESS"},
	{"env", stay(5), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		env := s.Env()
		got := fmt.Sprintln(env.Path(), env.Query(), env.Args(), env.Type(), env.CallerID(), env.Language(), env.Context(), env.Extension(), env.Priority())
		if want := "/env map[x:[1] y:[2]] [first second] Local 5550100 en calls env 2\n"; got != want {
			t.Errorf("got %swant %s", got, want)
		}
		return nil
	}, "SUCCESS"},
	{"stream", stay(10), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		digit, pos, err := s.StreamFile(ctx, "beep", "12", 0)
		if digit != "" || pos == 0 || err != nil {
			t.Errorf("got %q, %d, %v, want no key and a position", digit, pos, err)
		}
		return nil
	}, "SUCCESS"},
	{"escape", press("5"), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		digit, pos, err := s.StreamFile(ctx, long, "456", 0)
		if digit != "5" || pos == 0 || err != nil {
			t.Errorf("got %q, %d, %v, want 5 and a position", digit, pos, err)
		}
		return nil
	}, "SUCCESS"},
	{"option", press("6"), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		digit, _, err := s.GetOption(ctx, "beep", "6", 10*time.Second)
		if digit != "6" || err != nil {
			t.Errorf("got %q, %v, want 6", digit, err)
		}
		return nil
	}, "SUCCESS"},
	{"control", press("7"), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		digit, _, err := s.ControlStreamFile(ctx, long, "7", agi.Control{Skip: time.Second})
		if digit != "7" || err != nil {
			t.Errorf("got %q, %v, want 7", digit, err)
		}
		return nil
	}, "SUCCESS"},
	{"digit", press("*"), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		digit, err := s.WaitForDigit(ctx, 10*time.Second)
		if digit != "*" || err != nil {
			t.Errorf("got %q, %v, want *", digit, err)
		}
		digit, err = s.WaitForDigit(ctx, 100*time.Millisecond)
		if digit != "" || err != nil {
			t.Errorf("got %q, %v, want none", digit, err)
		}
		return nil
	}, "SUCCESS"},
	{"data", press("0123"), getData(10*time.Second, 4, "0123", false), "SUCCESS"},
	{"star", press("1*2#"), getData(10*time.Second, 0, "1*2", false), "SUCCESS"},
	{"hash", press("#"), getData(10*time.Second, 4, "", false), "SUCCESS"},
	{"silent", stay(10), getData(500*time.Millisecond, 4, "", true), "SUCCESS"},
	{"few", press("01"), getData(3*time.Second, 4, "01", true), "SUCCESS"},
	{"variables", stay(10), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		for _, want := range []string{
			"plain", "", `say "hi"`, `back\slash\n`, `ends with \`, "a,b;c|d", "Žluťoučký kůň \u00a0", "J\xfcrgen",
			"(a) endpos=1 (b)", "tab\there", "'single'", "${EXTEN}", strings.Repeat("x", 1023),
		} {
			if err := s.SetVariable(ctx, "A", want); err != nil {
				t.Errorf("set %.40q: %v", want, err)
			}
			got, ok, err := s.GetVariable(ctx, "A")
			if ok = ok || want == ""; got != want || !ok || err != nil {
				t.Errorf("got %.40q (%d bytes), %v, %v, want %.40q (%d)", got, len(got), ok, err, want, len(want))
			}
		}
		// The longest value that a line can carry, which GET VARIABLE would cut.
		longest := strings.Repeat("x", 2047-len("SET VARIABLE \"A\" \"\"\n"))
		if err := s.SetVariable(ctx, "A", longest); err != nil {
			t.Error(err)
		}
		if got, _, err := s.GetFullVariable(ctx, "${A}", ""); got != longest || err != nil {
			t.Errorf("got %d bytes, %v, want %d", len(got), err, len(longest))
		}
		if got, ok, err := s.GetVariable(ctx, "NEVER"); got != "" || ok || err != nil {
			t.Errorf("unset: got %q, %v, %v", got, ok, err)
		}
		got, ok, err := s.GetFullVariable(ctx, "${EXTEN}-${TOUPPER(x)}", "")
		if got != "variables-X" || !ok || err != nil {
			t.Errorf("got %q, %v, %v, want variables-X", got, ok, err)
		}
		return nil
	}, "SUCCESS"},
	{"lines", stay(10), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		got, _, err := s.GetFullVariable(ctx, "${SHELL(echo a; echo b)}", "")
		if got != "a\nb\n" || err != nil {
			t.Errorf("got %q, %v, want two lines", got, err)
		}
		if err := s.SetVariable(ctx, "STEP", "yes"); err != nil {
			t.Error(err)
		}
		value(t, ctx, s, "STEP", "yes")
		return nil
	}, "SUCCESS"},
	{"words", stay(10), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		_, err := s.Do(ctx, "NOOP", make([]string, 126)...)
		if err != nil {
			t.Errorf("127 words: %v", err)
		}
		return s.Noop(ctx)
	}, "SUCCESS"},
	{"exec", stay(10), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		if n, err := s.Exec(ctx, "Set", `B=a "b" c\,d`); n != 0 || err != nil {
			t.Errorf("got %d, %v, want 0", n, err)
		}
		value(t, ctx, s, "B", `a "b" c\,d`)
		// Its two lines would be 40 ms apart without acknowledging at once.
		start := time.Now()
		if err := s.Gosub(ctx, "sub", "s", "1", "hello"); err != nil {
			t.Error(err)
		}
		t.Logf("GOSUB took %v", time.Since(start))
		value(t, ctx, s, "SUB", "hello")
		if n, err := s.Exec(ctx, "NoSuchApp", ""); n != -2 || err == nil {
			t.Errorf("got %d, %v, want -2", n, err)
		}
		value(t, ctx, s, "SUB", "hello")
		return nil
	}, "SUCCESS"},
	{"refused", stay(10), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		for command, code := range map[string]int{"NONSENSE": 510, "GET VARIABLE": 520, "STREAM FILE": 520, "DATABASE GET": 520} {
			_, err := s.Do(ctx, command)
			var refused *agi.Error
			if !errors.As(err, &refused) || refused.Code != code {
				t.Errorf("%s: got %v, want %d", command, err, code)
			}
			if got, _, err := s.GetFullVariable(ctx, command, ""); got != command || err != nil {
				t.Errorf("after %s: got %q, %v", command, got, err)
			}
		}
		return nil
	}, "SUCCESS"},
	{"say", stay(20), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		if _, err := s.SayDigits(ctx, "12", ""); err != nil {
			t.Error(err)
		}
		if _, err := s.SayNumber(ctx, 7, "", ""); err != nil {
			t.Error(err)
		}
		return s.SetMusic(ctx, true, "")
	}, "SUCCESS"},
	{"database", stay(10), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		err := s.DatabasePut(ctx, "agi", "key", `a "b"`)
		got, ok, err2 := s.DatabaseGet(ctx, "agi", "key")
		if got != `a "b"` || !ok || err != nil || err2 != nil {
			t.Errorf("got %q, %v, %v, %v", got, ok, err, err2)
		}
		if gone, err := s.DatabaseDelTree(ctx, "agi", ""); !gone || err != nil {
			t.Errorf("got %v, %v from DatabaseDelTree", gone, err)
		}
		if _, ok, err := s.DatabaseGet(ctx, "agi", "key"); ok || err != nil {
			t.Errorf("got %v, %v after DatabaseDelTree", ok, err)
		}
		return nil
	}, "SUCCESS"},
	{"record", []asterisktest.Step{asterisktest.Play(long)}, func(t *testing.T, ctx context.Context, s *agi.Session) error {
		rec, err := s.RecordFile(ctx, "/tmp/agi-"+s.Env().UniqueID(), "wav", agi.RecordOptions{Timeout: time.Second})
		if !rec.Timeout || rec.EndPos == 0 || err != nil {
			t.Errorf("got %+v, %v, want a timeout", rec, err)
		}
		return nil
	}, "SUCCESS"},
	{"missing", stay(10), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		_, _, err := s.StreamFile(ctx, "no-such-file", "", 0)
		var failed *agi.Error
		if !errors.As(err, &failed) || errors.Is(err, agi.ErrHangup) {
			t.Errorf("got %v, want an Error", err)
		}
		return ctx.Err()
	}, "FAILURE"},

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
	{"hangupself", stay(10), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		if err := s.Hangup(ctx, ""); err != nil {
			t.Error(err)
		}
		<-ctx.Done()
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

func getData(timeout time.Duration, max int, digits string, timedOut bool) handler {
	return func(t *testing.T, ctx context.Context, s *agi.Session) error {
		gotDigits, gotTimedOut, err := s.GetData(ctx, "beep", timeout, max)
		if gotDigits != digits || gotTimedOut != timedOut || err != nil {
			t.Errorf("got %q, %v, %v, want %q, %v", gotDigits, gotTimedOut, err, digits, timedOut)
		}
		return nil
	}
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
