package agi_test

import (
	"context"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// mediaCalls are the commands that play, record and listen.
var mediaCalls = []realCall{
	{"stream", stay(10), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		digit, pos, err := s.StreamFile(ctx, "beep", "12", 0)
		digit2, pos2, err2 := s.StreamFile(ctx, "beep", "12", pos/2)
		if digit != "" || pos == 0 || err != nil || digit2 != "" || pos2 != pos || err2 != nil {
			t.Errorf("got %q, %d, %v and %q, %d, %v, want no key and the same end", digit, pos, err, digit2, pos2, err2)
		}
		return nil
	}, "SUCCESS"},
	{"escape", press("15"), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		const offset = 10 * 8000
		digit, pos, err := s.StreamFile(ctx, long, "456", offset)
		if digit != "5" || pos <= offset || err != nil {
			t.Errorf("got %q, %d, %v, want 5 and a position after %d", digit, pos, err, offset)
		}
		return nil
	}, "SUCCESS"},
	{"control", press("69"), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		c := agi.Control{Offset: 5 * time.Second, Forward: "6", Skip: 10 * time.Second}
		digit, end, err := s.ControlStreamFile(ctx, long, "9", c)
		if digit != "9" || end < 15*time.Second || err != nil {
			t.Errorf("got %q, %v, %v, want 9 and 15s or more", digit, end, err)
		}
		value(t, ctx, s, "CPLAYBACKSTATUS", "USERSTOPPED")
		value(t, ctx, s, "CPLAYBACKSTOPKEY", "9")
		if digit, end, err = s.ControlStreamFile(ctx, "beep", "", agi.Control{Pause: "1"}); digit != "" || end != -time.Millisecond || err != nil {
			t.Errorf("got %q, %v, %v, want the end of the file", digit, end, err)
		}
		value(t, ctx, s, "CPLAYBACKSTATUS", "SUCCESS")
		return nil
	}, "SUCCESS"},
	{"option", press("6"), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		digit, _, err := s.GetOption(ctx, "beep", "6", 10*time.Second)
		if digit != "6" || err != nil {
			t.Errorf("got %q, %v, want 6", digit, err)
		}
		digit, pos, err := s.GetOption(ctx, "beep", "6", 50*time.Millisecond)
		if digit != "" || pos == 0 || err != nil {
			t.Errorf("got %q, %d, %v, want none", digit, pos, err)
		}
		return nil
	}, "SUCCESS"},
	{"otheroption", press("5"), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		// A key that is none of the escape digits ends the waiting all the same.
		digit, _, err := s.GetOption(ctx, "beep", "6", -1)
		if digit != "" || err != nil {
			t.Errorf("got %q, %v, want none", digit, err)
		}
		return nil
	}, "SUCCESS"},
	{"digit", press("*"), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		digit, err := s.WaitForDigit(ctx, 10*time.Second)
		if digit != "*" || err != nil {
			t.Errorf("got %q, %v, want *", digit, err)
		}
		for _, timeout := range []time.Duration{0, 100 * time.Millisecond} {
			if digit, err = s.WaitForDigit(ctx, timeout); digit != "" || err != nil {
				t.Errorf("got %q, %v, want none", digit, err)
			}
		}
		return nil
	}, "SUCCESS"},
	{"data", press("0123"), getData(10*time.Second, 4, "0123", false), "SUCCESS"},
	{"star", press("1*2#"), getData(10*time.Second, 0, "1*2", false), "SUCCESS"},
	{"hash", press("#"), getData(-1, 4, "", false), "SUCCESS"},
	{"silent", stay(10), getData(500*time.Millisecond, 4, "", true), "SUCCESS"},
	{"few", press("01"), getData(3*time.Second, 4, "01", true), "SUCCESS"},
	{"missing", stay(10), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		_, _, err := s.StreamFile(ctx, "no-such-file", "", 0)
		wantRefused(t, "StreamFile", err, 200)
		_, _, err = s.GetOption(ctx, "no-such-file", "", 0)
		wantRefused(t, "GetOption", err, 200)
		_, _, err = s.GetData(ctx, "no-such-file", 0, 0)
		wantRefused(t, "GetData", err, 200)
		_, _, err = s.ControlStreamFile(ctx, "no-such-file", "", agi.Control{})
		wantRefused(t, "ControlStreamFile", err, 200)
		value(t, ctx, s, "CPLAYBACKSTATUS", "ERROR")
		return ctx.Err()
	}, "FAILURE"},

	{"record", speak(long), record(agi.RecordOptions{Timeout: time.Second}, agi.Recording{Timeout: true}), "SUCCESS"},
	{"recordkey", press("1#"), record(agi.RecordOptions{EscapeDigits: "#"}, agi.Recording{Digit: "#"}), "SUCCESS"},
	{"recordsilence", speak("silence/10"), record(agi.RecordOptions{Silence: time.Second, Beep: true}, agi.Recording{Timeout: true}), "SUCCESS"},
	{"recordbeep", []asterisktest.Step{"SendDTMF(" + manyKeys + ",50,50)"}, record(agi.RecordOptions{EscapeDigits: "1", Beep: true}, agi.Recording{Digit: "1"}), "SUCCESS"},
	{"recordnowhere", stay(10), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		_, err := s.RecordFile(ctx, "/proc/nowhere/x", "wav", agi.RecordOptions{})
		wantRefused(t, "RecordFile in no folder", err, 200)
		_, err = s.RecordFile(ctx, "/tmp/agi-"+s.Env().UniqueID(), "noformat", agi.RecordOptions{})
		wantRefused(t, "RecordFile in no format", err, 200)
		return nil
	}, "FAILURE"},

	{"saydigits", press("5"), say(func(ctx context.Context, s *agi.Session) (string, error) {
		return s.SayDigits(ctx, "1*#34567", "5")
	}), "SUCCESS"},
	{"saynumber", press("5"), say(func(ctx context.Context, s *agi.Session) (string, error) {
		return s.SayNumber(ctx, -123456789, "5", "f")
	}), "SUCCESS"},
	{"sayalpha", press("5"), say(func(ctx context.Context, s *agi.Session) (string, error) {
		return s.SayAlpha(ctx, "abc \"d\" \\ e", "5")
	}), "SUCCESS"},
	{"sayphonetic", press("5"), say(func(ctx context.Context, s *agi.Session) (string, error) {
		return s.SayPhonetic(ctx, "abcdef", "5")
	}), "SUCCESS"},
	{"saydate", press("5"), say(func(ctx context.Context, s *agi.Session) (string, error) {
		return s.SayDate(ctx, time.Unix(1763712000, 0), "5")
	}), "SUCCESS"},
	{"saytime", press("5"), say(func(ctx context.Context, s *agi.Session) (string, error) {
		return s.SayTime(ctx, time.Unix(1763712000, 0), "5")
	}), "SUCCESS"},
	{"saydatetime", press("5"), say(func(ctx context.Context, s *agi.Session) (string, error) {
		return s.SayDateTime(ctx, time.Unix(1763712000, 0), "5", "", "Europe/Prague")
	}), "SUCCESS"},
	{"sayall", stay(10), func(t *testing.T, ctx context.Context, s *agi.Session) error {
		digit, err := s.SayNumber(ctx, 7, "5", "")
		digit2, err2 := s.SayDateTime(ctx, time.Unix(0, 0), "", "H", "")
		if digit != "" || err != nil || digit2 != "" || err2 != nil {
			t.Errorf("got %q, %v and %q, %v, want no keys", digit, err, digit2, err2)
		}
		_, err = s.SayDigits(ctx, "*1", "")
		wantRefused(t, "SayDigits without a number", err, 520)
		return nil
	}, "SUCCESS"},
}

// manyKeys are pressed for 6 seconds, ten a second.
const manyKeys = "111111111111111111111111111111111111111111111111111111111111"

// speak says something and stays on the line.
func speak(sound string) []asterisktest.Step {
	return append([]asterisktest.Step{asterisktest.Play(sound)}, stay(10)...)
}

// say wants the key 5.
func say(f func(context.Context, *agi.Session) (string, error)) handler {
	return func(t *testing.T, ctx context.Context, s *agi.Session) error {
		if digit, err := f(ctx, s); digit != "5" || err != nil {
			t.Errorf("got %q, %v, want 5", digit, err)
		}
		return nil
	}
}

// record wants a recording that ends so, and plays it unless there is none.
func record(o agi.RecordOptions, want agi.Recording) handler {
	return func(t *testing.T, ctx context.Context, s *agi.Session) error {
		file := "/tmp/agi-" + s.Env().UniqueID()
		got, err := s.RecordFile(ctx, file, "wav", o)
		pos := got.EndPos
		got.EndPos = 0
		if got != want || err != nil {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
		if pos == 0 {
			return nil
		}
		if _, end, err := s.StreamFile(ctx, file, "", pos-1); end == 0 || err != nil {
			t.Errorf("playing it: got %d, %v", end, err)
		}
		return nil
	}
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
