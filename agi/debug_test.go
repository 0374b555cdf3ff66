package agi_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/agi"
)

// debugged plays a transcript to a server and returns what its Debug got.
func debugged(t *testing.T, srv *agi.Server, transcript string) string {
	t.Helper()
	log := new(buffer)
	srv.Debug = log
	serve(t, srv, func(t *testing.T, m *memory) {
		if err := <-m.call(t, transcript); err != nil {
			t.Error(err)
		}
		synctest.Wait()
	})
	return log.String()
}

func TestDebug(t *testing.T) {
	got := debugged(t, &agi.Server{Handler: handle(func(ctx context.Context, s *agi.Session) error {
		value(t, ctx, s, "A", "x)\ny")
		s.Do(ctx, "NONSENSE")
		after(ctx, 10*time.Second, func(ctx context.Context) error {
			_, err := s.WaitForDigit(ctx, -1)
			return err
		})
		value(t, ctx, s, "B", "J\xfcrgen\tč")
		<-ctx.Done()
		return errors.New("for the test")
	})}, `
		env agi_channel: PJSIP/alice
		> GET VARIABLE "A"
		< 200 result=1 (x)
		< y)
		> NONSENSE
		< 520-Invalid
		< usage
		< 520 End of proper usage.
		> WAIT FOR DIGIT "-1"
		. 1h
		> GET FULL VARIABLE "agi-sync-1"
		< 200 result=55
		< 200 result=1 (agi-sync-1)
		> GET VARIABLE "B"
		< "200 result=1 (J\xfcrgen\tč)"
		. 1s
		<- no end
		! close
	`)
	var lines []string
	for line := range strings.Lines(got) {
		stamp, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if _, err := time.Parse(time.RFC3339Nano, stamp); err != nil {
			t.Error(err)
		}
		lines = append(lines, rest)
	}
	want := []string{
		"PJSIP/alice < agi_threadid: 140000000000000",
		"PJSIP/alice < ",
		`PJSIP/alice > GET VARIABLE "A"`,
		"PJSIP/alice < 200 result=1 (x)",
		"PJSIP/alice < y)",
		"PJSIP/alice > NONSENSE",
		"PJSIP/alice < 520-Invalid",
		"PJSIP/alice < usage",
		"PJSIP/alice < 520 End of proper usage.",
		`PJSIP/alice > WAIT FOR DIGIT "-1"`,
		`PJSIP/alice > GET FULL VARIABLE "agi-sync-1"`,
		"PJSIP/alice < 200 result=***",
		"PJSIP/alice < 200 result=*** ***",
		`PJSIP/alice > GET VARIABLE "B"`,
		`PJSIP/alice < 200 result=1 (J\xfcrgen\x09č)`,
		"PJSIP/alice < no end (no newline)",
	}
	if d := cmp.Diff(lines[max(0, len(lines)-len(want)):], want); d != "" {
		t.Errorf("got - want +\n%s", d)
	}
}

// A connection that is no call is seen, too.
func TestDebugWithoutChannel(t *testing.T) {
	got := debugged(t, &agi.Server{}, "env cut 0\n< GET / HTTP/1.1")
	if want := " - < GET / HTTP/1.1\n"; !strings.HasSuffix(got, want) {
		t.Errorf("got %q, want %q at its end", got, want)
	}
}

// No secret is ever shown: here all of them have a Q, and a Q is nowhere else.
func TestDebugHidesSecrets(t *testing.T) {
	got := debugged(t, &agi.Server{Handler: handle(func(ctx context.Context, s *agi.Session) error {
		s.SetVariable(ctx, "USER_PIN", "Q 1")
		s.SetVariable(ctx, "COLOUR", "shown")
		s.Do(ctx, "set variable password Q1")
		s.Do(ctx, `SET VARIABLE "API\TOKEN" "Q\"1"`)
		s.GetVariable(ctx, "PASSWORD")
		s.GetFullVariable(ctx, "${HASH(x,secret)}", "")
		s.DatabasePut(ctx, "cards", "5550100", "Q1")
		s.DatabaseGet(ctx, "users", "5550100/pin")
		s.GetData(ctx, "enter-pin", 0, 0)
		s.GetData(ctx, "enter-pin", 0, 0)
		s.StreamFile(ctx, "welcome", "1", 0)
		s.ReceiveText(ctx, time.Second)
		s.Do(ctx, "SPEECH RECOGNIZE", "what", "5", "0")
		s.SayDigits(ctx, "1Q", "")
		s.Exec(ctx, "Set", "PIN=Q1")
		s.Exec(ctx, "SendDTMF", "Q1")
		s.Exec(ctx, "Authenticate", "Q1")
		s.Exec(ctx, "Wait", "1")
		s.Verbose(ctx, "the password is Q", 1)
		s.Do(ctx, "NONSENSE")
		return nil
	})}, `
		env agi_network_script: route?password=Q1
		env agi_channel: PJSIP/alice
		> SET VARIABLE "USER_PIN" "Q 1"
		< 200 result=1
		> SET VARIABLE "COLOUR" "shown"
		< 200 result=1
		> set variable password Q1
		< 200 result=1
		> SET VARIABLE "API\TOKEN" "Q\"1"
		< 200 result=1
		> GET VARIABLE "PASSWORD"
		< 200 result=1 (Q1)
		< Q2)
		> GET FULL VARIABLE "${HASH(x,secret)}"
		< 200 result=1 (Q1
		< Q2)
		> DATABASE PUT "cards" "5550100" "Q1"
		< 200 result=1
		> DATABASE GET "users" "5550100/pin"
		< 200 result=1 (Q1)
		> GET DATA "enter-pin"
		< 200 result=0Q (timeout)
		> GET DATA "enter-pin"
		< 200 result= (timeout)
		> STREAM FILE "welcome" "1"
		< 200 result=49Q endpos=800
		> RECEIVE TEXT "1000"
		< 200 result=1 (Q1)
		> SPEECH RECOGNIZE "what" "5" "0"
		< 200 result=1 (speech) endpos=0 results=1 score0=900 text0="Q" grammar0=digits
		> SAY DIGITS "1Q" ""
		< 200 result=0
		> EXEC "Set" "PIN=Q1"
		< 200 result=0
		> EXEC "SendDTMF" "Q1"
		< 200 result=0
		> EXEC "Authenticate" "Q1"
		< 200 result=0
		> EXEC "Wait" "1"
		< 200 result=0
		> VERBOSE "the password is Q" "1"
		< 200 result=1
		> NONSENSE
		< Q3)
		< 510 Invalid or unknown command
	`)
	for line := range strings.Lines(got) {
		if strings.Contains(line, "Q") {
			t.Errorf("got a secret: %s", line)
		}
	}
	for _, want := range []string{
		`> SET VARIABLE "USER_PIN" ***`, `> SET VARIABLE "COLOUR" "shown"`, "> set variable password ***",
		`> SET VARIABLE "API\TOKEN" ***`, "< 200 result=1 (***)", `> DATABASE PUT "cards" "5550100" ***`,
		`> GET DATA "enter-pin"`, "< 200 result=*** (timeout)", "< 200 result= (timeout)", "< 200 result=*** endpos=800",
		`> SAY DIGITS *** ""`, `> EXEC "Set" ***`, `> EXEC "SendDTMF" ***`, `> EXEC "Wait" "1"`, `> VERBOSE *** "1"`,
		"< agi_network_script: ***", "< ***",
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("got no line %s in\n%s", want, got)
		}
	}
}

// Secret takes the place of what looks secret otherwise.
func TestDebugSecret(t *testing.T) {
	srv := &agi.Server{
		Secret: func(text string) bool { return text == "COLOUR" },
		Handler: handle(func(ctx context.Context, s *agi.Session) error {
			s.SetVariable(ctx, "COLOUR", "red")
			return s.SetVariable(ctx, "PIN", "1234")
		}),
	}
	got := debugged(t, srv, `
		> SET VARIABLE "COLOUR" "red"
		< 200 result=1
		> SET VARIABLE "PIN" "1234"
		< 200 result=1
	`)
	for _, want := range []string{`"COLOUR" ***`, `"PIN" "1234"`} {
		if !strings.Contains(got, want) {
			t.Errorf("got no %s in\n%s", want, got)
		}
	}
}
