package flows

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow/ami"
)

// phoneNotice is a notice that is to be said on phones.
type phoneNotice struct {
	server  *Server
	devices []string
	call    origination // without its device
	message message
	tries   int
	between time.Duration
	logger  hclog.Logger
}

// phoneNotice prepares a notice to phones. Those that dialing does not allow are left out.
func (c *Call) phoneNotice(ctx context.Context, n *Notifier, m message) (*phoneNotice, error) {
	if c.engine.Phones == nil {
		return nil, errors.New("this program calls nobody")
	}
	server, err := c.findServer(ctx, cmp.Or(string(n.phone.server), c.Meta.Server))
	switch {
	case err != nil:
		return nil, err
	case server == nil:
		return nil, errors.New("it is not known which Asterisk server calls: write server: and its name")
	case server.AGI == nil:
		return nil, errNoAGI
	}
	phone := n.phone
	m.sounds = slices.Concat(phone.play, m.sounds)
	m.ask, m.key, m.repeat = phone.ask, string(n.Acknowledge), phone.repeat
	p := &phoneNotice{
		server: server, call: origination{callerID: phone.callerID, timeout: phone.timeout},
		message: m, tries: phone.tries, between: phone.between, logger: c.Logger,
	}
	for _, callee := range phone.callees {
		device, err := server.device(callee)
		if err != nil {
			return nil, err
		}
		if c.allowed(c.Program.Outward.checkCallee(callee)) && c.mayCall(device) {
			p.devices = append(p.devices, device)
		}
	}
	if p.devices == nil {
		return nil, errors.New("none of its phones may be called")
	}
	return p, nil
}

// phoned is how a notice to phones ended.
type phoned struct {
	by    string   // the phone where it was acknowledged; empty for none
	calls []string // each phone with how the call ended
}

// callPhones calls one phone after the other until somebody acknowledges. The error says why
// nobody could be called at all.
func (e *Engine) callPhones(ctx context.Context, p *phoneNotice) (result phoned, err error) {
	reached := false
	var failure error
	for try := 1; try <= p.tries; try++ {
		if try > 1 && !e.pause(ctx, p.between) {
			if ctx.Err() != nil {
				return result, context.Cause(ctx)
			}
			return result, errPhonesClosed
		}
		for _, device := range p.devices {
			ended, err := e.ring(ctx, p, device)
			if ctx.Err() != nil {
				return result, context.Cause(ctx)
			}
			p.logger.Info("called for a notice", "phone", device, "try", try, "ended", ended, "error", err)
			result.calls = append(result.calls, device+": "+ended)
			if ended == notifyAcknowledged.Name {
				result.by = device
				return result, nil
			}
			if err == nil {
				reached = true
			} else if failure == nil {
				failure = err
			}
		}
	}
	if reached {
		return result, nil
	}
	return result, failure
}

// pause waits between two tries. It reports false when ctx or the phones ended first.
func (e *Engine) pause(ctx context.Context, d time.Duration) bool {
	waiting, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(e.Phones.open, func() { cancel(errPhonesClosed) })()
	return e.clock().Sleep(waiting, d)
}

// arrivalTime is how long a call that was answered may take until its session is here.
const arrivalTime = 10 * time.Second

var errNotArrived = fmt.Errorf("the phone was answered, and Asterisk did not reach this server within %v: see agi: { address: … } in pbxflow.yaml", arrivalTime)

// ring calls one phone, and says how that ended: in an outcome of originate when nobody
// answered, in one of notify otherwise.
func (e *Engine) ring(ctx context.Context, p *phoneNotice, device string) (ended string, err error) {
	const failed = "failed"
	if !p.server.Manager.Connected() {
		return failed, p.server.down()
	}
	address, err := p.server.AGI(ctx)
	if err != nil {
		return failed, err
	}
	v, err := e.Phones.expect(&p.message)
	if err != nil {
		return failed, err
	}
	defer e.Phones.take(v.token)
	call := p.call
	call.device = device
	call.to = []ami.Field{{Name: "Application", Value: "AGI"}, {Name: "Data", Value: "agi://" + address + "/" + visitPath + v.token}}
	outcome, result, err := p.server.originate(ctx, call)
	if err != nil || outcome != originateAnswered {
		return cmp.Or(outcome.Name, failed), err
	}
	arriving, cancel := e.clock().WithTimeout(ctx, arrivalTime, errNotArrived)
	defer cancel()
	select {
	case <-v.begun:
	case <-arriving.Done():
		p.server.hangUp(ctx, result.ID)
		return failed, context.Cause(arriving)
	}
	select {
	case acknowledged := <-v.ended:
		if acknowledged {
			return notifyAcknowledged.Name, nil
		}
		return notifyUnacknowledged.Name, nil
	case <-ctx.Done():
		p.server.hangUp(ctx, result.ID)
		return failed, context.Cause(ctx)
	}
}
