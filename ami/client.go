package ami

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/hashicorp/go-hclog"
)

// State is the state of the session.
type State int

// States of the session.
const (
	Disconnected State = iota
	Connected
)

func (s State) String() string {
	if s == Connected {
		return "connected"
	}
	return "disconnected"
}

// stable is how long a session must have lived for the next wait to start from the
// shortest again.
const stable = 10 * time.Second

// Client is a manager session that comes back after drops. Make one with New; Run
// must be running for actions to work. All methods may be called concurrently.
//
// Goroutines: Run's own reads the connection, calls Handler and OnState, and
// delivers answers. While a session is up there is one more for Ping, two more with
// ActionLink (its reader and its Ping), one more with ServerFilter, and one on each
// connection while something is written. Run waits for them.
type Client struct {
	opts    Options
	log     hclog.Logger
	origin  *origin // of its events
	ids     *ids
	running atomic.Bool
	session atomic.Pointer[session] // nil while not connected

	subsMu sync.Mutex // guards changes of subs
	subs   atomic.Pointer[[]*subscriber]
	wants  atomic.Pointer[[]Want] // of Handler; at least one

	state State // of the last OnState; read goroutine only
	told  bool  // whether OnState was called at all

	unfiltered bool // whether it was logged that Asterisk sets no filter; Run's goroutine only
}

// New returns a Client. It does no I/O.
func New(o Options) *Client {
	o = o.complete()
	c := &Client{
		opts:   o,
		log:    o.Logger.Named("ami").With("server", o.Name),
		origin: &origin{server: o.Name},
		ids:    newIDs(),
	}
	c.subs.Store(new([]*subscriber))
	c.SetWants(o.Wants...)
	return c
}

// Name returns the server's name, Options.Name.
func (c *Client) Name() string { return c.opts.Name }

// Connected reports whether a session is up.
func (c *Client) Connected() bool { return c.session.Load() != nil }

// SetWants replaces Options.Wants. What they add is asked for at once, what they leave
// out stops coming with the next session. It does not block.
func (c *Client) SetWants(wants ...Want) {
	all := make([]Want, 0, 1)
	for _, w := range wants {
		all = append(all, w.clone())
	}
	if len(all) == 0 {
		all = append(all, Want{})
	}
	c.wants.Store(&all)
	if s := c.session.Load(); s != nil {
		s.wantsChanged()
	}
}

// Run connects, logs in, reads, and after a drop comes back with growing waits. It
// blocks until ctx ends, then logs off and returns the cause of ctx; or until the
// login is refused for good, then it returns an error that wraps ErrLoginRefused.
// A refusal that passes, such as "Asterisk is shutting down", is retried. A second
// Run at the same time is an error; a later one is not.
func (c *Client) Run(ctx context.Context) error {
	if !c.running.CompareAndSwap(false, true) {
		return errors.New("ami: Run is running already")
	}
	defer c.running.Store(false)
	c.told = false
	wait := c.opts.Backoff()
	wait.Reset()
	for {
		up, err := c.live(ctx)
		if ctx.Err() != nil {
			err = context.Cause(ctx)
			c.setState(Disconnected, err)
			return err
		}
		c.setState(Disconnected, err)
		if errors.Is(err, ErrLoginRefused) {
			return err
		}
		if up >= stable {
			wait.Reset()
		}
		pause := wait.NextBackOff()
		if pause == backoff.Stop {
			return err
		}
		c.log.Warn("manager session down", "error", err, "retry_in", pause)
		if !sleep(ctx, pause) {
			return context.Cause(ctx)
		}
	}
}

// sleep waits; it reports false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// setState calls OnState if this is a change.
func (c *Client) setState(s State, err error) {
	if c.told && c.state == s {
		return
	}
	c.state, c.told = s, true
	if c.opts.OnState != nil {
		c.opts.OnState(s, err)
	}
}
