package agitest_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/agi/agitest"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

func TestMain(m *testing.M) { asterisktest.Main(m) }

// record plays a transcript to a handler and returns what was recorded.
func record(t *testing.T, transcript string, h agi.HandlerFunc) (recorded string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		asterisk, conn := net.Pipe()
		done := make(chan struct{})
		call := agitest.Record(conn)
		go func() {
			defer close(done)
			(&agi.Server{Handler: h}).ServeConn(t.Context(), call)
		}()
		if err := agitest.Play(t.Context(), asterisk, transcript); err != nil {
			t.Error(err)
		}
		<-done
		recorded = call.Transcript()
	})
	return recorded
}

// What is recorded of a transcript that is played is that transcript.
func TestRecord(t *testing.T) {
	const usage = "< 520-Usage: A\n< \"  200 result=1 (x)  \"\n< 520 End of proper usage.\n"
	for name, transcript := range map[string]string{
		"silences":       "> ANSWER\n. 2s\n< 200 result=0\n. 1m30s\n> STREAM FILE \"hello-5550100\" \"\"\n. 3s\n< 200 result=0\n",
		"environment":    "env agi_request: agi://pbx/a/b?c=d\nenv agi_callerid: 1\nenv agi_accountcode: x\nenv agi_arg_1: one two\nenv -agi_rdnis\n> ANSWER\n! close\n",
		"another script": "env agi_network_script: other\n> ANSWER\n! close\n",
		"hangup":         "> ANSWER\n< 200 result=0\n> STREAM FILE \"hello-5550100\" \"\"\n. 3s\n< 200 result=-1\n! hangup\n",
		"value":          "> ANSWER\n< 200 result=1 (a\n< \" b\\x00\"\n< c)\n> STREAM FILE \"hello-5550100\" \"\"\n< 200 result=0\n",
		"failure":        "> ANSWER\n" + usage + "> FAILURE\n",
		"cut reply":      "> ANSWER\n<- 200 res\n. 1s\n! close\n",
		"cut off":        "env agi_network: no\nenv cut 16\n. 1s\n! close\n",
		"at the end":     "> ANSWER\n< 200 result=0\n> STREAM FILE \"hello-5550100\" \"\"\n< 200 result=0\n. 2h0m0s\n",
	} {
		t.Run(name, func(t *testing.T) {
			got := record(t, transcript, func(ctx context.Context, s *agi.Session) error {
				if name == "silences" {
					err := s.Answer(ctx)
					time.Sleep(90 * time.Second)
					_, _, err2 := s.StreamFile(ctx, "hello-5550100", "", 0)
					return errors.Join(err, err2)
				}
				err := greet(ctx, s)
				if name == "at the end" {
					time.Sleep(2 * time.Hour)
				}
				return err
			})
			if d := cmp.Diff(got, transcript); d != "" {
				t.Errorf("got - want +\n%s", d)
			}
		})
	}
}

// menu is a handler with a bit of everything.
func menu(ctx context.Context, s *agi.Session) error {
	if err := s.Answer(ctx); err != nil {
		return err
	}
	short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	if _, _, err := s.StreamFile(short, "demo-congrats", "", 0); !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if err := s.SetVariable(ctx, "NAME", `a "quoted" \ name, ü`); err != nil {
		return err
	}
	if _, _, err := s.GetVariable(ctx, "NAME"); err != nil {
		return err
	}
	if _, err := s.Do(ctx, "GET VARIABLE"); err == nil { // answered by its usage
		return errors.New("no usage")
	}
	digits, _, err := s.GetData(ctx, "demo-instruct", 5*time.Second, 3)
	if err != nil {
		return err
	}
	if _, err = s.Exec(ctx, "Wait", "0.2"); err != nil {
		return err
	}
	if err = s.SetVariable(ctx, "DIGITS", digits); err != nil {
		return err
	}
	_, _, err = s.StreamFile(ctx, "demo-congrats", "", 0) // the caller hangs up
	cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return errors.Join(err, s.SetVariable(cleanup, "RESULT", "gone"))
}

// A call of a real Asterisk is recorded, and played to the same handler.
func TestRecordReal(t *testing.T) {
	asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		pbx := start(asterisktest.Config{Dialplan: fmt.Sprintf("[calls]\nexten => menu,1,AGI(agi://%s/menu?x=1,first)\n", ln.Addr()) +
			asterisktest.Phone("ann", asterisktest.Answer(), asterisktest.Wait(2*time.Second), asterisktest.Press("123"), asterisktest.Wait(2*time.Second))})
		if _, err := pbx.Originate(t.Context(), asterisktest.Call{
			Channel: "Local/ann@phones", Context: "calls", Exten: "menu", CallerID: `"Ann" <5550100>`,
		}); err != nil {
			t.Fatal(err)
		}
		conn, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		call := agitest.Record(conn)
		srv := &agi.Server{Handler: agi.HandlerFunc(menu)}
		srv.ServeConn(t.Context(), call)
		transcript := call.Transcript()
		for _, want := range []string{"env agi_arg_1: first\n", "> GET FULL VARIABLE \"agi-sync-1\"\n", "< 200 result=123\n", "! hangup\n"} {
			if !strings.Contains(transcript, want) {
				t.Errorf("the transcript lacks %q", want)
			}
		}
		synctest.Test(t, func(t *testing.T) { agitest.Run(t, agi.HandlerFunc(menu), transcript) })
		t.Logf("the transcript:\n%s", transcript)
	})
}
