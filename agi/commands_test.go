package agi_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/agi"
)

// TestCommands runs every typed command against an answer of Asterisk. The results
// are compared as text: values, and then the error, if any.
func TestCommands(t *testing.T) {
	type run func(ctx context.Context, s *agi.Session) []any
	list := func(v ...any) []any { return v }
	when := time.Unix(1763712000, 0)
	tests := []struct {
		line, reply string
		run         run
		want        string
	}{
		{`ANSWER`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any { return list(s.Answer(ctx)) }, "[<nil>]"},
		{`HANGUP`, `200 result=1`, func(ctx context.Context, s *agi.Session) []any { return list(s.Hangup(ctx, "")) }, "[<nil>]"},
		{`HANGUP "SIP/x"`, `200 result=-1`, func(ctx context.Context, s *agi.Session) []any { return list(s.Hangup(ctx, "SIP/x")) }, "[agi: HANGUP: 200 no such channel]"},
		{`NOOP`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any { return list(s.Noop(ctx)) }, "[<nil>]"},
		{`VERBOSE "say \"hi\"" "3"`, `200 result=1`, func(ctx context.Context, s *agi.Session) []any { return list(s.Verbose(ctx, `say "hi"`, 3)) }, "[<nil>]"},
		{`CHANNEL STATUS`, `200 result=6`, func(ctx context.Context, s *agi.Session) []any { return pair(s.ChannelStatus(ctx, "")) }, "[up <nil>]"},
		{`CHANNEL STATUS "SIP/x"`, `200 result=-1`, func(ctx context.Context, s *agi.Session) []any { return pair(s.ChannelStatus(ctx, "SIP/x")) }, "[down agi: CHANNEL STATUS: 200 no such channel]"},
		{`SET CONTEXT "sales"`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any { return list(s.SetContext(ctx, "sales")) }, "[<nil>]"},
		{`SET EXTENSION "100"`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any { return list(s.SetExtension(ctx, "100")) }, "[<nil>]"},
		{`SET PRIORITY "1"`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any { return list(s.SetPriority(ctx, "1")) }, "[<nil>]"},
		{`SET CALLERID "\"Alice\" <100>"`, `200 result=1`, func(ctx context.Context, s *agi.Session) []any { return list(s.SetCallerID(ctx, `"Alice" <100>`)) }, "[<nil>]"},
		{`SET AUTOHANGUP "1.5"`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any {
			return list(s.SetAutoHangup(ctx, 1500*time.Millisecond))
		}, "[<nil>]"},
		{`SET MUSIC "on" "jazz"`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any { return list(s.SetMusic(ctx, true, "jazz")) }, "[<nil>]"},
		{`SET MUSIC "off"`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any { return list(s.SetMusic(ctx, false, "")) }, "[<nil>]"},

		{`SET VARIABLE "A" "b, \"c\" \\ č"`, `200 result=1`, func(ctx context.Context, s *agi.Session) []any {
			return list(s.SetVariable(ctx, "A", `b, "c" \ č`))
		}, "[<nil>]"},
		{`GET VARIABLE "A"`, `200 result=1 (b)`, func(ctx context.Context, s *agi.Session) []any { return triple(s.GetVariable(ctx, "A")) }, "[b true <nil>]"},
		{`GET VARIABLE "A"`, `200 result=1 ()`, func(ctx context.Context, s *agi.Session) []any { return triple(s.GetVariable(ctx, "A")) }, "[ true <nil>]"},
		{`GET VARIABLE "A"`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any { return triple(s.GetVariable(ctx, "A")) }, "[ false <nil>]"},
		{`GET FULL VARIABLE "${A}"`, `200 result=1 (b)`, func(ctx context.Context, s *agi.Session) []any {
			return triple(s.GetFullVariable(ctx, "${A}", ""))
		}, "[b true <nil>]"},
		{`GET FULL VARIABLE "${A}" "SIP/x"`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any {
			return triple(s.GetFullVariable(ctx, "${A}", "SIP/x"))
		}, "[ false <nil>]"},
		{`DATABASE GET "f" "k"`, `200 result=1 (v)`, func(ctx context.Context, s *agi.Session) []any { return triple(s.DatabaseGet(ctx, "f", "k")) }, "[v true <nil>]"},
		{`DATABASE PUT "f" "k" "v"`, `200 result=1`, func(ctx context.Context, s *agi.Session) []any { return list(s.DatabasePut(ctx, "f", "k", "v")) }, "[<nil>]"},
		{`DATABASE PUT "f" "k" "v"`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any { return list(s.DatabasePut(ctx, "f", "k", "v")) }, "[agi: DATABASE PUT: 200 result=0]"},
		{`DATABASE DEL "f" "k"`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any { return pair(s.DatabaseDel(ctx, "f", "k")) }, "[false <nil>]"},
		{`DATABASE DELTREE "f"`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any { return pair(s.DatabaseDelTree(ctx, "f", "")) }, "[true <nil>]"},
		{`DATABASE DELTREE "f" "k"`, `200 result=1`, func(ctx context.Context, s *agi.Session) []any { return pair(s.DatabaseDelTree(ctx, "f", "k")) }, "[false <nil>]"},

		{`EXEC "Dial" "PJSIP/100,30"`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any { return pair(s.Exec(ctx, "Dial", "PJSIP/100,30")) }, "[0 <nil>]"},
		{`EXEC "Answer"`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any { return pair(s.Exec(ctx, "Answer", "")) }, "[0 <nil>]"},
		{`EXEC "Nope" "x"`, `200 result=-2`, func(ctx context.Context, s *agi.Session) []any { return pair(s.Exec(ctx, "Nope", "x")) }, "[-2 agi: EXEC: 200 no application Nope]"},

		{`STREAM FILE "hi" "12"`, `200 result=50 endpos=8000`, func(ctx context.Context, s *agi.Session) []any {
			return triple(s.StreamFile(ctx, "hi", "12", 0))
		}, "[2 8000 <nil>]"},
		{`STREAM FILE "hi" "" "800"`, `200 result=0 endpos=16000`, func(ctx context.Context, s *agi.Session) []any {
			return triple(s.StreamFile(ctx, "hi", "", 800))
		}, "[ 16000 <nil>]"},
		{`CONTROL STREAM FILE "hi" "1"`, `200 result=0 endpos=500`, func(ctx context.Context, s *agi.Session) []any {
			return triple(s.ControlStreamFile(ctx, "hi", "1", agi.Control{}))
		}, "[ 500ms <nil>]"},
		{`CONTROL STREAM FILE "hi" "1" "3000" "" "" "5"`, `200 result=49 endpos=500`, func(ctx context.Context, s *agi.Session) []any {
			return triple(s.ControlStreamFile(ctx, "hi", "1", agi.Control{Pause: "5"}))
		}, "[1 500ms <nil>]"},
		{`CONTROL STREAM FILE "hi" "" "1000" "6" "4" "" "2500"`, `200 result=0 endpos=-1`, func(ctx context.Context, s *agi.Session) []any {
			return triple(s.ControlStreamFile(ctx, "hi", "", agi.Control{Skip: time.Second, Forward: "6", Rewind: "4", Offset: 2500 * time.Millisecond}))
		}, "[ -1ms <nil>]"},
		{`GET OPTION "hi" "#" "2000"`, `200 result=35 endpos=1`, func(ctx context.Context, s *agi.Session) []any {
			return triple(s.GetOption(ctx, "hi", "#", 2*time.Second))
		}, "[# 1 <nil>]"},
		{`GET DATA "hi" "5000" "4"`, `200 result=0123`, func(ctx context.Context, s *agi.Session) []any {
			return triple(s.GetData(ctx, "hi", 5*time.Second, 4))
		}, "[0123 false <nil>]"},
		{`GET DATA "hi"`, `200 result=1*2`, func(ctx context.Context, s *agi.Session) []any { return triple(s.GetData(ctx, "hi", 0, 0)) }, "[1*2 false <nil>]"},
		{`GET DATA "hi" "0" "1"`, `200 result=`, func(ctx context.Context, s *agi.Session) []any { return triple(s.GetData(ctx, "hi", 0, 1)) }, "[ false <nil>]"},
		{`GET DATA "hi" "-1"`, `200 result= (timeout)`, func(ctx context.Context, s *agi.Session) []any { return triple(s.GetData(ctx, "hi", -1, 0)) }, "[ true <nil>]"},
		{`GET DATA "hi" "1"`, `200 result=01 (timeout)`, func(ctx context.Context, s *agi.Session) []any { return triple(s.GetData(ctx, "hi", 1, 0)) }, "[01 true <nil>]"},
		{`WAIT FOR DIGIT "3000"`, `200 result=42`, func(ctx context.Context, s *agi.Session) []any { return pair(s.WaitForDigit(ctx, 3*time.Second)) }, "[* <nil>]"},
		{`WAIT FOR DIGIT "0"`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any { return pair(s.WaitForDigit(ctx, 0)) }, "[ <nil>]"},

		{`RECORD FILE "r" "wav" "#" "-1"`, `200 result=35 (dtmf) endpos=8`, func(ctx context.Context, s *agi.Session) []any {
			return pair(s.RecordFile(ctx, "r", "wav", agi.RecordOptions{EscapeDigits: "#"}))
		}, "[{# false 8} <nil>]"},
		{`RECORD FILE "r" "wav" "" "5000" "80" "BEEP" "s=2"`, `200 result=0 (timeout) endpos=9`, func(ctx context.Context, s *agi.Session) []any {
			return pair(s.RecordFile(ctx, "r", "wav", agi.RecordOptions{Timeout: 5 * time.Second, Offset: 80, Beep: true, Silence: 2 * time.Second}))
		}, "[{ true 9} <nil>]"},
		{`RECORD FILE "r" "wav" "#" "-1" "BEEP"`, `200 result=35 (randomerror) endpos=0`, func(ctx context.Context, s *agi.Session) []any {
			return pair(s.RecordFile(ctx, "r", "wav", agi.RecordOptions{EscapeDigits: "#", Beep: true}))
		}, "[{# false 0} <nil>]"},
		{`RECORD FILE "r" "wav" "" "-1" "BEEP"`, "200 result=-1 (randomerror) endpos=0\n> CHANNEL STATUS\n< 200 result=6", func(ctx context.Context, s *agi.Session) []any {
			return pair(s.RecordFile(ctx, "r", "wav", agi.RecordOptions{Beep: true}))
		}, "[{ false 0} agi: RECORD FILE: 200 result=-1 (randomerror) endpos=0]"},
		{`RECORD FILE "r" "wav" "" "-1"`, "200 result=-1 (waitfor) endpos=5\n> CHANNEL STATUS\n< 200 result=6", func(ctx context.Context, s *agi.Session) []any {
			return pair(s.RecordFile(ctx, "r", "wav", agi.RecordOptions{}))
		}, "[{ false 5} agi: RECORD FILE: 200 result=-1 (waitfor) endpos=5]"},
		{`RECORD FILE "r" "wav" "" "-1"`, `200 result=-1 (hangup) endpos=7`, func(ctx context.Context, s *agi.Session) []any {
			return pair(s.RecordFile(ctx, "r", "wav", agi.RecordOptions{}))
		}, "[{ false 7} agi: the call was hung up]"},
		{`RECORD FILE "r" "wav" "" "-1"`, "200 result=-1 (writefile)\n> CHANNEL STATUS\n< 200 result=6", func(ctx context.Context, s *agi.Session) []any {
			return pair(s.RecordFile(ctx, "r", "wav", agi.RecordOptions{}))
		}, "[{ false 0} agi: RECORD FILE: 200 result=-1 (writefile)]"},

		{`SAY DIGITS "12*#" "9"`, `200 result=57`, func(ctx context.Context, s *agi.Session) []any { return pair(s.SayDigits(ctx, "12*#", "9")) }, "[9 <nil>]"},
		{`SAY NUMBER "-7" ""`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any { return pair(s.SayNumber(ctx, -7, "", "")) }, "[ <nil>]"},
		{`SAY NUMBER "1" "#" "f"`, `200 result=35`, func(ctx context.Context, s *agi.Session) []any { return pair(s.SayNumber(ctx, 1, "#", "f")) }, "[# <nil>]"},
		{`SAY ALPHA "ab" ""`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any { return pair(s.SayAlpha(ctx, "ab", "")) }, "[ <nil>]"},
		{`SAY PHONETIC "ab" ""`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any { return pair(s.SayPhonetic(ctx, "ab", "")) }, "[ <nil>]"},
		{`SAY DATE "1763712000" ""`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any { return pair(s.SayDate(ctx, when, "")) }, "[ <nil>]"},
		{`SAY TIME "1763712000" ""`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any { return pair(s.SayTime(ctx, when, "")) }, "[ <nil>]"},
		{`SAY DATETIME "1763712000" "" "HM" "UTC"`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any {
			return pair(s.SayDateTime(ctx, when, "", "HM", "UTC"))
		}, "[ <nil>]"},
		{`SAY DATETIME "1763712000" "#"`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any {
			return pair(s.SayDateTime(ctx, when, "#", "", ""))
		}, "[ <nil>]"},
		{`SAY DATETIME "1763712000" "" "ABdY 'digits/at' IMp" "UTC"`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any {
			return pair(s.SayDateTime(ctx, when, "", "", "UTC"))
		}, "[ <nil>]"},

		{`SEND TEXT "a \"b\""`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any { return list(s.SendText(ctx, `a "b"`)) }, "[<nil>]"},
		{`SEND IMAGE "logo"`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any { return list(s.SendImage(ctx, "logo")) }, "[<nil>]"},
		{`RECEIVE CHAR "2000"`, `200 result=65`, func(ctx context.Context, s *agi.Session) []any { return pair(s.ReceiveChar(ctx, 2*time.Second)) }, "[A <nil>]"},
		{`RECEIVE CHAR "2000"`, "200 result=0 (timeout)", func(ctx context.Context, s *agi.Session) []any { return pair(s.ReceiveChar(ctx, 2*time.Second)) }, "[ <nil>]"},
		{`RECEIVE CHAR "-1"`, "200 result=-1 (hangup)\n> CHANNEL STATUS\n< 200 result=6", func(ctx context.Context, s *agi.Session) []any { return pair(s.ReceiveChar(ctx, -1)) }, "[ <nil>]"},
		{`RECEIVE CHAR "0"`, "200 result=-1 (hangup)\n! hangup", func(ctx context.Context, s *agi.Session) []any { return pair(s.ReceiveChar(ctx, 0)) }, "[ agi: the call was hung up]"},
		{`RECEIVE TEXT "100"`, `200 result=1 (hello)`, func(ctx context.Context, s *agi.Session) []any {
			return triple(s.ReceiveText(ctx, 100*time.Millisecond))
		}, "[hello true <nil>]"},
		{`RECEIVE TEXT "100"`, "200 result=-1\n> CHANNEL STATUS\n< 200 result=6", func(ctx context.Context, s *agi.Session) []any {
			return triple(s.ReceiveText(ctx, 100*time.Millisecond))
		}, "[ false <nil>]"},
		{`RECEIVE TEXT "100"`, "200 result=-1\n! hangup", func(ctx context.Context, s *agi.Session) []any {
			return triple(s.ReceiveText(ctx, 100*time.Millisecond))
		}, "[ false agi: the call was hung up]"},

		{`TDD MODE "mate"`, `200 result=1`, func(ctx context.Context, s *agi.Session) []any { return pair(s.TDDMode(ctx, "mate")) }, "[true <nil>]"},
		{`TDD MODE "on"`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any { return pair(s.TDDMode(ctx, "on")) }, "[false <nil>]"},
		{`ASYNCAGI BREAK`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any { return list(s.AsyncAGIBreak(ctx)) }, "[<nil>]"},
		{`GOSUB "sub" "s" "1"`, "100 result=0 Trying...\n< 200 result=0 Gosub complete", func(ctx context.Context, s *agi.Session) []any { return list(s.Gosub(ctx, "sub", "s", "1")) }, "[<nil>]"},
		{`GOSUB "sub" "s" "main" "a,(b,c),\"d,e\",f\\,g"`, "100 result=0 Trying...\n< 200 result=0 Gosub complete", func(ctx context.Context, s *agi.Session) []any {
			return list(s.Gosub(ctx, "sub", "s", "main", "a", "(b,c)", `"d,e"`, `f\,g`))
		}, "[<nil>]"},
		{`GOSUB "nosub" "s" "1"`, "200 result=-1 Gosub label not found\n> CHANNEL STATUS\n< 200 result=6", func(ctx context.Context, s *agi.Session) []any { return list(s.Gosub(ctx, "nosub", "s", "1")) }, "[agi: GOSUB: 200 result=-1 Gosub label not found]"},

		{`SPEECH CREATE "vosk"`, `200 result=1`, func(ctx context.Context, s *agi.Session) []any { return list(s.SpeechCreate(ctx, "vosk")) }, "[<nil>]"},
		{`SPEECH CREATE ""`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any { return list(s.SpeechCreate(ctx, "")) }, "[agi: SPEECH CREATE: 200 result=0]"},
		{`SPEECH SET "model" "a b"`, `200 result=1`, func(ctx context.Context, s *agi.Session) []any { return list(s.SpeechSet(ctx, "model", "a b")) }, "[<nil>]"},
		{`SPEECH LOAD GRAMMAR "g" "/g.xml"`, `200 result=1`, func(ctx context.Context, s *agi.Session) []any { return list(s.SpeechLoadGrammar(ctx, "g", "/g.xml")) }, "[<nil>]"},
		{`SPEECH UNLOAD GRAMMAR "g"`, `200 result=1`, func(ctx context.Context, s *agi.Session) []any { return list(s.SpeechUnloadGrammar(ctx, "g")) }, "[<nil>]"},
		{`SPEECH ACTIVATE GRAMMAR "g"`, `200 result=1`, func(ctx context.Context, s *agi.Session) []any { return list(s.SpeechActivateGrammar(ctx, "g")) }, "[<nil>]"},
		{`SPEECH DEACTIVATE GRAMMAR "g"`, `200 result=0`, func(ctx context.Context, s *agi.Session) []any { return list(s.SpeechDeactivateGrammar(ctx, "g")) }, "[agi: SPEECH DEACTIVATE GRAMMAR: 200 result=0]"},
		{`SPEECH DESTROY`, `200 result=1`, func(ctx context.Context, s *agi.Session) []any { return list(s.SpeechDestroy(ctx)) }, "[<nil>]"},
		{`SPEECH RECOGNIZE "hi" "2" "800"`, `200 result=1 (speech) endpos=7 results=2 score0=900 text0="say "yes"" grammar0=a score1=10 text1="" grammar1=`, recognize(1500*time.Millisecond, 800), `[{[{900 say "yes" a} {10  }]  false 7} <nil>]`},
		{`SPEECH RECOGNIZE "hi" "0"`, `200 result=1 (speech) endpos=0 results=0 `, recognize(0, 0), "[{[]  false 0} <nil>]"},
		{`SPEECH RECOGNIZE "hi" "5"`, `200 result=1 (timeout) endpos=0`, recognize(5*time.Second, 0), "[{[]  true 0} <nil>]"},
		{`SPEECH RECOGNIZE "hi" "0"`, "200 result=1 (hangup) endpos=0\n! hangup", recognize(-1, 0), "[{[]  false 0} agi: the call was hung up]"},
		{`SPEECH RECOGNIZE "hi" "0"`, `200 result=0`, recognize(0, 0), "[{[]  false 0} agi: SPEECH RECOGNIZE: 200 result=0]"},
		{`SPEECH RECOGNIZE "hi" "0"`, `200 result=1 (speech) endpos=0 results=1 score0=x`, recognize(0, 0), `[{[]  false 0} agi: speech result "result=1 (speech) endpos=0 results=1 score0=x" is not understood]`},
	}
	for _, tt := range tests {
		t.Run(tt.line, func(t *testing.T) {
			play(t, "> "+tt.line+"\n< "+tt.reply, func(t *testing.T, ctx context.Context, s *agi.Session) error {
				if d := cmp.Diff(fmt.Sprint(tt.run(ctx, s)), tt.want); d != "" {
					t.Errorf("got - want +\n%s", d)
				}
				return nil
			})
		})
	}
}

func pair[A any](a A, err error) []any           { return []any{a, err} }
func triple[A, B any](a A, b B, err error) []any { return []any{a, b, err} }

func recognize(timeout time.Duration, offset int64) func(context.Context, *agi.Session) []any {
	return func(ctx context.Context, s *agi.Session) []any {
		return pair(s.SpeechRecognize(ctx, "hi", timeout, offset))
	}
}

// What Asterisk would read as something else is not sent.
func TestRefusedArguments(t *testing.T) {
	tests := []struct {
		name string
		run  func(ctx context.Context, s *agi.Session) error
		want error
	}{
		{"newline", func(ctx context.Context, s *agi.Session) error { return s.SetVariable(ctx, "A", "b\nHANGUP") }, agi.ErrBadArgument},
		{"carriage return", func(ctx context.Context, s *agi.Session) error { return s.Verbose(ctx, "a\r", 1) }, agi.ErrBadArgument},
		{"NUL", func(ctx context.Context, s *agi.Session) error { return s.SendText(ctx, "a\x00") }, agi.ErrBadArgument},
		{"line too long", func(ctx context.Context, s *agi.Session) error {
			return s.DatabasePut(ctx, "a", "b", strings.Repeat("x", 2100))
		}, agi.ErrTooLong},
		{"too many keys", func(ctx context.Context, s *agi.Session) error { _, _, err := s.GetData(ctx, "a", 0, 1024); return err }, agi.ErrTooLong},
		{"number too large", func(ctx context.Context, s *agi.Session) error { _, err := s.SayNumber(ctx, 1<<31, "", ""); return err }, agi.ErrBadArgument},
		{"comma", gosub("a,b"), agi.ErrBadArgument},
		{"open quote", gosub(`"a`, `b"`), agi.ErrBadArgument},
		{"open parenthesis", gosub("(a", "b)"), agi.ErrBadArgument},
		{"backslash at the end", gosub(`a\`, "b"), agi.ErrBadArgument},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			play(t, "> NOOP\n< 200 result=0", func(t *testing.T, ctx context.Context, s *agi.Session) error {
				wantErr(t, "the command", tt.run(ctx, s), tt.want)
				return s.Noop(ctx)
			})
		})
	}
}

func gosub(args ...string) func(context.Context, *agi.Session) error {
	return func(ctx context.Context, s *agi.Session) error { return s.Gosub(ctx, "sub", "s", "1", args...) }
}

// The table has the methods of Session that send a command, all of them and no others.
func TestCommandsTable(t *testing.T) {
	listed := make(map[string]bool)
	for _, c := range agi.Commands {
		if c.Name != strings.ToUpper(c.Name) || listed[c.Method] {
			t.Errorf("%v: in small letters or a second time", c)
		}
		listed[c.Method] = true
	}
	typ := reflect.TypeFor[*agi.Session]()
	for m := range typ.Methods() {
		command := m.Name != "Do" && m.Type.NumIn() > 1 && m.Type.In(1) == reflect.TypeFor[context.Context]()
		if command != listed[m.Name] {
			t.Errorf("method %s: is a command: %v, is in the table: %v", m.Name, command, listed[m.Name])
		}
		delete(listed, m.Name)
	}
	if len(listed) > 0 {
		t.Errorf("no methods for %v", listed)
	}
}

// A result that is no number where one belongs is an error, not a key.
func TestOddResult(t *testing.T) {
	play(t, `
		> WAIT FOR DIGIT "-1"
		< 200 result=soon
	`, func(t *testing.T, ctx context.Context, s *agi.Session) error {
		if digit, err := s.WaitForDigit(ctx, -1); err == nil || errors.Is(err, agi.ErrHangup) {
			t.Errorf("got %q, %v, want an error", digit, err)
		}
		return nil
	})
}
