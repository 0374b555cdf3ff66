package agi_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// realInterrupt is a command that takes 25 seconds and more, and the action that ends
// it.
type realInterrupt struct {
	name   string
	run    func(ctx context.Context, s *agi.Session) error
	action ami.Action // with the session's channel added, unless it has one
	landed bool       // the call is taken away, and goes on in the dialplan
}

func runApp(app, args string) func(context.Context, *agi.Session) error {
	return func(ctx context.Context, s *agi.Session) error {
		_, err := s.Exec(ctx, app, args)
		return err
	}
}

func recordUntil(escape string) func(context.Context, *agi.Session) error {
	return func(ctx context.Context, s *agi.Session) error {
		_, err := s.RecordFile(ctx, "/tmp/agi-"+s.Env().UniqueID(), "wav", agi.RecordOptions{EscapeDigits: escape})
		return err
	}
}

func sayDigits(escape string) func(context.Context, *agi.Session) error {
	return func(ctx context.Context, s *agi.Session) error {
		_, err := s.SayDigits(ctx, strings.Repeat("1", 60), escape)
		return err
	}
}

func action(name string, pairs ...string) ami.Action {
	a := ami.Action{Name: name}
	for i := 0; i < len(pairs); i += 2 {
		a = a.With(pairs[i], pairs[i+1])
	}
	return a
}

var (
	pressHash = action("PlayDTMF", "Digit", "#", "Receive", "true")
	stopSound = action("ControlPlayback", "Control", "stop")
	toReturn  = action("Redirect", "Context", "landing", "Exten", "return", "Priority", "1")
	toLanding = action("Redirect", "Context", "landing", "Exten", "there", "Priority", "1")
)

var realInterrupts = []realInterrupt{
	{"record", recordUntil("#"), pressHash, false},
	{"say", sayDigits("#"), pressHash, false},
	{"read", runApp("Read", "ANSWER,"+long+",5,,1,60"), pressHash, false},
	{"background", runApp("Background", long), pressHash, false},
	{"waitexten", runApp("WaitExten", "60"), pressHash, false},
	{"control", func(ctx context.Context, s *agi.Session) error {
		_, _, err := s.ControlStreamFile(ctx, long, "", agi.Control{})
		return err
	}, stopSound, false},
	{"playback", runApp("Playback", long), stopSound, false},
	{"backgroundstop", runApp("Background", long), stopSound, false},
	{"dial", runApp("Dial", "Local/callee@phones,60"), action("Hangup", "Channel", `/^Local\/callee@/`), false},
	{"gosub", func(ctx context.Context, s *agi.Session) error {
		return s.Gosub(ctx, "waiting", "s", "1")
	}, toReturn, false},

	{"wait", runApp("Wait", "60"), toLanding, true},
	{"music", runApp("MusicOnHold", "default,60"), toLanding, true},
	{"recordforever", recordUntil(""), toLanding, true},
	{"sayforever", sayDigits(""), toLanding, true},
	{"receivetext", func(ctx context.Context, s *agi.Session) error {
		_, _, err := s.ReceiveText(ctx, time.Minute)
		return err
	}, toLanding, true},
}

// TestRealInterrupt ends commands by the manager.
func TestRealInterrupt(t *testing.T) {
	asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		pbx := start(asterisktest.Config{ManagerWrite: "call,system", Dialplan: fmt.Sprintf(`
[calls]
exten => _[a-z]!,1,Set(NAME=${EXTEN})
 same => n,AGI(agi://%s/${EXTEN})

[waiting]
exten => s,1,Wait(60)
 same => n,Return()

[landing]
exten => return,1,Return()
exten => there,1,AGI(agi://%[1]s/landed/${NAME})
`, ln.Addr()) + asterisktest.Phone("quiet", append([]asterisktest.Step{asterisktest.Answer()}, stay(120)...)...) +
			asterisktest.Phone("callee", append([]asterisktest.Step{asterisktest.Answer()}, stay(120)...)...)})

		client := ami.New(ami.Options{Addr: pbx.AMI, Username: pbx.AMIUser, Secret: pbx.AMISecret})
		var running sync.WaitGroup
		ctx, stop := context.WithCancel(context.Background())
		running.Go(func() { _ = client.Run(ctx) })
		mux := new(agi.Mux)
		srv := &agi.Server{Handler: mux, Interrupt: func(ctx context.Context, s *agi.Session, line string) error {
			for _, c := range realInterrupts {
				if s.Env().Path() == "/"+c.name {
					return c.end(ctx, client, s)
				}
			}
			return fmt.Errorf("nothing ends %s", line)
		}}
		running.Go(func() { wantErr(t, "Serve", srv.Serve(ln), agi.ErrServerClosed) })
		t.Cleanup(func() {
			srv.Close()
			stop()
			running.Wait()
		})

		var calls sync.WaitGroup
		dial := new(sync.Mutex)
		for _, c := range realInterrupts {
			calls.Go(func() { t.Run(c.name, func(t *testing.T) { c.test(t, pbx, dial, mux) }) })
		}
		calls.Wait()
	})
}

func (c realInterrupt) end(ctx context.Context, client *ami.Client, s *agi.Session) error {
	a := c.action
	if a.Name != "Hangup" {
		a = a.With("Channel", s.Env().Channel())
	}
	_, err := client.Do(ctx, a)
	return err
}

func (c realInterrupt) test(t *testing.T, pbx *asterisktest.Instance, dial *sync.Mutex, mux *agi.Mux) {
	done, landed := make(chan struct{}), make(chan struct{})
	mux.HandleFunc("/landed/"+c.name, func(ctx context.Context, s *agi.Session) error {
		defer close(landed)
		value(t, ctx, s, "NAME", c.name)
		return nil
	})
	mux.HandleFunc("/"+c.name, func(ctx context.Context, s *agi.Session) error {
		defer close(done)
		took, err := after(ctx, 2*time.Second, func(ctx context.Context) error { return c.run(ctx, s) })
		wantErr(t, "the command", err, context.DeadlineExceeded)
		// That is before any of them ends by itself.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
		defer cancel()
		value(t, ctx, s, "NAME", c.name)
		want := error(nil)
		if c.landed {
			want = agi.ErrHangup
		}
		_, err = s.ChannelStatus(ctx, "")
		wantErr(t, "CHANNEL STATUS", err, want)
		t.Logf("it ended %v after its context", took-2*time.Second)
		return nil
	})
	dial.Lock()
	_, err := pbx.Originate(t.Context(), asterisktest.Call{Channel: "Local/quiet@phones", Context: "calls", Exten: c.name})
	dial.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	<-done
	if c.landed {
		<-landed
	}
}
