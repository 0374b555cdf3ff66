package flows

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow/agi"
)

// Engine runs flows. Its fields must not be changed once it runs; the zero value
// of each is usable, except Program. It is safe for concurrent use and has no
// goroutines of its own.
type Engine struct {
	// Program returns what new calls run. It is asked once for each call, and must not
	// block.
	Program func() *Program
	// Logger receives one line per call; nil means none.
	Logger hclog.Logger
	// HTTP makes the requests of the verb http; nil means a client that asks no address in
	// a private network.
	HTTP *http.Client
	// Notices makes the requests of notify; nil means HTTP, or if that is nil too a client
	// with the usual limits.
	Notices *http.Client
	// Clock is the time in which steps run; nil means that of the machine.
	Clock Clock
	// Servers are the Asterisk servers that steps reach through their manager sessions;
	// none means that verbs which need one fail.
	Servers []Server
	// Mail sends notices by mail.
	Mail Mail
	// Phones makes the calls of notices; nil means that notices to phones fail.
	Phones *Phones
	// CallPhones stands in for the calls of notices to phones, for tests: it returns the phone
	// where the notice was acknowledged, or "" when it was not. Nil means that they are made.
	CallPhones func(ctx context.Context, to, text string) (by string, err error)
	// Background runs what no call waits for; nil means that notices are waited for and
	// that there are no callbacks.
	Background *Background
	// Audit takes what audit and spy write. Nil means that there is none: audit then
	// fails, and spy listens to nobody.
	Audit Auditor
	// Emit takes the events of the verb emit; it must return at once. Nil means that nobody
	// looks at them.
	Emit func(name string, fields map[string]string, meta Meta)
	// World tells expressions what goes on in Asterisk; nil means that nothing does.
	World World
	// OnTrace receives the trace of every run, on the run's goroutine; nil means
	// that traces are thrown away.
	OnTrace func(*Trace)

	running   atomic.Int64
	doors     doorkeeper
	revisions revisions
}

// Bounds that keep a mistake in a flow from hurting more than its own call.
const (
	maxSteps     = 10_000
	reserveSteps = 100             // for on_error when the others are used up
	cleanupSteps = 1_000           // for on_hangup and finally
	cleanupTime  = 5 * time.Second // for on_hangup and finally
	statusSetBy  = 2 * time.Second // for telling the dialplan
	maxRetryTime = time.Minute     // no delay between retries is longer
)

// Running returns how many calls and rules run steps now.
func (e *Engine) Running() int { return int(e.running.Load()) }

// ServeAGI runs the flow that the session asks for: agi://host/support runs
// flow support, with the query as its parameters. A flow or parameters that do
// not exist are an error, which the server tells the dialplan as
// AGISTATUS=FAILURE; what goes wrong later is handled by the flow. In either case
// the dialplan reads FLOWSTATUS. Sessions of those whom a notice called are answered too.
func (e *Engine) ServeAGI(ctx context.Context, s *agi.Session) error {
	if called, err := e.serveVisit(ctx, s); called {
		return err
	}
	program, end := e.revisions.begin(e.Program)
	defer end()
	c, flow, err := e.begin(s, program)
	if err != nil {
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), statusSetBy)
		defer cancel()
		return errors.Join(err, tellDialplan(after, s, ending{status: StatusError, id: IDFlow}))
	}
	e.running.Add(1)
	defer e.running.Add(-1)
	defer c.end.come(e.clock())
	c.runCall(ctx, flow)
	e.finish(c)
	return nil
}

// begin returns the call of a session and the flow that it asks for.
func (e *Engine) begin(s *agi.Session, program *Program) (*Call, *Flow, error) {
	name := strings.Trim(s.Env().Path(), "/")
	flow := program.Flows[name]
	if flow == nil {
		return nil, nil, fmt.Errorf("flows: there is no flow %q", name)
	}
	vars, err := flow.Params.parse(s.Env().Query())
	if err != nil {
		return nil, nil, fmt.Errorf("flows: flow %s: %w", name, err)
	}
	started := e.now()
	c := e.newCall(program, vars)
	c.Session, c.info, c.end = s, newCallInfo(s, started), newCallEnd()
	c.Meta = Meta{Flow: name, Call: c.info.ID}
	c.Logger = c.Logger.With("call", c.info.ID, "channel", c.info.Channel, "flow", name)
	c.trace = &Trace{
		Flow: name, Revision: program.Revision, Call: c.info.ID, Channel: c.info.Channel,
		Caller: c.info.Caller.Num, Dialed: c.info.Dialed, Started: started,
	}
	s.OnExchange(func(x agi.Exchange) {
		if c.step != nil {
			c.maskExchange(&x)
			c.trace.addAGI(c.step, &x)
		}
	})
	return c, flow, nil
}

// RunSteps runs the steps of a rule, without a call. vars are the names that
// their expressions can read beside those of [Names.RuleScope]. The error is the
// first that no step handled; the trace is complete in any case.
func (e *Engine) RunSteps(ctx context.Context, program *Program, steps Steps, vars map[string]any, meta Meta) (*Trace, error) {
	c := e.newCall(program, vars)
	c.Meta = meta
	c.Logger = c.Logger.With("rule", meta.Rule)
	c.trace = &Trace{Rule: meta.Rule, Revision: program.Revision, Call: meta.Call, Started: e.now()}
	e.running.Add(1)
	defer e.running.Add(-1)
	err := c.Run(ctx, steps)
	c.trace.Status, c.trace.EndedBy = StatusDone, "flow"
	if err != nil && !isControl(err) {
		c.trace.Status, c.trace.EndedBy, c.trace.Error = StatusError, "error", c.masked(err.Error())
	}
	e.finish(c)
	return c.trace, err
}

func (e *Engine) newCall(program *Program, vars map[string]any) *Call {
	logger := e.Logger
	if logger == nil {
		logger = hclog.NewNullLogger()
	}
	return &Call{Program: program, Logger: logger, engine: e, vars: vars, budget: maxSteps}
}

// finish completes the trace, hands it out and writes the run's one log line.
func (e *Engine) finish(c *Call) {
	t := c.trace
	t.Took = e.now().Sub(t.Started)
	args := []any{"status", t.Status, "by", t.EndedBy, "steps", len(t.Steps), "took", t.Took}
	switch {
	case t.Error != "":
		c.Logger.Error("run failed", append(args, "error", t.Error)...)
	case t.Rule != "":
		c.Logger.Debug("rule acted", args...)
	default:
		c.Logger.Info("call done", args...)
	}
	if e.OnTrace != nil {
		e.OnTrace(t)
	}
}
