package rules

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow/ami/catalog"
	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/flows"
)

// Engine decides which rules fire and runs their actions. All methods are safe
// for concurrent use; events of one Asterisk server must come from one goroutine
// at a time, so that they keep their order.
type Engine struct {
	// Flows runs the actions.
	Flows *flows.Engine
	// Logger receives what went wrong; nil means none.
	Logger hclog.Logger
	// Now is the clock for cooldowns; nil means time.Now.
	Now func() time.Time
	// OnTrace receives every decision of a rule whose `where` was true, and every
	// failed one; nil means that traces are thrown away. It must not block.
	OnTrace func(*Trace)

	set     atomic.Pointer[ruleSet]
	mu      sync.Mutex // for what states hold
	workers workers
}

// ruleSet is what was loaded: the rules by the events that they look at, and what they
// remember. An event is decided on by one set, also when another one is loaded meanwhile.
type ruleSet struct {
	program *flows.Program
	byEvent map[string][]*Rule
	fields  map[string][]catalog.Field // of Asterisk's own events
	states  map[string]*state          // by rule name; sets share those of rules that did not change
}

// state is what a rule remembers.
type state struct {
	hash  string
	quiet map[string]*quiet // by key
	swept time.Time
}

// quiet is a running cooldown.
type quiet struct {
	until      time.Time
	suppressed int
}

// Load puts rules into force, in place of those before. A rule whose trigger is
// as it was keeps its cooldowns; actions that wait or run go on.
func (e *Engine) Load(program *flows.Program, rules []*Rule) {
	set := &ruleSet{program: program, byEvent: map[string][]*Rule{}, fields: map[string][]catalog.Field{}, states: map[string]*state{}}
	e.mu.Lock()
	defer e.mu.Unlock()
	before := e.set.Load()
	if before == nil {
		before = &ruleSet{}
	}
	for _, r := range rules {
		if !r.keys.Enabled {
			continue
		}
		if r.waiting != nil {
			if e.Logger != nil {
				e.Logger.Warn("rule is not in force: this version checks its form but does not run it", "rule", r.Name, "keys", r.waiting)
			}
			continue
		}
		for _, name := range r.Events() {
			set.byEvent[name] = append(set.byEvent[name], r)
			set.fields[name] = fieldsOf(name)
		}
		if old := before.states[r.Name]; old != nil && old.hash == r.hash {
			set.states[r.Name] = old
		} else {
			set.states[r.Name] = &state{hash: r.hash, quiet: map[string]*quiet{}}
		}
	}
	e.set.Store(set)
}

// Events returns the names of the events that the loaded rules look at, sorted.
func (e *Engine) Events() []string {
	set := e.set.Load()
	if set == nil {
		return nil
	}
	var names []string
	for name := range set.byEvent {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Handle decides on one event. It returns before actions are done and does not
// wait for them. Actions end early when ctx ends.
func (e *Engine) Handle(ctx context.Context, event live.Event) {
	set := e.set.Load()
	if set == nil {
		return
	}
	rules := set.byEvent[event.Name]
	if len(rules) == 0 {
		return
	}
	v := vars{event: event, fields: set.fields[event.Name], program: set.program, world: e.Flows.World, now: e.now()}
	for _, r := range rules {
		e.decide(ctx, r, set.states[r.Name], &v)
	}
}

// Wait blocks until no action runs or waits, or ctx ends; then it returns the
// cause. It does not keep events from being handled meanwhile.
func (e *Engine) Wait(ctx context.Context) error { return e.workers.wait(ctx) }

// decide looks at one event with the eyes of one rule, which remembers s.
func (e *Engine) decide(ctx context.Context, r *Rule, s *state, v *vars) {
	if r.keys.Where.IsSet() {
		ok, err := r.keys.Where.Get(v)
		if err != nil {
			e.fail(newTrace(r, v), err)
			return
		}
		if !ok {
			return
		}
	}
	t := newTrace(r, v)
	k, err := r.key(v)
	if err != nil {
		e.fail(t, err)
		return
	}
	t.Key = k
	suppressed, silent := e.silence(r, s, k, v)
	if silent != "" {
		t.Silent = silent
		e.trace(t)
		return
	}
	if r.keys.DryRun {
		t.Silent = "dry run"
		e.trace(t)
		return
	}
	e.act(ctx, r, v, t, suppressed)
}

// key evaluates what tells cases apart.
func (r *Rule) key(v *vars) (string, error) {
	if !r.keys.Per.IsSet() {
		return fmt.Sprint(key(v.event)), nil
	}
	k, err := r.keys.Per.Get(v)
	return fmt.Sprint(k), err
}

// silence says why a rule keeps quiet, or "" and begins its cooldown; suppressed
// is how often it kept quiet for this key before.
func (e *Engine) silence(r *Rule, s *state, key string, v *vars) (suppressed int, why string) {
	now := v.now
	if name := r.keys.Hours.name; name != "" && !v.program.Hours[name].IsOpen(now) {
		return 0, "hours " + name + " are closed"
	}
	if r.keys.Cooldown == 0 {
		return 0, ""
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	s.sweep(now, r.keys.Cooldown)
	q := s.quiet[key]
	if q != nil && now.Before(q.until) {
		q.suppressed++
		return 0, fmt.Sprintf("cooldown until %s", q.until.Format(time.TimeOnly))
	}
	if q != nil {
		suppressed = q.suppressed
	}
	if r.keys.DryRun {
		return suppressed, ""
	}
	s.quiet[key] = &quiet{until: now.Add(r.keys.Cooldown)}
	return suppressed, ""
}

// sweep forgets cooldowns that ended a cooldown ago, once in a while: until then
// their count can still be told.
func (s *state) sweep(now time.Time, cooldown time.Duration) {
	if now.Sub(s.swept) < cooldown {
		return
	}
	s.swept = now
	for key, q := range s.quiet {
		if now.Sub(q.until) > cooldown {
			delete(s.quiet, key)
		}
	}
}

// errBusy is why a rule did not act although it fired.
var errBusy = fmt.Errorf("dropped: the rule's earlier actions are too slow (%d wait for one case, or %d for all)", maxWaiting, maxAllWaiting)

// act runs the actions, behind those that wait for the same rule and key.
func (e *Engine) act(ctx context.Context, r *Rule, v *vars, t *Trace, suppressed int) {
	values, program := v.values(), v.program
	values["suppressed"] = suppressed
	meta := flows.Meta{Rule: r.Name, Severity: r.keys.Severity, Labels: r.keys.Labels, Call: t.Call, Server: v.event.Server, Depth: v.depth()}
	ok := e.workers.do(r.Name, t.Key, func() {
		var err error
		t.Fired = true
		if t.Actions, err = e.Flows.RunSteps(ctx, program, r.keys.Do.Steps, values, meta); err != nil {
			t.Error = err.Error()
		}
		e.trace(t)
	})
	if !ok {
		e.fail(t, errBusy)
	}
}

func (e *Engine) fail(t *Trace, err error) {
	t.Error = err.Error()
	if e.Logger != nil {
		e.Logger.Error("rule failed", "rule", t.Rule, "event", t.Event, "key", t.Key, "error", err)
	}
	e.trace(t)
}

func (e *Engine) trace(t *Trace) {
	if e.OnTrace != nil {
		e.OnTrace(t)
	}
}

func (e *Engine) now() time.Time {
	if e.Now != nil {
		return e.Now()
	}
	return time.Now()
}
