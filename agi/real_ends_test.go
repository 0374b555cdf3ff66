package agi_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// endCalls are calls of TestRealEnds: what the dialplan sets before, and what it has in
// AGISTATUS at the end.
var endCalls = []struct {
	name, set string
	handle    handler
	status    string
}{
	{"nosighup", "AGISIGHUP=no", func(t *testing.T, ctx context.Context, s *agi.Session) error {
		digit, err := s.WaitForDigit(ctx, -1)
		if digit != "" {
			t.Errorf("got %q, want no key", digit)
		}
		wantErr(t, "WaitForDigit", err, agi.ErrHangup)
		return afterHangup(t, ctx, s)
	}, "HANGUP"},
	{"exitonhangup", "AGIEXITONHANGUP=yes", func(t *testing.T, ctx context.Context, s *agi.Session) error {
		<-ctx.Done()
		wantErr(t, "cause", context.Cause(ctx), agi.ErrHangup)
		cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		wantErr(t, "a command after the hangup", s.SetVariable(cleanup, "RESULT", "gone"), agi.ErrClosed)
		return agi.ErrHangup
	}, "HANGUP"},
	{"exitinexec", "AGIEXITONHANGUP=yes", func(t *testing.T, ctx context.Context, s *agi.Session) error {
		_, err := s.Exec(ctx, "Wait", "60")
		wantErr(t, "Exec", err, agi.ErrHangup)
		return err
	}, "HANGUP"},
	{"inh", "", func(t *testing.T, ctx context.Context, s *agi.Session) error {
		// Dead from the beginning, which no HANGUP tells.
		if err := s.SetVariable(ctx, "RESULT", "in h"); err != nil {
			t.Error(err)
		}
		value(t, ctx, s, "RESULT", "in h")
		if n, err := s.Exec(ctx, "Set", "B=${EXTEN}"); n != 0 || err != nil {
			t.Errorf("Exec: got %d, %v, want 0", n, err)
		}
		if err := s.DatabasePut(ctx, "inh", "a", "b"); err != nil {
			t.Error(err)
		}
		wantErr(t, "no cause yet", context.Cause(ctx), nil)
		wantErr(t, "Answer", s.Answer(ctx), agi.ErrHangup)
		wantErr(t, "cause", context.Cause(ctx), agi.ErrHangup)
		return afterHangup(t, ctx, s)
	}, "SUCCESS"},
}

// TestRealEnds has the ways to end that the dialplan chooses or that nobody does.
func TestRealEnds(t *testing.T) {
	asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		maxLine := 2047
		if v == asterisktest.V22 {
			maxLine = 8191
		}
		mux := new(agi.Mux)
		addr := overTCP(t, &agi.Server{Handler: mux, MaxLine: maxLine})
		draining := &agi.Server{Handler: mux}
		drainAddr := overTCP(t, draining)

		plan := "[calls]\n"
		for _, c := range endCalls {
			if c.name != "inh" {
				plan += fmt.Sprintf("exten => %s,1,Set(NAME=%[1]s)\n same => n,Set(%s)\n same => n,AGI(agi://%s/%[1]s)\n", c.name, c.set, addr)
			}
		}
		plan += "exten => inh,1,Set(NAME=inh)\n same => n,Wait(60)\n" +
			fmt.Sprintf("exten => h,1,ExecIf($[\"${NAME}\" = \"inh\"]?AGI(agi://%s/inh))\n same => n,AGI(agi://%[1]s/status/${NAME},${AGISTATUS})\n", addr) +
			fmt.Sprintf("\n[others]\nexten => line,1,AGI(agi://%s/line)\n", addr) +
			fmt.Sprintf("exten => drain,1,AGI(agi://%s/drain)\n same => n,AGI(agi://%s/drained,${AGISTATUS})\n", drainAddr, addr) +
			fmt.Sprintf("exten => killed,1,AGI(agi://%s/killed)\n", addr) +
			asterisktest.Phone("short", asterisktest.Answer(), asterisktest.Wait(time.Second))
		pbx := start(asterisktest.Config{Dialplan: plan})
		originate := func(t *testing.T, phone, in, exten string) {
			t.Helper()
			if _, err := pbx.Originate(t.Context(), asterisktest.Call{Channel: "Local/" + phone + "@phones", Context: in, Exten: exten}); err != nil {
				t.Fatal(err)
			}
		}

		for _, c := range endCalls {
			t.Run(c.name, func(t *testing.T) {
				status := make(chan string, 1)
				mux.HandleFunc("/"+c.name, func(ctx context.Context, s *agi.Session) error { return c.handle(t, ctx, s) })
				mux.HandleFunc("/status/"+c.name, func(ctx context.Context, s *agi.Session) error {
					status <- strings.Join(s.Env().Args(), " ")
					return nil
				})
				originate(t, "short", "calls", c.name)
				if got := <-status; got != c.status {
					t.Errorf("got AGISTATUS %q, want %q", got, c.status)
				}
			})
		}
		t.Run("line", func(t *testing.T) {
			done := make(chan struct{})
			mux.HandleFunc("/line", func(ctx context.Context, s *agi.Session) error {
				defer close(done)
				longest := strings.Repeat("x", maxLine-len("SET VARIABLE \"A\" \"\"\n"))
				if err := s.SetVariable(ctx, "A", longest); err != nil {
					t.Error(err)
				}
				// Asterisk has read all of it if it is that long.
				if got, _, err := s.GetFullVariable(ctx, "${LEN(${A})}", ""); got != fmt.Sprint(len(longest)) || err != nil {
					t.Errorf("got %s bytes, %v, want %d", got, err, len(longest))
				}
				wantErr(t, "one byte more", s.SetVariable(ctx, "A", longest+"x"), agi.ErrTooLong)
				return s.Noop(ctx)
			})
			originate(t, "answer", "others", "line")
			<-done
		})
		t.Run("drain", func(t *testing.T) {
			inside, went := make(chan struct{}), make(chan string, 1)
			mux.HandleFunc("/drain", func(ctx context.Context, s *agi.Session) error {
				close(inside)
				_, _, err := s.StreamFile(ctx, long, "", 0)
				wantErr(t, "StreamFile", err, agi.ErrServerClosed)
				return err
			})
			mux.HandleFunc("/drained", func(ctx context.Context, s *agi.Session) error {
				state, err := s.ChannelStatus(ctx, "")
				went <- fmt.Sprint(s.Env().Args(), state, err)
				return nil
			})
			originate(t, "answer", "others", "drain")
			<-inside
			deadline, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			defer cancel()
			wantErr(t, "Shutdown", draining.Shutdown(deadline), context.DeadlineExceeded)
			if got, want := <-went, "[FAILURE] up <nil>"; got != want {
				t.Errorf("afterwards: got %s, want %s", got, want)
			}
		})
		t.Run("killed", func(t *testing.T) { // the last: it leaves no Asterisk
			inside, ended := make(chan struct{}), make(chan error, 1)
			mux.HandleFunc("/waits", func(ctx context.Context, s *agi.Session) error {
				close(inside)
				<-ctx.Done()
				return context.Cause(ctx)
			})
			mux.HandleFunc("/killed", func(ctx context.Context, s *agi.Session) error {
				// Where this leads tells that the command runs.
				_, err := s.Exec(ctx, "AGI", "agi://"+addr+"/waits")
				wantErr(t, "cause", context.Cause(ctx), agi.ErrClosed)
				ended <- err
				return err
			})
			originate(t, "answer", "others", "killed")
			<-inside
			pbx.Kill()
			wantErr(t, "Exec", <-ended, agi.ErrClosed)
		})
	})
}
