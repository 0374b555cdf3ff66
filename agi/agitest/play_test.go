package agitest_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/agi/agitest"
)

// outcome plays a transcript to a handler and returns Play's error.
func outcome(t *testing.T, transcript string, h agi.HandlerFunc) (err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		asterisk, conn := net.Pipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			(&agi.Server{Handler: h}).ServeConn(t.Context(), conn)
		}()
		err = agitest.Play(t.Context(), asterisk, transcript)
		<-done
	})
	return err
}

func greet(ctx context.Context, s *agi.Session) error {
	if err := s.Answer(ctx); err != nil {
		return err
	}
	_, _, err := s.StreamFile(ctx, "hello-"+s.Env().CallerID(), "", 0)
	return err
}

func TestPlay(t *testing.T) {
	for _, transcript := range []string{
		"> ANSWER\n< 200 result=0\n> STREAM FILE \"hello-5550100\" \"\"\n< 200 result=0",
		"env agi_callerid: 1\n\n# a comment\n> *\n< 200 result=0\n  > STREAM FILE \"hello-1\" *\n. 1h\n< 200 result=0\n",
		"> ANSWER\n! close",
		"! hangup\n. 1s\n> ANSWER\n< 511 Command Not Permitted on a dead channel or intercept routine",
		"> ANSWER\n< 200 result=-1\n! hangup",
		"> ANSWER\n< 510 Invalid or unknown command\n> FAILURE",
		"! split\n> ANSWER\n< 200 result=0\n> *\n< 200 result=0",
		"> ANSWER\n<- 200 re\n. 1s\n<- sul\n< t=0\n> *\n< \"200 result=0\"",
		"env cut 0\n! close",
		"env cut 40\n! stall",
		"env cut 40\n. 4s\n! stall", // after five, the server gives up
		"env cut 0\n< agi_callerid: 7\n<\n> ANSWER\n< 200 result=0\n> STREAM FILE \"hello-7\" \"\"\n< 200 result=0",
	} {
		if err := outcome(t, transcript, func(ctx context.Context, s *agi.Session) error {
			if strings.HasPrefix(transcript, "! hangup") {
				ctx = context.WithoutCancel(ctx)
			}
			return greet(ctx, s)
		}); err != nil {
			t.Errorf("%q: %v", transcript, err)
		}
	}
}

func TestMismatch(t *testing.T) {
	answered := "> ANSWER\n< 200 result=0\n"
	tests := []struct{ name, transcript, want string }{
		{"another command", answered + `> STREAM FILE "hello-5550199" ""`, `agitest: transcript line 3: the server sent something else
	 got: STREAM FILE "hello-5550100" ""
	want: STREAM FILE "hello-5550199" ""
	                              ^
	before that:
		> ANSWER
		< 200 result=0`},
		{"one command more", answered, `agitest: the server goes on after the transcript's end
	 got: STREAM FILE "hello-5550100" ""
	before that:
		> ANSWER
		< 200 result=0`},
		{"one command less", answered + "> *\n< 200 result=0\n> HANGUP", `agitest: transcript line 5: the server closed the connection
	want: HANGUP
	before that:
		> ANSWER
		< 200 result=0
		> STREAM FILE "hello-5550100" ""
		< 200 result=0`},
		{"speaking too early", answered + ". 1s\n! hangup", `agitest: transcript line 3: the server spoke while Asterisk was busy
	 got: STREAM FILE "hello-5550100" ""
	want: 1s
	      ^
	before that:
		> ANSWER
		< 200 result=0`},
		{"failure", "> ANSWER\n< 510 Invalid or unknown command\n> HANGUP", `agitest: transcript line 3: the server sent something else
	 got: FAILURE
	want: HANGUP
	      ^
	before that:
		> ANSWER
		< 510 Invalid or unknown command`},
		{"going on after a failure", "> ANSWER\n< 510 Invalid or unknown command\n> FAILURE\n< 200 result=0", `agitest: transcript line 4: Asterisk closes at FAILURE
	want: 200 result=0
	before that:
		> ANSWER
		< 510 Invalid or unknown command
		> FAILURE`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := outcome(t, tt.transcript, greet)
			if err == nil {
				t.Fatal("got no error")
			}
			if d := cmp.Diff(err.Error(), tt.want); d != "" {
				t.Errorf("got - want +\n%s", d)
			}
		})
	}
}

// A server that never speaks, or never ends, is told of after a while.
func TestPatience(t *testing.T) {
	wait := func(ctx context.Context, s *agi.Session) error {
		<-ctx.Done()
		return nil
	}
	for transcript, want := range map[string]string{
		"> ANSWER": "agitest: transcript line 1: the server sent nothing for 1m0s\n\twant: ANSWER\n\tbefore that: only the environment",
		"! stall":  "agitest: transcript line 1: the server did nothing for 1m0s and keeps the connection\n\twant: stall\n\tbefore that: only the environment",
		"":         "agitest: the server keeps the connection after the transcript's end\n\tbefore that: only the environment",
	} {
		if err := outcome(t, transcript, wait); err == nil || err.Error() != want {
			t.Errorf("%q: got %v\nwant %s", transcript, err, want)
		}
	}
}

func TestPlayContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asterisk, conn := net.Pipe()
		defer conn.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		// Nobody reads, so the environment is never written.
		if err := agitest.Play(ctx, asterisk, "> ANSWER"); err != context.DeadlineExceeded {
			t.Errorf("got %v, want the deadline", err)
		}
	})
}

func TestBadTranscript(t *testing.T) {
	for transcript, want := range map[string]string{
		"\nhello":                     `agitest: transcript line 2: "hello" is none of env, >, <, <-, ., ! hangup, ! split, ! stall, ! close, #`,
		"> A\nenv agi_x: y":           `agitest: transcript line 2: "env agi_x: y" comes too late: the environment is sent first`,
		"env x: y":                    `agitest: transcript line 1: "x: y" is not of the form agi_name: value`,
		". soon":                      `agitest: transcript line 1: "soon" is no time, such as 30s or 1m30s`,
		"! close\n> A":                `agitest: transcript line 2: "> A" comes after Asterisk has ended the conversation`,
		"! stall\n! hangup":           `agitest: transcript line 2: "! hangup" comes after Asterisk has ended the conversation`,
		"! wave":                      `agitest: transcript line 1: "! wave" is none of env, >, <, <-, ., ! hangup, ! split, ! stall, ! close, #`,
		`< "200`:                      `agitest: transcript line 1: "200 is not a text in quotes, as Go has them`,
		"env cut -1":                  `agitest: transcript line 1: "-1" is no number of bytes`,
		"env agi_request: agi://a b/": "agitest: transcript line 1: agi_request: parse \"agi://a b/\": invalid character \" \" in host name",
	} {
		here, there := net.Pipe()
		if err := agitest.Play(t.Context(), here, transcript); err == nil || err.Error() != want {
			t.Errorf("%q: got %v\nwant %s", transcript, err, want)
		}
		there.Close()
	}
}

func TestEnvironment(t *testing.T) {
	transcript := "env agi_request: agi://pbx/a/b?c=d\nenv agi_arg_1: one\nenv agi_callerid: unknown"
	if err := outcome(t, transcript, func(ctx context.Context, s *agi.Session) error {
		env := s.Env()
		if got, want := env.Path()+" "+env.Query().Get("c")+" "+strings.Join(env.Args(), ",")+" "+env.CallerID(), "/a/b d one "; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}
