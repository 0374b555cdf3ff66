package agi_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// compareTable compares the table with what Asterisk's console prints.
func compareTable(t *testing.T, pbx *asterisktest.Instance) {
	version, err := strconv.Atoi(pbx.Version.Name)
	if err != nil {
		t.Fatal(err)
	}
	out, err := pbx.Console(t.Context(), "agi show commands")
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]bool)
	for line := range strings.Lines(out) {
		// Dead, the command, three blanks, a description.
		dead, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		name, _, ok := strings.Cut(strings.TrimSpace(rest), "   ")
		if ok && dead != "Dead" {
			got[strings.ToUpper(name)] = dead == "Yes"
		}
	}
	want := make(map[string]bool)
	for _, c := range agi.Commands {
		if c.Since <= version && version <= c.Until {
			want[c.Name] = c.AfterHangup
		}
	}
	if d := cmp.Diff(got, want); d != "" {
		t.Errorf("Asterisk - table +\n%s", d)
	}
}

// commandCalls are the commands that neither play nor listen.
var commandCalls = []realCall{
	{"answer", stay(5), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		if err := s.Answer(ctx); err != nil {
			return err
		}
		state, err := s.ChannelStatus(ctx, "")
		if state != agi.ChannelUp || err != nil {
			t.Errorf("got state %v, %v, want up", state, err)
		}
		_, err = s.ChannelStatus(ctx, "PJSIP/nobody")
		wantRefused(t, "ChannelStatus of no channel", err, 200)
		wantRefused(t, "Hangup of no channel", s.Hangup(ctx, "PJSIP/nobody"), 200)
		return errors.Join(s.Noop(ctx), s.Verbose(ctx, `say "hi", \ č`, 1), s.AsyncAGIBreak(ctx))
	}, "SUCCESS"},
	{"dead", stay(10), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		if err := s.Hangup(ctx, ""); err != nil {
			t.Error(err)
		}
		<-ctx.Done()
		cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		for _, c := range agi.Commands {
			_, err := s.Do(cleanup, c.Name)
			if refused := errors.Is(err, agi.ErrHangup); refused == c.AfterHangup {
				t.Errorf("%s on a dead channel: %v", c.Name, err)
			}
		}
		return afterHangup(t, ctx, s)
	}, "HANGUP"},
	{"goto", stay(10), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		err := errors.Join(s.SetContext(ctx, "landing"), s.SetExtension(ctx, "there"), s.SetPriority(ctx, "1"))
		wantRefused(t, "SetPriority of no label", s.SetPriority(ctx, "window"), 520)
		return errors.Join(err, s.SetPriority(ctx, "door"))
	}, "landed"},
	{"autohangup", stay(60), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		err := errors.Join(s.SetAutoHangup(ctx, time.Hour), s.SetAutoHangup(ctx, 0), s.SetAutoHangup(ctx, 300*time.Millisecond))
		<-ctx.Done()
		wantErr(t, "cause", context.Cause(ctx), agi.ErrHangup)
		return errors.Join(err, afterHangup(t, ctx, s))
	}, "HANGUP"},
	{"callerid", stay(10), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		for id, want := range map[string]string{
			`"Zoé ""O'Brien"" \ Žák" <5550199>`: "",
			`"Ann, Bob" <5550199>`:              "Ann, Bob/5550199",
			"5550198":                           "/5550198",
			"":                                  "/",
		} {
			if err := s.SetCallerID(ctx, id); err != nil {
				t.Error(err)
			}
			got, _, err := s.GetFullVariable(ctx, "${CALLERID(name)}/${CALLERID(num)}", "")
			if want != "" && got != want || err != nil {
				t.Errorf("%s: got %q, %v, want %q", id, got, err, want)
			}
		}
		return nil
	}, "SUCCESS"},
	{"switches", stay(10), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		for _, mode := range []string{"on", "mate", "off"} {
			if ok, err := s.TDDMode(ctx, mode); ok || err != nil {
				t.Errorf("TDDMode %s: got %v, %v, want a channel that cannot", mode, ok, err)
			}
		}
		return errors.Join(s.SetMusic(ctx, true, ""), s.SetMusic(ctx, true, "no-such-class"), s.SetMusic(ctx, false, ""))
	}, "SUCCESS"},
	{"text", []asterisktest.Step{"AGI(agi://AGISERVER/far)"}, func(t *testing.T, ctx context.Context, s *agi.Session) error {
		// Nothing comes, which makes the session a failure for Asterisk.
		if got, err := s.ReceiveChar(ctx, 0); got != "" || err != nil {
			t.Errorf("got %q, %v, want none", got, err)
		}
		const said = `say "hi", \ č`
		// What arrives between two commands is lost, so it is said until it is heard.
		for got := ""; got != "echo "+said; {
			if err := s.SendText(ctx, said); err != nil {
				return err
			}
			var err error
			if got, _, err = s.ReceiveText(ctx, 200*time.Millisecond); err != nil {
				return err
			}
		}
		for got := ""; got != "e"; {
			if err := s.SendText(ctx, "x"); err != nil {
				return err
			}
			var err error
			if got, err = s.ReceiveChar(ctx, 200*time.Millisecond); err != nil {
				return err
			}
		}
		return s.SendImage(ctx, "no-such-image")
	}, "FAILURE"},
	{"hanguptext", stay(1), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		_, _, err := s.ReceiveText(ctx, -1)
		wantErr(t, "ReceiveText", err, agi.ErrHangup)
		return afterHangup(t, ctx, s)
	}, "HANGUP"},
	{"speech", speak(long), speech, "SUCCESS"},
	{"speechkey", press("5"), speechKey, "SUCCESS"},
	{"variables", stay(10), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		for _, want := range awkward {
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
		if err := s.SetVariable(ctx, "CALLERID(name)", `Zoé "Z"`); err != nil {
			t.Error(err)
		}
		value(t, ctx, s, "CALLERID(name)", `Zoé "Z"`)
		for channel, want := range map[string]bool{"": true, s.Env().Channel(): true, "PJSIP/nobody": false} {
			got, ok, err := s.GetFullVariable(ctx, "${EXTEN}-${TOUPPER(x)}", channel)
			if want && got != "variables-X" || ok != want || err != nil {
				t.Errorf("channel %q: got %q, %v, %v, want %v", channel, got, ok, err, want)
			}
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
	{"database", stay(10), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		for _, want := range awkward {
			err := s.DatabasePut(ctx, `agi "x" č`, "a/key", want)
			got, ok, err2 := s.DatabaseGet(ctx, `agi "x" č`, "a/key")
			if got != want || !ok || err != nil || err2 != nil {
				t.Errorf("got %.40q, %v, %v, %v, want %.40q", got, ok, err, err2, want)
			}
		}
		if ok, err := s.DatabaseDel(ctx, `agi "x" č`, "a/key"); !ok || err != nil {
			t.Errorf("got %v, %v from DatabaseDel", ok, err)
		}
		if _, ok, err := s.DatabaseGet(ctx, `agi "x" č`, "a/key"); ok || err != nil {
			t.Errorf("got %v, %v after DatabaseDel", ok, err)
		}
		err := errors.Join(s.DatabasePut(ctx, "agi", "a/b", "1"), s.DatabasePut(ctx, "agi", "c/d", "2"))
		for _, tree := range []string{"a", ""} {
			for _, want := range []bool{true, false} {
				if gone, err := s.DatabaseDelTree(ctx, "agi", tree); gone != want || err != nil {
					t.Errorf("got %v, %v from DatabaseDelTree of %q, want %v", gone, err, tree, want)
				}
			}
		}
		return err
	}, "SUCCESS"},
	{"exec", stay(10), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		for _, args := range []string{`a "b" c\,d`, "a,b", "č", "${EXTEN}", ""} {
			if n, err := s.Exec(ctx, "Set", "B="+args); n != 0 || err != nil {
				t.Errorf("got %d, %v, want 0", n, err)
			}
			if got, _, err := s.GetFullVariable(ctx, "${B}", ""); got != args || err != nil {
				t.Errorf("got %q, %v, want %q", got, err, args)
			}
		}
		if n, err := s.Exec(ctx, "Answer", ""); n != 0 || err != nil {
			t.Errorf("without arguments: got %d, %v, want 0", n, err)
		}
		n, err := s.Exec(ctx, "NoSuchApp", "")
		wantRefused(t, fmt.Sprint("no application: ", n), err, 200)
		err = s.SetVariable(ctx, "AGIEXECFULL", "yes")
		if n, err := s.Exec(ctx, "Set", "B=${EXTEN}"); n != 0 || err != nil {
			t.Errorf("got %d, %v, want 0", n, err)
		}
		value(t, ctx, s, "B", "exec")
		return err
	}, "SUCCESS"},
	{"gosub", stay(10), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		for _, args := range [][2]string{{"hello", ""}, {"", "b"}, {`say "hi", (a`, "x"}, {`"a,b"`, "(c,d)"}, {`a\,b`, "č"}, {"a)", "${EXTEN}"}} {
			err := s.Gosub(ctx, "sub", "s", "start", args[0], args[1])
			if errors.Is(err, agi.ErrBadArgument) != strings.Contains(args[0], "hi") {
				t.Errorf("%q: %v", args, err)
			}
			if err == nil {
				value(t, ctx, s, "SUB", "["+args[0]+"]["+args[1]+"]")
			}
		}
		// Its two lines would be 40 ms apart without acknowledging at once.
		start := time.Now()
		if err := s.Gosub(ctx, "sub", "s", "1"); err != nil {
			t.Error(err)
		}
		t.Logf("GOSUB took %v", time.Since(start))
		return nil
	}, "SUCCESS"},
	{"nosub", stay(10), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		wantRefused(t, "no context", s.Gosub(ctx, "nosub", "s", "1", "a"), 200)
		wantRefused(t, "no label", s.Gosub(ctx, "sub", "s", "window"), 200)
		return s.SetVariable(ctx, "STEP", "yes")
	}, "FAILURE"},
	{"refused", stay(10), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		for command, code := range map[string]int{"NONSENSE": 510, "GET VARIABLE": 520, "STREAM FILE": 520, "DATABASE GET": 520} {
			_, err := s.Do(ctx, command)
			wantRefused(t, command, err, code)
			if got, _, err := s.GetFullVariable(ctx, command, ""); got != command || err != nil {
				t.Errorf("after %s: got %q, %v", command, got, err)
			}
		}
		return nil
	}, "SUCCESS"},
}

// awkward are values that lose something on a wire that does not quote them.
var awkward = []string{
	"plain", "", `say "hi"`, `back\slash\n`, `ends with \`, "a,b;c|d", "Žluťoučký kůň \u00a0", "J\xfcrgen",
	"(a) endpos=1 (b)", "tab\there", "'single'", "${EXTEN}", strings.Repeat("x", 1023),
}

// wantRefused wants an error that Asterisk told, and that is no hangup.
func wantRefused(t *testing.T, what string, err error, code int) {
	t.Helper()
	e, ok := errors.AsType[*agi.Error](err)
	if !ok || e.Code != code || errors.Is(err, agi.ErrHangup) {
		t.Errorf("%s: got %v, want an error with code %d", what, err, code)
	}
}

// echoText is a far leg that says every text that it hears.
func echoText(ctx context.Context, s *agi.Session) error {
	for {
		text, ok, err := s.ReceiveText(ctx, time.Second)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if err := s.SendText(ctx, "echo "+text); err != nil {
			return err
		}
	}
}
