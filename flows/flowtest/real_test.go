package flowtest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

func TestMain(m *testing.M) { asterisktest.Main(m) }

// verbs holds an app with a flow, and tests of it, for each verb. The tests hold in
// memory and on real Asterisks. To add some, write <verb>.yaml and <verb>.test.yaml.
const verbs = "../testdata/verbs"

// TestVerbs runs the tests of verbs in memory.
func TestVerbs(t *testing.T) { Run(t, verbs) }

// shortest is how long sounds are on a real Asterisk that take no time in tests, and
// slack how much later things may happen there.
const (
	shortest = 200 * time.Millisecond
	slack    = 2500 * time.Millisecond
)

// callsAtOnce is how many calls a machine with two cores carries without losing keys.
const callsAtOnce = 30

// TestRealVerbs drives the same scripts on real Asterisks: the caller is a Local channel
// that presses keys and hangs up when the script says so, and who is called and the
// queues' agents are made from what the scripts say of them.
func TestRealVerbs(t *testing.T) {
	asterisktest.Each(t, func(t *testing.T, _ asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		table, err := flows.NewVerbs()
		if err != nil {
			t.Fatal(err)
		}
		s, problems := load(os.DirFS(verbs), table)
		if problems.Err() != nil {
			t.Fatal(problems)
		}
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		real := &realSuite{suite: s, calls: map[string]*realCall{}, server: &agi.Server{}}
		real.server.Handler = agi.HandlerFunc(real.serve)
		config := real.prepare(ln.Addr().String())
		var accepted sync.WaitGroup
		accepted.Go(func() { real.accept(ln) })
		t.Cleanup(func() {
			ln.Close()
			real.server.Close()
			accepted.Wait()
		})
		pbx := start(config)
		real.manage(t, pbx)
		var all sync.WaitGroup
		var dial sync.Mutex // a burst of calls would be refused by the manager's port
		lines := make(chan struct{}, callsAtOnce)
		for exten, c := range real.calls {
			all.Go(func() {
				lines <- struct{}{}
				defer func() { <-lines }()
				t.Run(c.test.name, func(t *testing.T) {
					dial.Lock()
					_, err := pbx.Originate(t.Context(), asterisktest.Call{
						Channel: "Local/" + exten + "@phones", Context: "calls", Exten: exten,
						CallerID: fmt.Sprintf("%q <%s>", cmpOr(c.test.Caller.name, "Ann"), cmpOr(c.test.Caller.num, "5550100")),
					})
					dial.Unlock()
					if err != nil {
						t.Fatal(err)
					}
					defer c.after.Wait()
					select {
					case <-c.done:
					case <-time.After(time.Minute):
						t.Fatal("the call did not end")
					}
					if problems := c.result().judge(); len(problems) > 0 {
						t.Error("\n" + strings.Join(problems, "\n"))
					}
				})
			})
		}
		all.Wait()
	})
}

// realSuite are the tests on one real Asterisk, by the extension that is called.
type realSuite struct {
	*suite
	server *agi.Server
	client *ami.Client
	calls  map[string]*realCall
}

// prepare makes calls of the tests, and the configuration of an Asterisk for them.
func (r *realSuite) prepare(addr string) asterisktest.Config {
	config := asterisktest.Config{Sounds: map[string][]byte{}, ManagerRead: managerRights, ManagerWrite: managerRights}
	longest := map[string]time.Duration{}
	var calls, phones, queues strings.Builder
	calls.WriteString("[calls]\n")
	for i, t := range r.tests {
		if t.isForRules() {
			continue
		}
		exten := fmt.Sprintf("t%d", i)
		c := &realCall{test: t, actions: make(chan func(context.Context, *agi.Session), 100), done: make(chan struct{})}
		s := &stage{test: t, now: func() time.Duration { return time.Since(c.begin) }, slack: slack}
		c.call = &call{performer: &performer{stage: s, onKeys: c.press}, vars: map[string]string{}, db: map[string]string{}}
		c.call.hangUp = c.hangUp
		c.call.perform(true)
		r.calls[exten] = c
		// A sound is as long as the test says that hears it, so each test has its own.
		for _, it := range t.Script.items {
			if it.kind == "hear" {
				for _, sound := range it.what {
					longest[sound] = max(longest[sound], shortest)
				}
			}
			if text := it.phones(); !strings.Contains(phones.String(), text) { // who is called twice is one
				phones.WriteString(text)
			}
			queues.WriteString(it.queue())
		}
		query := url.Values{}
		for name, value := range t.Params {
			query.Set(name, value)
		}
		request := t.Flow
		if len(query) > 0 {
			request += "?" + query.Encode()
		}
		sounds := ""
		if len(t.Given.Sounds) > 0 {
			sounds = fmt.Sprintf(" same => n,Set(CHANNEL(language)=%s)\n", exten)
			for sound, length := range t.Given.Sounds {
				config.Sounds[exten+"/"+sound+".ulaw"] = silence(length)
			}
		}
		fmt.Fprintf(&calls, "exten => %s,1,NoOp()\n%s same => n,AGI(agi://%s/%s)\n same => n,Hangup()\n", exten, sounds, addr, request)
		phones.WriteString(asterisktest.Phone(exten, asterisktest.Answer(), asterisktest.Step(fmt.Sprintf("AGI(agi://%s/caller)", addr))))
	}
	for sound, length := range longest {
		config.Sounds[sound+".ulaw"] = silence(length)
	}
	calls.WriteString("\n[goes-on]\nexten => s,1,Hangup()\n")
	queues.WriteString("\n[staffed]\n")
	config.Dialplan, config.Queues = calls.String()+phones.String(), queues.String()
	return config
}

// accept serves connections, and listens in to those of flows.
func (r *realSuite) accept(ln net.Listener) {
	var calls sync.WaitGroup
	defer calls.Wait()
	for {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		calls.Go(func() { r.server.ServeConn(context.Background(), &tap{Conn: conn, suite: r}) })
	}
}

// serve runs a flow, or the part of the caller.
func (r *realSuite) serve(ctx context.Context, s *agi.Session) error {
	c := r.calls[s.Env().Extension()]
	if s.Env().Path() == "/caller" {
		// Who says nothing at all sends no sound, and cannot be recorded.
		if _, err := s.Exec(ctx, "Playtones", "425/200,0/200"); err != nil {
			return err
		}
		for {
			select {
			case act := <-c.actions:
				act(ctx, s)
			case <-ctx.Done():
				return nil
			}
		}
	}
	w := &world{stage: c.call.stage, clock: passing{}, asked: map[*answer]int{}}
	engine := &flows.Engine{
		Program: func() *flows.Program { return r.app.Program },
		Logger:  &journal{Logger: hclog.NewNullLogger(), stage: c.call.stage},
		HTTP:    &http.Client{Transport: w},
		Servers: r.servers(c.call.stage),
		Audit:   w,
		Emit:    w.emit,

		Background: c.test.background(context.WithoutCancel(ctx)),
		OnTrace:    func(trace *flows.Trace) { c.trace = trace },
	}
	c.err = engine.ServeAGI(ctx, s)
	c.after.Go(func() { // the call ends here, and callbacks go on
		engine.Background.Settle()
		close(c.done)
	})
	return c.err
}

// passing is the time of the machine.
type passing struct{}

func (passing) Sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}
