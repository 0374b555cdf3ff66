package rules_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/app"
	"github.com/pbxflow/pbxflow/internal/lang"
	"github.com/pbxflow/pbxflow/rules"
)

// names is what the rules of all tests may refer to.
const names = `
hours:
  office: { timezone: UTC, open: { mon-fri: 09:00-17:00 } }
  always: { timezone: UTC, open: { mon-sun: 00:00-24:00 } }
queues: { support: {} }
notify:
  ops: { webhook: http://ops.example/notices }
`

// office is a rules engine with a world that records what is done to it.
type office struct {
	t      testing.TB
	engine *rules.Engine
	// act is what the verb act does; nil: nothing.
	act func(ctx context.Context, text string) error
	// answer is the status that webhooks get.
	answer int

	mu      sync.Mutex
	traces  []*rules.Trace
	notices []string
	log     bytes.Buffer
}

func newOffice(t testing.TB, text string) *office {
	o := &office{t: t, answer: http.StatusOK}
	client := &http.Client{Transport: roundTripper(o.post)}
	logger := hclog.New(&hclog.LoggerOptions{Output: &locked{o: o}, Level: hclog.Warn})
	o.engine = &rules.Engine{
		Flows:   &flows.Engine{HTTP: client, Logger: logger},
		Logger:  logger,
		OnTrace: o.trace,
	}
	o.load(text)
	return o
}

// load puts rules into force: the text is what stands under rules.
func (o *office) load(text string) {
	o.t.Helper()
	loaded, problems := o.parse(text)
	if problems.Err() != nil {
		o.t.Fatalf("the rules do not load:\n%v", problems)
	}
	if _, err := loaded.Resolve("", nil); err != nil {
		o.t.Fatal(err)
	}
	o.engine.Load(loaded.Program, loaded.Rules)
}

// parse reads rules, beside the names of all tests and the verb act.
func (o *office) parse(text string) (*app.App, lang.Problems) {
	o.t.Helper()
	verbs, err := flows.NewVerbs(flows.Verb{
		Name: "act", Summary: "Does what the test says.", New: func() flows.Step { return &actStep{office: o} },
	})
	if err != nil {
		o.t.Fatal(err)
	}
	var indented strings.Builder
	for line := range strings.Lines(text) {
		indented.WriteString("  " + line)
	}
	return app.Load(fstest.MapFS{
		"names.yaml": {Data: []byte(names)},
		"rules.yaml": {Data: []byte("rules:\n" + indented.String())},
	}, verbs)
}

type actStep struct {
	Text lang.Value[string] `yaml:"act,required"`

	office *office
}

func (s *actStep) Run(ctx context.Context, c *flows.Call) (flows.Outcome, error) {
	text, err := s.Text.Get(c)
	if err == nil && s.office.act != nil {
		err = s.office.act(ctx, text)
	}
	return flows.Done, err
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func (o *office) post(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.notices = append(o.notices, string(body))
	return &http.Response{StatusCode: o.answer, Body: http.NoBody, Request: r}, nil
}

func (o *office) trace(t *rules.Trace) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.traces = append(o.traces, t)
}

// locked is the writer of the log.
type locked struct{ o *office }

func (l *locked) Write(b []byte) (int, error) {
	l.o.mu.Lock()
	defer l.o.mu.Unlock()
	return l.o.log.Write(b)
}

// handle has the engine decide on an event and waits for what it does.
func (o *office) handle(e live.Event) {
	o.t.Helper()
	o.engine.Handle(o.t.Context(), e)
	if err := o.engine.Wait(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
}

// said returns the decisions since it was asked last, one line each: the rule, the
// case, and what became of it.
func (o *office) said() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var lines []string
	for _, t := range o.traces {
		what := "fired"
		switch {
		case t.Error != "":
			what = "failed: " + t.Error
		case t.Silent != "":
			what = t.Silent
		case !t.Fired:
			what = "nothing"
		}
		lines = append(lines, fmt.Sprintf("%s %s %s", t.Rule, t.Key, what))
	}
	o.traces = nil
	return lines
}

// call is an event of a call.
func call(name, id string, change ...func(*live.Call)) live.Event {
	c := &live.Call{ID: "pbx1/" + id, Linkedid: id, Server: "pbx1", Direction: "in", Caller: live.Party{Num: "5550100"}, Dialed: "200"}
	for _, f := range change {
		f(c)
	}
	return live.Event{Name: name, Server: "pbx1", Call: c}
}

// rang sets how long a call rang.
func rang(d time.Duration) func(*live.Call) { return func(c *live.Call) { c.Rang = d } }

// from sets who calls.
func from(num string) func(*live.Call) { return func(c *live.Call) { c.Caller.Num = num } }

// raw is one of Asterisk's own events.
func raw(name string, pairs ...string) live.Event {
	return live.Event{Name: name, Server: "pbx1", Raw: ami.NewEvent(name, pairs...)}
}
