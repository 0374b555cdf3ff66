package ami

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/hashicorp/go-hclog"
)

// Options configures a Client. Addr, Username and Secret are needed, the rest may
// stay zero.
type Options struct {
	// Name is the server's name in logs and in everything built on the client.
	// Empty means Addr.
	Name string

	// Addr is the manager's host:port.
	Addr string

	// Username and Secret are those of a section in manager.conf.
	Username, Secret string

	// PlainLogin sends the secret itself. Otherwise the login is by MD5 challenge
	// and the secret never crosses the wire.
	PlainLogin bool

	// TLS, when not nil, is used for the connection (tlsenable in manager.conf). An
	// empty ServerName means the host of Addr.
	TLS *tls.Config

	// Events is the Events header of the login: "off", or classes joined by commas
	// ("call,agent"). Empty means all that the user may read.
	Events string

	// Dial opens the connection; nil means a net.Dialer. TLS comes on top of it.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)

	// Handler is called for every event that is not an item of a List, in order,
	// on the read goroutine. It must not block, nor call Do, List or Originate: the
	// answer could not be read.
	Handler func(Event)

	// OnState is called when the session comes up (Connected, nil) and when it is
	// lost or cannot be had (Disconnected, why), once for each change. It is called
	// in order with Handler and on the same goroutine, and the same holds for it.
	OnState func(State, error)

	// PingInterval is the time between two Pings; 0 means 15 s. They find a dead
	// peer, and they bound the delay of events in some versions of Asterisk, which
	// write held-back events after each action.
	PingInterval time.Duration

	// PingTimeout is how long nothing at all may come after a Ping before the link
	// is given up; 0 means 10 s. It is longer while other actions wait, because a
	// slow action holds up the rest of its session.
	PingTimeout time.Duration

	// ActionTimeout bounds an action whose context has no deadline, the login and
	// the dial; 0 means 30 s.
	ActionTimeout time.Duration

	// Backoff makes the policy for the time between two attempts; nil means
	// exponential from 500 ms to 30 s with jitter. It is called once in each Run.
	Backoff func() backoff.BackOff

	// Logger receives connects and drops; nil means none.
	Logger hclog.Logger
}

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
// delivers answers. While a session is up there is one more for Ping. Run waits
// for it.
type Client struct {
	opts    Options
	log     hclog.Logger
	prefix  string // of our ActionIDs: unlike any other process's
	seq     atomic.Uint64
	running atomic.Bool
	link    atomic.Pointer[link] // nil while not connected

	subsMu sync.Mutex // guards changes of subs
	subs   atomic.Pointer[[]*Subscription]

	state State // of the last OnState; read goroutine only
	told  bool  // whether OnState was called at all
}

// New returns a Client. It does no I/O.
func New(o Options) *Client {
	if o.Name == "" {
		o.Name = o.Addr
	}
	if o.Dial == nil {
		o.Dial = new(net.Dialer).DialContext
	}
	o.PingInterval = orElse(o.PingInterval, 15*time.Second)
	o.PingTimeout = orElse(o.PingTimeout, 10*time.Second)
	o.ActionTimeout = orElse(o.ActionTimeout, 30*time.Second)
	if o.Backoff == nil {
		o.Backoff = defaultBackoff
	}
	if o.Logger == nil {
		o.Logger = hclog.NewNullLogger()
	}
	var id [8]byte
	rand.Read(id[:]) // never fails
	c := &Client{
		opts:   o,
		log:    o.Logger.Named("ami").With("server", o.Name),
		prefix: "pbxflow-" + hex.EncodeToString(id[:]) + "-",
	}
	c.subs.Store(new([]*Subscription))
	return c
}

func orElse(d, other time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return other
}

func defaultBackoff() backoff.BackOff {
	b := backoff.NewExponentialBackOff()
	b.MaxInterval = 30 * time.Second
	return b
}

// Name returns the server's name, Options.Name.
func (c *Client) Name() string { return c.opts.Name }

// Connected reports whether a session is up.
func (c *Client) Connected() bool { return c.link.Load() != nil }

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
		up, err := c.session(ctx)
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

// nextID returns an ActionID that no other client has used: at most 45 bytes.
// Asterisk copies ids into small buffers; longer than about 137 bytes they would
// glue two headers together.
func (c *Client) nextID() string {
	return c.prefix + strconv.FormatUint(c.seq.Add(1), 36)
}
