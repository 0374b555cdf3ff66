package ami

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Originate sends an Originate action, made asynchronous so that it does not hold
// up the session, and blocks until Asterisk tells how it ended: the
// OriginateResponse event, which also reaches Handler. A call that was not answered
// is an [*Error] whose Message holds the reason. Other errors are those of Do; when
// ctx has no deadline, ActionTimeout counts from when the action's own Timeout (30 s
// unless it says so) has passed. The user needs the read class call for the event
// to come.
func (c *Client) Originate(ctx context.Context, a Action) (Event, error) {
	ctx, cancel := bounded(ctx, c.opts.ActionTimeout+ringTime(a))
	defer cancel()
	o, err := c.StartOriginate(ctx, a)
	if err != nil {
		return Event{}, err
	}
	defer o.Forget()
	return o.Wait(ctx)
}

// StartOriginate sends an Originate action like [Client.Originate] and returns as
// soon as Asterisk has accepted it; the Origination tells how it ends. Errors are
// those of Do. The caller calls Wait until it returns, or Forget.
func (c *Client) StartOriginate(ctx context.Context, a Action) (*Origination, error) {
	ctx, cancel := bounded(ctx, c.opts.ActionTimeout)
	defer cancel()
	a.Name = "Originate"
	a.Fields = slices.DeleteFunc(slices.Clone(a.Fields), func(f Field) bool { return strings.EqualFold(f.Name, "Async") }) // the first would count
	a = a.With("Async", "true")
	s, err := c.ready(ctx, &a)
	if err != nil {
		return nil, err
	}
	w, err := c.send(s, s.actions, &a, originate, false)
	if err != nil {
		return nil, err
	}
	o := &Origination{session: s, waiter: w}
	select {
	case <-w.accepted:
	case <-w.done:
		if w.err != nil {
			return nil, w.err
		}
	case <-ctx.Done():
		if s.giveUp(w, context.Cause(ctx)); w.err != nil {
			return nil, w.err
		}
	}
	return o, nil
}

// Origination is a call that Asterisk has been asked to make. Its methods may be
// called concurrently and more than once.
type Origination struct {
	session *session
	waiter  *waiter
}

// ActionID returns the id that Asterisk repeats in the OriginateResponse.
func (o *Origination) ActionID() string { return string(o.session.ids.append(nil, o.waiter.number)) }

// Done returns a channel that is closed when it is known how the call ended, or
// never will be because the session dropped.
func (o *Origination) Done() <-chan struct{} { return o.waiter.done }

// Wait blocks until Asterisk tells how the call ended and returns its
// OriginateResponse. An unanswered call is an [*Error] together with the event. A
// dropped session, and the end of ctx, are ErrOutcomeUnknown; after the latter Wait
// may be called again.
func (o *Origination) Wait(ctx context.Context) (Event, error) {
	select {
	case <-o.waiter.done:
	default:
		select {
		case <-o.waiter.done:
		case <-ctx.Done():
			return Event{}, unknown("Originate", context.Cause(ctx))
		}
	}
	if o.waiter.err != nil {
		return Event{}, o.waiter.err
	}
	e := o.waiter.items[0]
	if !strings.EqualFold(e.Get("Response"), "Success") {
		return e, &Error{Action: "Originate", Message: "call failed, reason " + reason(e.Get("Reason"))}
	}
	return e, nil
}

// Forget says that nobody will call Wait any more. The call itself goes on.
func (o *Origination) Forget() { o.session.forget(o.waiter) }

// ringTime returns how long Asterisk tries: the Timeout in milliseconds.
func ringTime(a Action) time.Duration {
	for _, f := range a.Fields {
		if strings.EqualFold(f.Name, "Timeout") {
			if ms, err := strconv.Atoi(strings.TrimSpace(f.Value)); err == nil && ms > 0 {
				return time.Duration(ms) * time.Millisecond
			}
		}
	}
	return 30 * time.Second
}

// reason adds words to the number in an OriginateResponse: the last control frame
// of the channel.
func reason(number string) string {
	words := map[string]string{
		"0": "no such number or refused", "1": "hung up", "3": "no answer",
		"5": "busy", "8": "congestion",
	}[number]
	if words == "" {
		return number
	}
	return number + " (" + words + ")"
}
