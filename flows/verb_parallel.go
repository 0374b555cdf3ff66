package flows

import (
	"context"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var parallelVerb = Verb{
	Name:    "parallel",
	Summary: "Runs several lists of steps at the same time and waits for all of them.",
	Doc: "For what takes long elsewhere, such as two questions to web servers: no step in it may need the call. " +
		"When one fails, the others are ended and the error is that of this step.",
	Example: "- parallel:\n    - http: https://crm.example/callers/${call.caller.num}\n      as: crm\n      on_error: continue\n" +
		"    - - set: { region: eu }\n      - log: ${region}\n- log: ${crm?.status}",
	New: func() Step { return &parallelStep{} },
}

type parallelStep struct {
	Branches branches `yaml:"parallel,required" doc:"The branches: each a step, or a list of steps."`
}

// effect is that of all branches together.
func (p *parallelStep) effect() effect {
	var e effect
	for _, b := range p.Branches.list {
		e = e.then(b.effect())
	}
	return e
}

func (p *parallelStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	runs := make([]*Call, len(p.Branches.list))
	errs := make([]error, len(runs))
	var all sync.WaitGroup
	var running atomic.Int64
	running.Store(int64(len(runs)))
	clock := c.engine.clock()
	clock.Running(len(runs) - 1) // this goroutine only waits
	for i, steps := range p.Branches.list {
		runs[i] = c.branch()
		all.Go(func() {
			if errs[i] = runs[i].Run(ctx, steps); errs[i] != nil {
				cancel(errs[i])
			}
			if running.Add(-1) > 0 {
				clock.Running(-1) // the last hands over to this goroutine
			}
		})
	}
	all.Wait()
	for i, run := range runs {
		c.join(run, p.Branches.names[i])
	}
	if ctx.Err() != nil {
		return Done, context.Cause(ctx) // the first error, or why all of it ended
	}
	return Done, nil
}

// branch returns a call for steps that run beside others: it reads what was set so
// far, and what it sets is its own.
func (c *Call) branch() *Call {
	b := *c
	b.Session, b.vars = nil, maps.Clone(c.vars)
	b.trace = &Trace{Started: c.trace.Started}
	return &b
}

// join takes over what a branch did and the names that it set.
func (c *Call) join(b *Call, names []string) {
	for _, step := range b.trace.Steps {
		c.trace.add(step)
	}
	c.trace.Dropped += b.trace.Dropped
	c.budget -= max(len(b.trace.Steps)+b.trace.Dropped, 0)
	for _, name := range names {
		if v, ok := b.vars[name]; ok {
			c.vars[name] = v
		}
	}
}

// branches are lists of steps that run at the same time.
type branches struct {
	list  []Steps
	names [][]string // that each branch sets
}

// DecodeYAML reads a list whose entries are steps or lists of steps.
func (b *branches) DecodeYAML(d *lang.Decoder, n lang.Node) {
	*b = branches{}
	if !n.IsList() || len(n.Items()) == 0 {
		d.Errorf(n, "wrong-type", `"parallel" wants a list of branches, each a step or a list of steps`)
		return
	}
	inBranch := func(names *Names) {
		names.place, names.inLoop, names.inMenu, names.flow = inParallel, false, false, nil
	}
	for _, item := range n.Items() {
		scope := d.Scope
		d.Scope = scope.Child(nil)
		var steps Steps
		in(d, inBranch, func() { d.Decode(item, &steps) })
		// The names are for the steps below: each belongs to one branch.
		names := d.Scope.Adopt()
		d.Scope = scope
		b.list, b.names = append(b.list, steps), append(b.names, names)
	}
}

// Schema describes the list.
func (b *branches) Schema(s *lang.Schema) map[string]any {
	return map[string]any{"type": "array", "items": new(Steps).Schema(s), "minItems": 1}
}

// SchemaWords names it in the reference.
func (b *branches) SchemaWords() string { return "a list of steps, or of lists of them" }
