package flows

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// Run runs steps one after another, as verbs that hold steps do. It returns nil
// when all are done; any other value must be returned by the verb as it is.
func (c *Call) Run(ctx context.Context, steps Steps) error {
	// What the steps leave behind is theirs, also when one of them panics.
	outer, result := c.step, c.result
	defer func() { c.step, c.result = outer, result }()
	for _, n := range steps {
		depth := 0
		if outer != nil {
			depth = outer.Depth + 1
		}
		if err := c.runNode(ctx, n, depth); err != nil {
			return err
		}
	}
	return nil
}

// runNode runs one step with its modifiers and handlers. It and what it calls on the
// way to the verb are kept short: steps within steps need the stack of all of them,
// and every call that waits keeps its own.
func (c *Call) runNode(ctx context.Context, n *Node, depth int) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if c.isRetired() {
		return giveBack{}
	}
	if c.budget--; c.budget < 0 {
		return &Error{IDLimit, n.Pos, fmt.Errorf("more than %d steps: the flow runs in circles", maxSteps)}
	}
	t := newStepTrace(n.Verb.NeedsCall)
	t.Pos, t.Verb, t.Depth, t.Flow, t.Start = n.at, n.Verb.Name, depth, c.flow, c.sinceStart()
	c.trace.add(t)
	c.step = t
	outcome, err := c.attempts(ctx, n)
	t.Took = c.sinceStart() - t.Start
	if t.Skipped != "" {
		return nil
	}
	return c.conclude(ctx, n, outcome, err)
}

// conclude writes into the trace how the step ended, and runs its handlers.
func (c *Call) conclude(ctx context.Context, n *Node, outcome Outcome, err error) error {
	t := c.step
	if isControl(err) {
		t.Handled = err.Error()
		return err
	}
	if err != nil && callEnded(ctx, err) {
		t.Error = c.masked(err.Error())
		if errors.Is(err, agi.ErrHangup) {
			// Whether the command was under way or came too late is in its exchange.
			t.Error = agi.ErrHangup.Error()
		}
		return err
	}
	if n.As.name != "" {
		c.vars[n.As.name] = c.result
	}
	if err == nil {
		t.Outcome = outcome.Name
		steps, ok := n.On.find(outcome)
		if outcome.Hangup {
			return c.afterHangup(ctx, steps)
		}
		if ok {
			t.Handled = "on"
			return c.Run(ctx, steps)
		}
		if !outcome.Failure {
			return nil
		}
		err = failureOf(n.Verb, outcome, n.Pos)
	}
	failure := asError(err, n.Pos)
	t.Error = failure.ID + ": " + c.masked(failure.Err.Error())
	switch {
	case n.OnError.Continue:
		t.Handled = "on_error: continue"
		return nil
	case n.OnError.Steps != nil:
		t.Handled = "on_error"
		c.setError(failure)
		return c.Run(ctx, n.OnError.Steps)
	}
	return failure
}

// afterHangup runs what a step says to the outcome that the caller is gone.
func (c *Call) afterHangup(ctx context.Context, steps Steps) error {
	if steps != nil {
		c.step.Handled = "on"
		after, cancel := c.cleanupTime(ctx, true)
		defer cancel()
		c.cleanUp(after, "on", steps)
	}
	return agi.ErrHangup
}

// attempts runs the step once, or as often as its retry says.
func (c *Call) attempts(ctx context.Context, n *Node) (Outcome, error) {
	if n.When.IsSet() {
		ok, err := n.When.Get(c)
		if err != nil {
			return Outcome{}, err
		}
		if !ok {
			c.step.Skipped = n.When.String() + " is false"
			return Outcome{}, nil
		}
	}
	for try := 0; ; try++ {
		outcome, err := c.attempt(ctx, n)
		retry := n.OnError.Retry
		failed := err != nil && !isControl(err) && !callEnded(ctx, err) || err == nil && outcome.Failure
		if !failed || retry == nil || try >= retry.Times {
			return outcome, err
		}
		if !c.Sleep(ctx, min(retry.Delay, maxRetryTime)) {
			return outcome, context.Cause(ctx)
		}
	}
}

// errStepTimeout is the cause of a context that the step's timeout ended.
var errStepTimeout = errors.New("the step took longer than its timeout")

// attempt runs the step once, within its timeout.
func (c *Call) attempt(ctx context.Context, n *Node) (Outcome, error) {
	c.result = n.Verb.noResult()
	timeout, err := n.Timeout.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	if timeout > 0 {
		return c.runWithin(ctx, n, timeout)
	}
	return c.runStep(ctx, n)
}

// runStep runs the step. A panic costs the step.
func (c *Call) runStep(ctx context.Context, n *Node) (outcome Outcome, err error) {
	defer func() {
		if p := recover(); p != nil {
			c.Logger.Error("verb panicked", "verb", n.Verb.Name, "at", n.Pos, "panic", p, "stack", string(debug.Stack()))
			err = &Error{IDPanic, n.Pos, fmt.Errorf("%s panicked: %v", n.Verb.Name, p)}
		}
	}()
	return n.Step.Run(ctx, c)
}

// runWithin runs the step for no longer than its timeout.
func (c *Call) runWithin(ctx context.Context, n *Node, timeout time.Duration) (Outcome, error) {
	bounded, cancel := c.engine.clock().WithTimeout(ctx, timeout, errStepTimeout)
	defer cancel()
	outcome, err := c.runStep(bounded, n)
	if err != nil && ctx.Err() == nil && context.Cause(bounded) == errStepTimeout { //nolint:errorlint // our own sentinel, set by us
		for _, o := range n.Verb.Outcomes {
			if o.Name == "timeout" {
				return o, nil
			}
		}
		return Outcome{}, &Error{IDTimeout, n.Pos, fmt.Errorf("%w of %v", errStepTimeout, timeout)}
	}
	return outcome, err
}

// sinceStart returns for how long the steps have been running.
func (c *Call) sinceStart() time.Duration {
	if c.engine.Clock == nil {
		return time.Since(c.trace.Started) // half the price
	}
	return c.engine.Clock.Now().Sub(c.trace.Started)
}

// text returns the value of an option that may be left out.
func text[T ~string](c *Call, v lang.Value[T]) (string, error) {
	s, err := v.Get(c)
	return string(s), err
}
