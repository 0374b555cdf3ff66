package flows

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// runCall runs the flow and those it goes on in, cleans up after each, and tells
// the dialplan how it ended.
func (c *Call) runCall(ctx context.Context, flow *Flow) {
	var err error
	for {
		err = c.runFlow(ctx, flow)
		next, ok := errors.AsType[gotoFlow](err)
		if !ok {
			break
		}
		flow, c.vars = next.flow, next.vars
	}
	t := c.trace
	switch {
	case err == nil:
		t.Status, t.EndedBy = StatusDone, "dialplan"
	case isA[returnFlow](err):
		t.Status, t.EndedBy = StatusReturn, "dialplan"
	case isA[giveBack](err):
		t.Status, t.EndedBy = StatusDrained, "reload"
	case isA[inDialplan](err):
		t.Status, t.EndedBy = StatusDone, "dialplan"
	case isA[endCall](err):
		t.Status, t.EndedBy = StatusHangup, "flow"
	case errors.Is(err, agi.ErrServerClosed):
		t.Status, t.EndedBy, t.Error = StatusError, "shutdown", err.Error()
	case callEnded(ctx, err):
		t.Status, t.EndedBy = StatusHangup, "caller"
	default:
		t.Status, t.EndedBy, t.Error = StatusError, "error", c.masked(err.Error())
	}
	told := ending{status: t.Status}
	if failure, ok := errors.AsType[*Error](err); ok {
		told.id = failure.ID
	}
	if back, ok := errors.AsType[returnFlow](err); ok {
		var err error
		if told.result, err = resultText(back.values); err != nil {
			c.Logger.Warn("the dialplan is not told all that the flow returns", "error", c.masked(err.Error()))
		}
	}
	if err := lastWords(ctx, c.Session, told); err != nil {
		c.Logger.Warn("cannot tell the dialplan how the flow ended", "error", err)
	}
}

// errSilent says that Asterisk did not answer in the end.
var errSilent = errors.New("flows: Asterisk does not answer")

// lastWords is tellDialplan for a call that is over then in any case: who does not
// answer in time is cut off, for which no context is needed, and that is most of the price.
func lastWords(ctx context.Context, s *agi.Session, e ending) error {
	silent := time.AfterFunc(statusSetBy, func() { _ = s.Close() }) // which nobody can mend
	err := tellDialplan(context.WithoutCancel(ctx), s, e)
	if !silent.Stop() {
		return errSilent
	}
	return err
}

// runFlow runs one flow with its handlers. The error is nil, a control such
// as gotoFlow, the cause of a call that is over, or an *Error that nothing handled.
func (c *Call) runFlow(ctx context.Context, flow *Flow) error {
	c.flow = flow.Name
	err := c.Run(ctx, flow.Steps)
	if err != nil && !isControl(err) && !callEnded(ctx, err) {
		err = c.handleError(ctx, flow, err)
	}
	over := err != nil && !isControl(err) && callEnded(ctx, err)
	if !over && flow.Finally == nil {
		return err
	}
	after, cancel := c.cleanupTime(ctx, over)
	defer cancel()
	if over {
		c.cleanUp(after, "on_hangup", flow.OnHangup)
	}
	c.cleanUp(after, "finally", flow.Finally)
	return err
}

// cleanupTime returns a context for what comes when the caller's has ended: it has its
// own time. Once the call is over, flows that called each other share it.
func (c *Call) cleanupTime(ctx context.Context, over bool) (context.Context, context.CancelFunc) {
	end := c.Now().Add(cleanupTime)
	if over && c.cleanupBy.IsZero() {
		c.cleanupBy = end
	} else if over {
		end = c.cleanupBy
	}
	return c.WithTimeout(context.WithoutCancel(ctx), end.Sub(c.Now()))
}

// cleanUp runs on_hangup or finally. Whatever happens there does not change how
// the flow ended, and the steps do not count as the flow's.
func (c *Call) cleanUp(ctx context.Context, what string, steps Steps) {
	budget, cleaning := c.budget, c.cleaning
	c.budget, c.cleaning = cleanupSteps, true
	if err := c.Run(ctx, steps); err != nil && !isControl(err) {
		c.Logger.Error("clean-up failed", "in", what, "error", c.masked(err.Error()))
	}
	c.budget, c.cleaning = budget, cleaning
}

// handleError gives an error to the flow's on_error, or to the built-in handler,
// which says sorry and leaves the call to the dialplan. It returns what on_error
// ended in: nil when it handled the error.
func (c *Call) handleError(ctx context.Context, flow *Flow, err error) error {
	if flow.OnError != nil && c.affords(err) {
		c.setError(err)
		err = c.Run(ctx, flow.OnError)
		if err == nil || isControl(err) || callEnded(ctx, err) {
			return err
		}
	}
	if c.depth > 0 {
		return err // the flow that called this one may handle it
	}
	c.Logger.Error("flow failed", "error", c.masked(err.Error()))
	c.sorry(ctx)
	return err
}

// affords reports whether on_error may handle the error. A flow that ran in
// circles gets some steps for that, once.
func (c *Call) affords(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.ID != IDLimit {
		return true
	}
	if c.spent {
		return false
	}
	c.budget, c.spent = reserveSteps, true
	return true
}

// sorry plays the sorry sound, which the trace shows as a step.
func (c *Call) sorry(ctx context.Context) {
	sound := c.Program.Sorry
	if sound == "" {
		return
	}
	begin := c.Now()
	c.step = &StepTrace{Pos: "-", Verb: "sorry", Flow: c.flow, Start: begin.Sub(c.trace.Started)}
	c.trace.add(c.step)
	c.TraceValue("sound", sound)
	if _, _, err := c.Session.StreamFile(ctx, sound, "", 0); err != nil {
		c.step.Error = err.Error()
		if !callEnded(ctx, err) {
			c.Logger.Warn("cannot play the sorry sound", "sound", sound, "error", err)
		}
	}
	c.step.Took = c.Now().Sub(begin)
	c.step = nil
}

func (c *Call) setError(err error) {
	if e, ok := errors.AsType[*Error](err); ok {
		c.vars["error"] = &errorInfo{ID: e.ID, Message: e.Err.Error(), At: e.At.String()}
	}
}

// ending is what the dialplan is told.
type ending struct{ status, id, result string }

// tellDialplan sets FLOWSTATUS, FLOWERROR and FLOWRESULT. They work on a channel that was
// hung up; when the connection is gone there is nobody to tell.
func tellDialplan(ctx context.Context, s *agi.Session, e ending) error {
	variables := [][2]string{{"FLOWSTATUS", e.status}, {"FLOWERROR", e.id}}
	if e.status == StatusReturn {
		variables = append(variables, [2]string{"FLOWRESULT", e.result})
	}
	for _, v := range variables {
		if err := s.SetVariable(ctx, v[0], v[1]); err != nil && !errors.Is(err, agi.ErrClosed) {
			return err
		}
	}
	return nil
}

// resultText is what a flow returns to the dialplan: one value as text, several as JSON.
// What cannot stand in text is left out, since a dialplan has nothing else; the error says
// why.
func resultText(values map[string]any) (result string, err error) {
	texts := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		text, wrong := lang.Text(values[name])
		if wrong != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", name, wrong))
			continue
		}
		result, texts[name] = text, text
	}
	if len(texts) < 2 {
		return result, err
	}
	b, wrong := json.Marshal(texts)
	return string(b), errors.Join(err, wrong)
}
