package agi_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// asyncCaller has a name that fills half of an environment.
var asyncCaller = `"` + strings.Repeat("é", 70) + `" <5550100>`

// asyncCalls are calls of TestRealAsync. The handler's text is put into HEARD, and want
// is what the dialplan has afterwards: HEARD and AGISTATUS, or "over" for a call that
// was hung up.
var asyncCalls = []struct {
	name   string
	phone  []asterisktest.Step
	handle func(t *testing.T, ctx context.Context, s *agi.Session) (string, error)
	want   string
}{
	{"media", []asterisktest.Step{asterisktest.Wait(2 * time.Second), asterisktest.Press("12#"), asterisktest.Wait(10 * time.Second)}, asyncMedia, "12 SUCCESS"},
	{"variable", stay(20), func(_ *testing.T, ctx context.Context, s *agi.Session) (string, error) {
		if err := s.SetVariable(ctx, "X", `a+b "c" 100%`); err != nil {
			return "", err
		}
		value, _, err := s.GetVariable(ctx, "X")
		return value, err
	}, "a+b c 100% SUCCESS"},
	{"again", stay(20), func(_ *testing.T, ctx context.Context, s *agi.Session) (string, error) {
		heard, _, err := s.GetVariable(ctx, "HEARD")
		return heard + s.Env().Args()[0], err
	}, "firstsecond SUCCESS"},
	{"args", stay(20), func(t *testing.T, _ context.Context, s *agi.Session) (string, error) {
		if diff := cmp.Diff(asyncArgs, s.Env().Args()); diff != "" {
			t.Error("arguments (-want +got):\n" + diff)
		}
		return "", nil
	}, " SUCCESS"},
	{"fails", stay(20), func(*testing.T, context.Context, *agi.Session) (string, error) { return "", errAsyncMeant }, " SUCCESS"},
	{"panics", stay(20), func(*testing.T, context.Context, *agi.Session) (string, error) { panic("no reason") }, " SUCCESS"},
	{"cut", stay(20), asyncCut, "cut SUCCESS"},
	{"lines", stay(20), asyncLines, "sent SUCCESS"},
	{"results", stay(20), asyncResults, "cut SUCCESS"},
	{"cancelled", stay(20), asyncCancelled, "late SUCCESS"},
	{"hangupexec", stay(1), hungUp(func(ctx context.Context, s *agi.Session) error {
		_, err := s.Exec(ctx, "Wait", "60")
		return err
	}), "over"},
	{"hangupprompt", stay(1), hungUp(func(ctx context.Context, s *agi.Session) error {
		_, _, err := s.StreamFile(ctx, long, "", 0)
		return err
	}), "over"},
	{"hangupidle", stay(1), hungUp(func(ctx context.Context, s *agi.Session) error {
		<-ctx.Done()
		return context.Cause(ctx)
	}), "over"},
}

// testCalls serves all calls at once.
func (p asyncPBX) testCalls(t *testing.T) {
	p.serve(t, &agi.AsyncServer{Handler: asyncHandler(t, func(t *testing.T, ctx context.Context, s *agi.Session) error {
		for _, c := range asyncCalls {
			if c.name != s.Env().Extension() {
				continue
			}
			heard, err := c.handle(t, ctx, s)
			if err != nil {
				return err
			}
			return s.SetVariable(ctx, "HEARD", heard)
		}
		return fmt.Errorf("unexpected call %s", s.Env().Extension())
	})})
	want, got := make(map[string]string), make(map[string]string)
	for _, c := range asyncCalls {
		want[c.name] = c.want
		p.call(t, c.name, c.name)
	}
	defer func() {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error("dialplans (-want +got):\n" + diff)
		}
	}()
	for len(got) < len(want) {
		e := p.await(t, func(e ami.Event) bool {
			return e.Get("UserEvent") == "After" || e.Get("UserEvent") == "Over" && want[e.Get("Name")] == "over"
		})
		got[e.Get("Name")] = "over"
		if e.Get("UserEvent") == "After" {
			got[e.Get("Name")] = e.Get("Heard") + " " + e.Get("Status")
		}
	}
}

func asyncMedia(_ *testing.T, ctx context.Context, s *agi.Session) (string, error) {
	if err := s.Answer(ctx); err != nil {
		return "", err
	}
	if _, _, err := s.StreamFile(ctx, "beep", "", 0); err != nil {
		return "", err
	}
	digits, _, err := s.GetData(ctx, long, 20*time.Second, 0)
	return digits, err
}

// asyncCut looks at an environment that did not fit.
func asyncCut(t *testing.T, _ context.Context, s *agi.Session) (string, error) {
	e := s.Env()
	got := fmt.Sprint(e.Channel() != "", e.UniqueID() != "", " ", e.CallerID(), " ", e.Context(), e.Extension(), e.Priority())
	if want := "true true 5550100 callscut1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if len(e.Args()) >= 4 {
		t.Errorf("got all %d arguments, want some to be missing", len(e.Args()))
	}
	return "cut", nil
}

// asyncLines sends the longest command there is.
func asyncLines(t *testing.T, ctx context.Context, s *agi.Session) (string, error) {
	const command = `SET VARIABLE "L" ""`
	err := s.SetVariable(ctx, "L", strings.Repeat("x", 1013-len(command)+1))
	wantErr(t, "a byte too many", err, agi.ErrTooLong)
	text := strings.Repeat("x", 1013-len(command))
	if err := s.SetVariable(ctx, "L", text); err != nil {
		return "", err
	}
	length, err := s.Do(ctx, `GET FULL VARIABLE ${LEN(${L})}`)
	if want := fmt.Sprint(len(text)); length.Data != want {
		t.Errorf("Asterisk got %s bytes, want %s", length.Data, want)
	}
	return "sent", err
}

// asyncResults asks for more than a result can hold, and stays in step. What is cut is
// "200 result=1 (" and the value, at 1024 bytes before the URL-encoding and 2047 after it.
func asyncResults(t *testing.T, ctx context.Context, s *agi.Session) (string, error) {
	for piece, limit := range map[string]int{"x": 1024 - len("200 result=1 ("), "%": 675} {
		if err := s.SetVariable(ctx, "R", strings.Repeat(piece, 900)); err != nil {
			return "", err
		}
		for range 3 {
			r, err := s.Do(ctx, `GET FULL VARIABLE ${R}${R}${R}${R}`)
			if err != nil || r.Data != strings.Repeat(piece, limit) {
				t.Errorf("of 3600 times %s got %d, %v, want %d", piece, len(r.Data), err, limit)
			}
		}
		if err := s.SetVariable(ctx, "X", piece); err != nil {
			return "", err
		}
		value(t, ctx, s, "X", piece)
	}
	return "cut", nil
}

// asyncCancelled gives up a prompt of three seconds, which plays on.
func asyncCancelled(t *testing.T, ctx context.Context, s *agi.Session) (string, error) {
	start := time.Now()
	took, err := after(ctx, 500*time.Millisecond, func(ctx context.Context) error {
		_, _, err := s.StreamFile(ctx, "tt-weasels", "", 0)
		return err
	})
	wantErr(t, "StreamFile", err, context.DeadlineExceeded)
	if err := s.Noop(ctx); err != nil {
		return "", err
	}
	if all := time.Since(start); all < 2500*time.Millisecond {
		t.Errorf("the command after the prompt was over after %v, StreamFile after %v", all, took)
	}
	return "late", nil
}

// hungUp is a call that is hung up while run runs.
func hungUp(run func(context.Context, *agi.Session) error) func(*testing.T, context.Context, *agi.Session) (string, error) {
	return func(t *testing.T, ctx context.Context, s *agi.Session) (string, error) {
		err := run(ctx, s)
		wantErr(t, s.Env().Extension(), err, agi.ErrHangup)
		<-ctx.Done()
		wantErr(t, "cause", context.Cause(ctx), agi.ErrHangup)
		wantErr(t, "a command afterwards", s.SetVariable(context.WithoutCancel(ctx), "HEARD", "late"), agi.ErrClosed)
		return "", err
	}
}

// testMany serves 50 calls that are there at once.
func (p asyncPBX) testMany(t *testing.T) {
	const many = 50
	var all sync.WaitGroup
	all.Add(many)
	p.serve(t, &agi.AsyncServer{Handler: asyncHandler(t, func(t *testing.T, ctx context.Context, s *agi.Session) error {
		all.Done()
		all.Wait()
		for i := range 10 {
			want := fmt.Sprint(s.Env().UniqueID(), i)
			if err := s.SetVariable(ctx, "X", want); err != nil {
				return err
			}
			value(t, ctx, s, "X", want)
		}
		return s.SetVariable(ctx, "HEARD", s.Env().UniqueID())
	})})
	for range many {
		p.call(t, "quiet", "many")
	}
	seen := make(map[string]bool)
	for range many {
		seen[p.awaitAfter(t, "many")] = true
	}
	if len(seen) != many {
		t.Errorf("%d calls went on with a variable of their own, want %d", len(seen), many)
	}
}

// testRedirect moves a call away from its handler, into another AGI(agi:async).
func (p asyncPBX) testRedirect(t *testing.T) {
	l := p.serve(t, &agi.AsyncServer{Handler: asyncHandler(t, func(t *testing.T, ctx context.Context, s *agi.Session) error {
		if s.Env().Extension() == "landed" {
			return s.SetVariable(ctx, "HEARD", "well")
		}
		_, err := hungUp(func(ctx context.Context, s *agi.Session) error {
			_, _, err := s.StreamFile(ctx, long, "", 0)
			return err
		})(t, ctx, s)
		return err
	})})
	p.call(t, "quiet", "redirected")
	channel := p.awaitCommand(t, "redirected", "STREAM FILE")
	redirect := ami.Action{Name: "Redirect"}.With("Channel", channel).With("Context", "calls").With("Exten", "landed").With("Priority", "1")
	if _, err := l.client.Do(t.Context(), redirect); err != nil {
		t.Fatal(err)
	}
	if got, want := p.awaitAfter(t, "landed"), "well SUCCESS"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
