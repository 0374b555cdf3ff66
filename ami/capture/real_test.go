package capture_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/capture"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

func TestMain(m *testing.M) { asterisktest.Main(m) }

// secrets are the only ones in the tests below.
var secrets = []string{"hush", "48151623"}

// secretive is a server that tells its secrets in many ways.
var secretive = asterisktest.Config{
	ManagerRead: "all", ManagerWrite: "all",
	Files: map[string]string{
		"pjsip_local.conf":   "[ann]\ntype=endpoint\nauth=ann\n[ann]\ntype=auth\nauth_type=userpass\nusername=ann\npassword=hush,hush hush\n",
		"voicemail.conf":     "[general]\nformat=wav\n[default]\n1234 => 48151623,Ann,ann@example.org\n",
		"meetme.conf":        "[rooms]\nconf => 600,48151623,48151623\n",
		"sip.conf":           "[general]\nregister => ann:hush@127.0.0.1/12\n",
		"manager_local.conf": "[other]\nsecret=hush\nread=system\n",
	},
	Dialplan: `[main]
exten => secrets,1,Answer()
 same => n,Set(PIN=hush)
 same => n,Set(GLOBAL(API_KEY)=hush and hush)
 same => n,Set(CONFBRIDGE(user,pin)=48151623)
 same => n,Set(DB(people/pin)=hush)
 same => n,Set(BODY={"password":"hush and hush","n":1})
 same => n,NoOp(agi://ann:hush@127.0.0.1/x)
 same => n,Authenticate(48151623)
exten => agi,1,Answer()
 same => n,AGI(agi:async)
` + asterisktest.Phone("stays", asterisktest.Answer(), asterisktest.Wait(time.Minute)),
}

// questions ask for secrets.
var questions = []ami.Action{
	ami.Action{Name: "Getvar"}.With("Variable", "DB(people/pin)"),
	ami.Action{Name: "Getvar"}.With("Variable", "API_KEY"),
	ami.Action{Name: "Status"}.With("AllVariables", "true"),
	ami.Action{Name: "DBGet"}.With("Family", "people").With("Key", "pin"),
	ami.Action{Name: "DBGetTree"}.With("Family", "people"),
	{Name: "PJSIPShowAuths"},
	ami.Action{Name: "PJSIPShowEndpoint"}.With("Endpoint", "ann"),
	ami.Action{Name: "ShowDialPlan"}.With("Context", "main"),
	{Name: "CoreShowChannels"},
	ami.Action{Name: "UserEvent"}.With("UserEvent", "X").With("PIN", "hush").With("Body", "pin=hush, n=1"),
	ami.Action{Name: "Originate"}.With("Channel", "Local/stays@phones").With("Application", "Authenticate").
		With("Data", "48151623").With("Variable", "PIN=hush").With("Async", "true"),
}

func init() {
	for _, file := range []string{"pjsip_local.conf", "voicemail.conf", "meetme.conf", "sip.conf", "manager_local.conf", "extensions.conf"} {
		questions = append(questions, ami.Action{Name: "GetConfig"}.With("Filename", file), ami.Action{Name: "GetConfigJSON"}.With("Filename", file))
	}
	for _, command := range []string{
		"dialplan show main", "dialplan show globals", "database show", "pjsip show auth ann", "manager show user other",
		"core show channels", "core show channels verbose", "core show channels concise",
	} {
		questions = append(questions, ami.Action{Name: "Command"}.With("Command", command))
	}
}

// TestRealSecrets has no secret of a server reach a capture, or what the console prints.
func TestRealSecrets(t *testing.T) {
	asterisktest.Each(t, func(t *testing.T, _ asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		t.Parallel()
		pbx := start(secretive)
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		var file bytes.Buffer
		var printed strings.Builder // by the read goroutine, until Run returns
		redactor := capture.NewRedactor(false)
		w := capture.NewWriter(&file, capture.Options{})
		up, asked, agi := make(chan string, 10), make(chan string, 10), make(chan string, 10)
		c := ami.New(ami.Options{
			Addr: pbx.AMI, Username: pbx.AMIUser, Secret: pbx.AMISecret, Dial: w.Dial(nil),
			OnState: func(s ami.State, _ error) {
				if s == ami.Connected {
					up <- ""
				}
			},
			Handler: func(e ami.Event) {
				printed.WriteString(redactor.Message(e.Message).String() + "\n")
				switch {
				case e.Name() == "Newexten" && e.Get("Application") == "Authenticate" && e.Get("Context") == "main":
					asked <- e.Get("Channel")
				case e.Name() == "AsyncAGIStart":
					agi <- e.Get("Channel")
				}
			},
		})
		var session sync.WaitGroup
		running, end := context.WithCancel(ctx)
		session.Go(func() { c.Run(running) })
		defer session.Wait()
		defer end()
		await := func(what string, came <-chan string) string {
			t.Helper()
			select {
			case channel := <-came:
				return channel
			case <-ctx.Done():
				t.Fatalf("%s within a minute", what)
				return ""
			}
		}
		await("no session", up)
		for _, exten := range []string{"secrets", "agi"} {
			if _, err := pbx.Originate(ctx, asterisktest.Call{Channel: "Local/stays@phones/n", Context: "main", Exten: exten}); err != nil {
				t.Fatal(err)
			}
		}
		channel, controlled := await("nobody is asked for the PIN", asked), await("no AGI", agi)
		more := []ami.Action{
			ami.Action{Name: "Getvar"}.With("Channel", channel).With("Variable", "PIN"),
			ami.Action{Name: "Command"}.With("Command", "core show channel "+channel),
			ami.Action{Name: "AGI"}.With("Channel", controlled).With("Command", `SET VARIABLE PIN "hush"`),
			ami.Action{Name: "AGI"}.With("Channel", controlled).With("Command", "DATABASE PUT people pin hush"),
			ami.Action{Name: "AGI"}.With("Channel", controlled).With("Command", "EXEC Set PIN=hush,hush"),
		}
		other := capture.NewRedactor(false)
		var answers strings.Builder
		for _, a := range append(more, questions...) {
			r, err := c.Do(ctx, a)
			if _, refused := errors.AsType[*ami.Error](err); err != nil && !refused {
				t.Fatal(err)
			}
			answers.WriteString(other.Message(r.Message).String() + "\n")
		}
		if err := ami.New(ami.Options{Addr: pbx.AMI, Username: "other", Secret: "wrong"}).Run(ctx); !errors.Is(err, ami.ErrLoginRefused) {
			t.Errorf("a wrong secret: %v", err)
		}
		if _, err := c.Do(ctx, ami.Action{Name: "Ping"}); err != nil { // so that all before is here
			t.Error(err)
		}
		end()
		session.Wait()
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		for what, text := range map[string]string{"the capture": file.String(), "events": printed.String(), "answers": answers.String()} {
			for line := range strings.Lines(text) {
				for _, secret := range secrets {
					if strings.Contains(line, secret) {
						t.Errorf("%s: %s", what, strings.TrimSpace(line))
					}
				}
			}
		}
		for _, there := range []string{ // what would have told
			"CONFBRIDGE(user,pin)=***", "Md5Cred", "Val: ***", "Line-000001-000000: 1234=***,Ann", "ann:***@127.0.0.1", "Authenticate(***)",
			"Command: SET VARIABLE PIN ***", "Event: ChallengeResponseFailed", "Data: ***",
		} {
			if !strings.Contains(file.String(), there) {
				t.Errorf("the capture has no %s", there)
			}
		}
	})
}
