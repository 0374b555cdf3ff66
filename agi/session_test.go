package agi_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/agi/agitest"
)

type handler func(t *testing.T, ctx context.Context, s *agi.Session) error

// play runs a handler against a transcript in fake time.
func play(t *testing.T, transcript string, h handler) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		agitest.Run(t, agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
			return h(t, ctx, s)
		}), transcript)
	})
}

func wantErr(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// value reads a variable, to see that replies are still in step.
func value(t *testing.T, ctx context.Context, s *agi.Session, name, want string) {
	t.Helper()
	got, ok, err := s.GetVariable(ctx, name)
	if got != want || !ok || err != nil {
		t.Errorf("variable %s: got %q, %v, %v, want %q", name, got, ok, err, want)
	}
}

const inStep = `
	> GET VARIABLE "STEP"
	< 200 result=1 (yes)
`

func TestHangup(t *testing.T) {
	stream := func(t *testing.T, ctx context.Context, s *agi.Session) error {
		_, _, err := s.StreamFile(ctx, "welcome", "12", 0)
		wantErr(t, "StreamFile", err, agi.ErrHangup)
		if got := context.Cause(ctx); got != agi.ErrHangup {
			t.Errorf("got cause %v, want ErrHangup", got)
		}
		cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		value(t, cleanup, s, "STEP", "yes")
		return err
	}
	t.Run("in the middle of a command", func(t *testing.T) {
		play(t, `
			> STREAM FILE "welcome" "12"
			. 3s
			< 200 result=-1 endpos=24000
			! hangup
		`+inStep, stream)
	})
	t.Run("told after the reply", func(t *testing.T) {
		play(t, `
			> STREAM FILE "welcome" "12"
			< 200 result=-1 endpos=24000
			> CHANNEL STATUS
			! hangup
			< 511 Command Not Permitted on a dead channel or intercept routine
		`+inStep, stream)
	})
	t.Run("never told", func(t *testing.T) { // AGISIGHUP=no
		play(t, `
			> STREAM FILE "welcome" "12"
			< 200 result=-1 endpos=24000
			> CHANNEL STATUS
			< 511 Command Not Permitted on a dead channel or intercept routine
		`+inStep, stream)
	})
	t.Run("before the command arrived", func(t *testing.T) {
		play(t, `
			> STREAM FILE "welcome" "12"
			! hangup
			. 1ms
			< 511 Command Not Permitted on a dead channel or intercept routine
		`+inStep, stream)
	})
	t.Run("on a dead channel", func(t *testing.T) {
		play(t, `
			> STREAM FILE "welcome" "12"
			< 511 Command Not Permitted on a dead channel or intercept routine
		`+inStep, stream)
	})
}

func TestHangupWhileBusy(t *testing.T) {
	play(t, `
		> ANSWER
		< 200 result=0
		. 10s
		! hangup
		. 20s
		> SET VARIABLE "RESULT" "gone"
		< 200 result=1
	`, func(t *testing.T, ctx context.Context, s *agi.Session) error {
		if err := s.Answer(ctx); err != nil {
			return err
		}
		start := time.Now()
		<-ctx.Done()
		if got := time.Since(start); got != 10*time.Second {
			t.Errorf("hangup seen after %v, want 10s", got)
		}
		wantErr(t, "cause", context.Cause(ctx), agi.ErrHangup)
		if !s.HungUp() {
			t.Error("got HungUp false after the hangup")
		}
		wantErr(t, "Answer after the hangup", s.Answer(ctx), agi.ErrHangup)
		time.Sleep(time.Second)
		return s.SetVariable(context.WithoutCancel(ctx), "RESULT", "gone")
	})
}

// A result of -1 with the caller still there is a failure and no hangup.
func TestMissingFile(t *testing.T) {
	play(t, `
		> STREAM FILE "missing" ""
		< 200 result=-1 endpos=0
		> CHANNEL STATUS
		< 200 result=6
	`+inStep, func(t *testing.T, ctx context.Context, s *agi.Session) error {
		_, _, err := s.StreamFile(ctx, "missing", "", 0)
		var failed *agi.Error
		if !errors.As(err, &failed) || errors.Is(err, agi.ErrHangup) || failed.Code != 200 || failed.Command != "STREAM FILE" {
			t.Errorf("got %v, want an Error of STREAM FILE", err)
		}
		if ctx.Err() != nil {
			t.Error("the context ended without a hangup")
		}
		value(t, ctx, s, "STEP", "yes")
		return nil
	})
}

func TestClosed(t *testing.T) {
	play(t, `
		> EXEC "Wait" "60"
		. 5s
		! close
	`, func(t *testing.T, ctx context.Context, s *agi.Session) error {
		_, err := s.Exec(ctx, "Wait", "60")
		wantErr(t, "Exec", err, agi.ErrClosed)
		wantErr(t, "cause", context.Cause(ctx), agi.ErrClosed)
		_, err = s.Do(context.Background(), "NOOP")
		wantErr(t, "Do on a closed connection", err, agi.ErrClosed)
		return err
	})
}

func TestRefusedCommands(t *testing.T) {
	play(t, `
		> NONSENSE
		< 510 Invalid or unknown command
		> GET VARIABLE
		< 520-Invalid command syntax.  Proper usage follows:
		< Usage: GET VARIABLE <variablename>
		< 200 result=1 (testvariable)
		. 44ms
		< 520 End of proper usage.
		> SET PRIORITY "nowhere"
		< 520 Invalid command syntax.  Proper usage not available.
	`+inStep, func(t *testing.T, ctx context.Context, s *agi.Session) error {
		for _, tt := range []struct {
			command string
			args    []string
			want    string
		}{
			{"NONSENSE", nil, "agi: NONSENSE: 510 Invalid or unknown command"},
			{"GET VARIABLE", nil, "agi: GET VARIABLE: 520 Invalid command syntax.  Proper usage follows:"},
			{"SET PRIORITY", []string{"nowhere"}, "agi: SET PRIORITY: 520 Invalid command syntax.  Proper usage not available."},
		} {
			if _, err := s.Do(ctx, tt.command, tt.args...); err == nil || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		}
		value(t, ctx, s, "STEP", "yes")
		return nil
	})
}

// What cannot be sent is not, and changes nothing.
func TestUnsendable(t *testing.T) {
	play(t, inStep, func(t *testing.T, ctx context.Context, s *agi.Session) error {
		wantErr(t, "line feed", s.Verbose(ctx, "a\nHANGUP", 1), agi.ErrBadArgument)
		wantErr(t, "long line", s.Verbose(ctx, strings.Repeat("x", 3000), 1), agi.ErrTooLong)
		value(t, ctx, s, "STEP", "yes")
		return nil
	})
}

// Values with newlines, whose rest arrives with them or late, and a value that
// says HANGUP.
func TestValueOfManyLines(t *testing.T) {
	play(t, `
		> GET VARIABLE "A"
		< 200 result=1 (one
		. 1s
		< two)
		> GET VARIABLE "B"
		< 200 result=1 (one)
		< two)
		> GET VARIABLE "C"
		< 200 result=1 (one)
		. 1s
		< two)
		. 1s
		> GET VARIABLE "D"
		< 200 result=1 (one
		< HANGUP
		< two)
	`+inStep, func(t *testing.T, ctx context.Context, s *agi.Session) error {
		value(t, ctx, s, "A", "one\ntwo")
		value(t, ctx, s, "B", "one)\ntwo")
		value(t, ctx, s, "C", "one")
		time.Sleep(1500 * time.Millisecond)
		value(t, ctx, s, "D", "one\nHANGUP\ntwo")
		value(t, ctx, s, "STEP", "yes")
		return ctx.Err()
	})
}

// A value is whole, wherever its lines end, and the HANGUP after it is none of it.
func TestValueWithParentheses(t *testing.T) {
	// As long as what a session commonly reads at once, and longer.
	for _, n := range []int{1, 239, 240, 241, 496, 700} {
		first := strings.Repeat("x", n)
		play(t, `
			> GET VARIABLE "A"
			< 200 result=1 (`+first+`)
			< 200 result=1 (b)
			<
			< HANGUP
			< c)
			! hangup
		`+inStep, func(t *testing.T, ctx context.Context, s *agi.Session) error {
			value(t, ctx, s, "A", first+")\n200 result=1 (b)\n\nHANGUP\nc")
			if !s.HungUp() {
				t.Error("the HANGUP after the value was not seen")
			}
			value(t, context.WithoutCancel(ctx), s, "STEP", "yes")
			return nil
		})
	}
}

func TestGosub(t *testing.T) {
	play(t, `
		> GOSUB "sub" "s" "1" "arg"
		< 100 result=0 Trying...
		. 10s
		< 200 result=0 Gosub complete
		> GOSUB "sub" "nowhere" "1"
		< 200 result=-1 Gosub label not found
		> CHANNEL STATUS
		< 200 result=6
	`, func(t *testing.T, ctx context.Context, s *agi.Session) error {
		if err := s.Gosub(ctx, "sub", "s", "1", "arg"); err != nil {
			t.Error(err)
		}
		if err := s.Gosub(ctx, "sub", "nowhere", "1"); err == nil {
			t.Error("got no error for a label that does not exist")
		}
		return nil
	})
}

// dribble is a connection on which everything arrives in single bytes.
type dribble struct{ net.Conn }

func (d dribble) Write(b []byte) (int, error) {
	for i := range b {
		if _, err := d.Conn.Write(b[i : i+1]); err != nil {
			return i, err
		}
	}
	return len(b), nil
}

func TestSplitAtEveryByte(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asterisk, conn := net.Pipe()
		srv := &agi.Server{Handler: agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
			if got := s.Env().Path(); got != "/main" {
				t.Errorf("got path %q, want /main", got)
			}
			value(t, ctx, s, "A", "one\ntwo")
			if _, err := s.Do(ctx, "X"); err == nil {
				t.Error("got no error for X")
			}
			value(t, ctx, s, "STEP", "yes")
			_, err := s.WaitForDigit(ctx, time.Second)
			wantErr(t, "WaitForDigit", err, agi.ErrHangup)
			return err
		})}
		done := make(chan struct{})
		go func() {
			defer close(done)
			srv.ServeConn(t.Context(), conn)
		}()
		err := agitest.Play(t.Context(), dribble{asterisk}, `
			env agi_request: agi://127.0.0.1/main
			> GET VARIABLE "A"
			< 200 result=1 (one
			< two)
			> X
			< 520-Invalid command syntax.  Proper usage follows:
			< 200 result=0
			< 520 End of proper usage.
			`+inStep+`
			> WAIT FOR DIGIT "1000"
			< 200 result=-1
			> CHANNEL STATUS
			! hangup
			< 511 Command Not Permitted on a dead channel or intercept routine
		`)
		if err != nil {
			t.Error(err)
		}
		<-done
	})
}

func TestOnExchange(t *testing.T) {
	play(t, `
		> EXEC "Wait" "2"
		. 2s
		< 200 result=0
		> NONSENSE
		< 510 Invalid or unknown command
		> EXEC "Wait" "9"
		. 9s
		< 200 result=0
	`, func(t *testing.T, ctx context.Context, s *agi.Session) error {
		var seen []agi.Exchange
		s.OnExchange(func(e agi.Exchange) { seen = append(seen, e) })
		s.Exec(ctx, "Wait", "2")
		s.Do(ctx, "NONSENSE")
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		s.Exec(short, "Wait", "9")
		s.Exec(short, "Wait", "never sent")
		if len(seen) != 3 {
			t.Fatalf("got %d exchanges, want 3", len(seen))
		}
		if e := seen[0]; e.Command != `EXEC "Wait" "2"` || e.Reply.Result != "0" || e.Err != nil || e.Took != 2*time.Second {
			t.Errorf("first: got %+v", e)
		}
		if e := seen[1]; e.Reply.Code != 510 || e.Err == nil {
			t.Errorf("second: got %+v", e)
		}
		if e := seen[2]; !errors.Is(e.Err, context.DeadlineExceeded) || e.Reply.Code != 0 || e.Took != time.Second {
			t.Errorf("third: got %+v", e)
		}
		time.Sleep(10 * time.Second)
		return nil
	})
}
