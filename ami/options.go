package ami

import (
	"context"
	"crypto/tls"
	"net"
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

	// TLS, when not nil, is used for the connection (tlsenable in manager.conf):
	// RootCAs for an authority of one's own, Certificates for a client certificate.
	// An empty ServerName means the host of Addr.
	TLS *tls.Config

	// ActionLink logs in a second time and sends the actions there, so that a slow
	// one (a synchronous Originate, a long Command) does not hold back the events.
	// The two connections are one session: it is up when both are, and lost with
	// either. The actions Events and Filter still go to the one that brings events.
	// The user needs allowmultiplelogin, which is on unless manager.conf says no.
	ActionLink bool

	// Events is the Events header of the login: "off", or classes joined by commas
	// ("call,agent"). Empty means all that the user may read. Without the class
	// call, Originate never learns how a call ended.
	Events string

	// ServerFilter makes Asterisk hold back the events that nobody wants, by what
	// Handler (see Wants) and the subscriptions ask for: by event mask when all of
	// them name classes and Events is empty (call is always among these, for
	// Originate), and by filters when all of them name events; then also by a field,
	// where one stands alone and is made of letters, digits, - and _. What a later
	// subscription adds is asked for at once; what a closed one leaves stops coming
	// with the next session. Filters need the write class system: without it all
	// events come, as without this option, and the log says so, once.
	ServerFilter bool

	// Wants say which events Handler needs, those that fit one of them, for
	// ServerFilter only: Handler is called for whatever comes. None means all.
	// Client.SetWants changes them.
	Wants []Want

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
	// is given up; 0 means 10 s. It is longer while an action that was sent before
	// the Ping is waited for, because a slow one holds up the rest of its connection,
	// and, when its caller has given up, until ActionTimeout after it was sent.
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

// complete returns the options with what stands for zero.
func (o Options) complete() Options {
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
	return o
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
