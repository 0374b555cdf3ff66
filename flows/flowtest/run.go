package flowtest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/flows"
)

// uniqueID is Asterisk's id of every call in tests.
const uniqueID = "1763712000.1"

// usualStart is when calls begin that do not say it.
var usualStart = time.Date(2026, time.January, 5, 10, 0, 0, 0, time.UTC)

// patience is how long a call may take by the clock on the wall. It only passes when a
// verb of the host program waits for something.
const patience = 20 * time.Second

var errPatience = errors.New("the call did not end")

// run is a call that was played.
type run struct {
	test  *test
	trace *flows.Trace // nil if there is none
	call  *call
	err   error // of the engine
	stuck bool
}

// play plays the call of a test.
func (s *suite) play(t *test, ch chaos) *run {
	start := t.At.Time
	if start.IsZero() {
		start = usualStart
	}
	clock := newClock(start)
	stage := &stage{test: t, now: clock.now}
	c := newCall(stage, clock, ch)
	r := &run{test: t, call: c}
	w := &world{stage: stage, clock: clock, chaos: ch, press: c.pressKeys, phones: s.phones, asked: map[*answer]int{}}
	engine := &flows.Engine{
		Program:    func() *flows.Program { return s.app.Program },
		Logger:     &journal{Logger: hclog.NewNullLogger(), stage: stage},
		HTTP:       &http.Client{Transport: w},
		Clock:      clock,
		CallPhones: w.callPhones,
		World:      w,
		Servers:    w.servers(s.app.Program.Servers, s.app.Config),
		Audit:      w,
		Emit:       w.emit,
		OnTrace:    func(trace *flows.Trace) { r.trace = trace },
	}
	ctx, cancel := context.WithTimeoutCause(context.Background(), patience, errPatience)
	defer cancel()
	engine.Background = t.background(ctx)
	c.conn.say(t.environment())
	c.session, r.err = agi.NewSession(ctx, c.conn, agi.SessionOptions{MaxLine: 8191, Interrupt: c.givenUp})
	if r.err != nil {
		return r
	}
	c.over(0) // the caller may act before the flow does
	r.err = engine.ServeAGI(c.session.Context(), c.session)
	c.dead.Store(true) // nobody hangs up any more
	clock.Running(-1)  // what goes on now are callbacks
	engine.Background.Settle()
	r.stuck = ctx.Err() != nil
	r.err = errors.Join(r.err, c.session.Close())
	stage.rest()
	if r.trace != nil && len(s.lacks) > 0 && !ch.on && slices.ContainsFunc(r.trace.Steps, func(t *flows.StepTrace) bool { return t.Verb == "login" }) {
		stage.fault(nil, "somebody signs in, and a PIN is not known: write at the top of the file\n  env: { NAME: \"1234\" }\nfor %v", s.lacks[0])
	}
	if clock.dated && t.At.IsZero() && !ch.on {
		stage.fault(nil, "the flow reads the calendar, and the test does not say when the call begins: write\n  at: 2026-11-23T10:00:00+01:00")
	}
	return r
}

// background is where notices are sent, which nobody waits for but tests, and callbacks
// wait.
func (t *test) background(ctx context.Context) *flows.Background {
	if t.Given.Callbacks == "full" {
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		cancel() // it takes nothing any more
	}
	b := flows.NewBackground(ctx)
	b.AtOnce = true
	return b
}

// environment is what Asterisk says first.
func (t *test) environment() string {
	query := url.Values{}
	for name, value := range t.Params {
		query.Set(name, value)
	}
	script := t.Flow
	if len(query) > 0 {
		script += "?" + query.Encode()
	}
	var b strings.Builder
	line := func(name, value string) { fmt.Fprintf(&b, "agi_%s: %s\n", name, value) }
	line("network", "yes")
	line("network_script", script)
	line("request", "agi://127.0.0.1/"+script)
	line("channel", t.Channel)
	line("language", t.Language)
	technology, _, _ := strings.Cut(t.Channel, "/")
	line("type", technology)
	line("uniqueid", uniqueID)
	line("version", "22.10.1")
	line("callerid", cmpOr(t.Caller.num, "unknown"))
	line("calleridname", cmpOr(t.Caller.name, "unknown"))
	line("dnid", t.Dialed)
	line("rdnis", "unknown")
	line("context", t.Context)
	line("extension", t.Dialed)
	line("priority", "1")
	line("enhanced", "0.0")
	line("accountcode", t.Account)
	line("threadid", "140000000000000")
	for i, value := range t.Args {
		line(fmt.Sprintf("arg_%d", i+1), value)
	}
	return b.String() + "\n"
}

// journal is a logger that hands the lines of log steps to the script.
type journal struct {
	hclog.Logger
	stage *stage
}

// Log takes a line of a log step.
func (j *journal) Log(_ hclog.Level, message string, _ ...any) {
	j.stage.happens(&event{kind: "log", what: []string{message}})
}

// With returns the same journal: who logs does not matter.
func (j *journal) With(...any) hclog.Logger { return j }
