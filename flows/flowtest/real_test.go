package flowtest

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow/agi"
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
		var all sync.WaitGroup
		var dial sync.Mutex // a burst of calls would be refused by the manager's port
		for exten, c := range real.calls {
			all.Go(func() {
				t.Run(c.test.name, func(t *testing.T) {
					dial.Lock()
					_, err := pbx.Originate(t.Context(), asterisktest.Call{
						Channel: "Local/" + exten + "@phones", Context: "calls", Exten: exten, CallerID: `"Ann" <5550100>`,
					})
					dial.Unlock()
					if err != nil {
						t.Fatal(err)
					}
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
	calls  map[string]*realCall
}

// realCall is one of its calls.
type realCall struct {
	test    *test
	call    *call // what is known of it
	begin   time.Time
	actions chan func(context.Context, *agi.Session) // of the caller
	done    chan struct{}
	trace   *flows.Trace
	err     error
}

// prepare makes calls of the tests, and the configuration of an Asterisk for them.
func (r *realSuite) prepare(addr string) asterisktest.Config {
	config := asterisktest.Config{Sounds: map[string][]byte{}}
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
			phones.WriteString(it.phone())
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
	config.Dialplan, config.Queues = calls.String()+phones.String(), queues.String()
	return config
}

func silence(length time.Duration) []byte {
	return bytes.Repeat([]byte{0xff}, int(length*8000/time.Second))
}

var localDevice = regexp.MustCompile(`^Local/(.+)@phones$`)

// phone makes who is called as an item says.
func (it *item) phone() string {
	var b strings.Builder
	names := []string{}
	for _, device := range it.what {
		if m := localDevice.FindStringSubmatch(device); it.kind == "dial" && m != nil {
			names = append(names, m[1])
		}
	}
	if it.kind == "queue" {
		names = []string{"agent-of-" + it.what[0]}
	}
	for _, name := range names {
		switch talk := it.talk; {
		case talk.Ends == "busy":
			b.WriteString(asterisktest.Phone(name, asterisktest.Busy()))
		case talk.Ends == "congestion":
			b.WriteString(asterisktest.Phone(name, "Congestion(1)"))
		case talk.Ends == "declined":
			b.WriteString(asterisktest.Phone(name, "Hangup(21)"))
		case talk.Ends == "unavailable":
		case talk.Answer == nil:
			b.WriteString(asterisktest.Phone(name, asterisktest.Ring(time.Minute)))
		default:
			stays := time.Minute
			if talk.Talk != nil {
				stays = *talk.Talk
			} else if next := it.next; next != nil && next.kind == "hangup" && next.what[0] != "caller" {
				stays = next.acts.After
			}
			b.WriteString(asterisktest.Phone(name, asterisktest.Ring(*talk.Answer), asterisktest.Answer(), asterisktest.Wait(stays)))
		}
	}
	return b.String()
}

// queue makes the queue that an item enters.
func (it *item) queue() string {
	if it.kind != "queue" || it.talk.Ends == "unknown" {
		return ""
	}
	text := fmt.Sprintf("\n[%s]\nstrategy = ringall\nsetinterfacevar = yes\njoinempty = no\n", it.what[0])
	if it.talk.Ends != "no_agents" {
		text = strings.Replace(text, "joinempty = no\n", "", 1) + "member => Local/agent-of-" + it.what[0] + "@phones\n"
	}
	return text
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
	defer close(c.done)
	engine := &flows.Engine{
		Program: func() *flows.Program { return r.app.Program },
		Logger:  &journal{Logger: hclog.NewNullLogger(), stage: c.call.stage},
		OnTrace: func(trace *flows.Trace) { c.trace = trace },
	}
	c.err = engine.ServeAGI(ctx, s)
	return c.err
}

// result is the call when it is over.
func (c *realCall) result() *run {
	c.call.mu.Lock()
	c.call.rest()
	c.call.mu.Unlock()
	return &run{test: c.test, trace: c.trace, call: c.call, err: c.err}
}

// later has the caller do something at a time since the beginning.
func (c *realCall) later(at time.Duration, act func(context.Context, *agi.Session)) {
	time.AfterFunc(at-time.Since(c.begin), func() {
		select {
		case c.actions <- act:
		default: // the call has ended long ago
		}
	})
}

func (c *realCall) press(pressed keys, at time.Duration) {
	c.later(at, func(ctx context.Context, s *agi.Session) {
		_, _ = s.Exec(ctx, "SendDTMF", string(pressed)+",150,100") // the call may be over
	})
}

func (c *realCall) hangUp(at time.Duration, it *item) {
	c.later(at, func(ctx context.Context, s *agi.Session) {
		c.call.mu.Lock()
		c.call.done(it, at)
		c.call.mu.Unlock()
		c.call.dead.Store(true)
		_ = s.Hangup(ctx, "") // the call may be over
	})
}

// tap is a connection that hands the commands which a server sends to the script.
type tap struct {
	net.Conn
	suite *realSuite
	call  *realCall // nil until it is known
	env   bytes.Buffer
	known bool
}

// Read reads what Asterisk says, and finds out which call it is.
func (t *tap) Read(b []byte) (int, error) {
	n, err := t.Conn.Read(b)
	if !t.known {
		t.env.Write(b[:n])
		if bytes.Contains(t.env.Bytes(), []byte("\n\n")) {
			t.known = true
			t.find()
		}
	}
	return n, err
}

func (t *tap) find() {
	exten, path := "", ""
	for lines := bufio.NewScanner(&t.env); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "agi_extension":
			exten = value
		case "agi_network_script":
			path = value
		}
	}
	if path != "caller" {
		t.call = t.suite.calls[exten]
		t.call.begin = time.Now()
		t.call.call.over(0)
	}
}

// Write sends what the server says.
func (t *tap) Write(b []byte) (int, error) {
	line := strings.TrimSuffix(string(b), "\n")
	if t.call != nil && !strings.Contains(line, "agi-sync-") {
		t.call.sees(split(line))
	}
	return t.Conn.Write(b)
}

// sees compares a command with the script.
func (c *realCall) sees(words []string) {
	c.call.commands++
	if len(words) > 3 && words[0] == "SET" && words[1] == "VARIABLE" {
		c.call.vars[words[2]] = words[3]
	}
	if c.call.dead.Load() {
		return // it was sent before HANGUP came
	}
	if strings.EqualFold(words[0], "HANGUP") {
		c.call.flowHangsUp()
		return
	}
	e, length, among := c.test.observe(words)
	if e == nil {
		return
	}
	e.command = c.call.commands
	for len(c.call.pressed) > 0 && c.call.pressed[0].at < c.call.now() {
		c.call.pressed = c.call.pressed[1:]
	}
	it, last := c.call.happens(e)
	if it != nil && (it.talk.Answer != nil) {
		c.call.begun(e.at + *it.talk.Answer)
		c.call.peerHangup(e.at + *it.talk.Answer)
		return
	}
	if e.kind == "hear" {
		length = max(length, shortest)
	}
	c.call.during(it, last, e.at, e.at+length, among)
}

// TestOffice runs the tests of an office, which use most of what flows can do.
func TestOffice(t *testing.T) { Run(t, "testdata/office") }
