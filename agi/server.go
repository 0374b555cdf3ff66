package agi

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
)

// Handler answers calls.
//
// ServeAGI is called in a goroutine of its own for every call and may take as
// long as the call does. Returning gives the call back to the dialplan: with nil
// AGISTATUS is SUCCESS, with an error or after a panic FAILURE, unless the call
// was hung up. An error or panic is logged by the server and ends nothing but
// this call.
//
// ctx ends when the call is hung up ([context.Cause] is [ErrHangup]), when the
// connection breaks (it wraps [ErrClosed]) or when the server is closed
// ([ErrServerClosed]). The session must not be used after ServeAGI has returned.
type Handler interface {
	ServeAGI(ctx context.Context, s *Session) error
}

// HandlerFunc makes a function a Handler.
type HandlerFunc func(ctx context.Context, s *Session) error

// ServeAGI calls f.
func (f HandlerFunc) ServeAGI(ctx context.Context, s *Session) error { return f(ctx, s) }

// Server accepts calls from Asterisk. The zero value listens on port 4573 of all
// addresses and refuses every call for want of a handler. Fields must not be
// changed once the server runs; methods are safe for concurrent use.
//
// A server has a goroutine for every connection, which runs the handler, beside
// the one that a session has while no command runs. Serve waits for them.
type Server struct {
	// Addr is the address to listen on; "" means ":4573".
	Addr string

	// Handler answers the calls. A nil Handler refuses them.
	Handler Handler

	// Logger gets what goes wrong; nil means nobody does.
	Logger hclog.Logger

	// MaxSessions is how many calls may be served at once, 0 means any number. A
	// call too many is refused: its dialplan goes on with AGISTATUS=FAILURE.
	MaxSessions int

	// AllowFrom are the networks that calls may come from; none means any. A call
	// from elsewhere is refused like one too many.
	AllowFrom []netip.Prefix

	// TLSConfig makes Serve speak TLS, with a peer that ends TLS for Asterisk, which
	// has none for AGI. Nil means plain TCP.
	TLSConfig *tls.Config

	// EnvTimeout is how long Asterisk may take to say what the call is; 0 means
	// 5 seconds. It commonly takes less than a millisecond.
	EnvTimeout time.Duration

	// MaxLine is the longest command line, and ReplyTimeout how long a command may
	// take; see [SessionOptions].
	MaxLine      int
	ReplyTimeout time.Duration

	// Interrupt ends commands that cannot be stopped; see [SessionOptions].
	Interrupt func(ctx context.Context, s *Session, line string) error

	// Debug gets what is read and written, but for secrets, of which Secret tells; see
	// [SessionOptions].
	Debug  io.Writer
	Secret func(text string) bool

	// BaseContext returns the context that those of calls derive from; nil means
	// context.Background. It is called once for each listener.
	BaseContext func(net.Listener) context.Context

	mu        sync.Mutex
	closed    bool          // no more calls: Shutdown or Close was called
	closing   chan struct{} // closed when closed becomes true
	listeners []net.Listener
	conns     map[*serverConn]struct{}
	drained   chan struct{} // closed once closed and conns is empty
	stats     Stats
	idlers    idlers
	debugging sync.Mutex // held to write to Debug

	refusalLogged time.Time // when a refusal was last logged
	unlogged      int       // refusals since then
}

const (
	defaultAddr       = ":4573"
	defaultEnvTimeout = 5 * time.Second
)

// ListenAndServe listens on Addr and serves calls. It blocks like Serve and
// returns the same errors, or why it could not listen.
func (srv *Server) ListenAndServe() error {
	addr := srv.Addr
	if addr == "" {
		addr = defaultAddr
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("agi: %w", err)
	}
	return srv.Serve(ln)
}

// Serve accepts calls from ln until Shutdown or Close is called, and then returns
// [ErrServerClosed], or until ln fails for good. It closes ln, and returns when
// the handlers of all calls that came by ln have returned.
func (srv *Server) Serve(ln net.Listener) error {
	var calls sync.WaitGroup
	defer calls.Wait()
	defer ln.Close()
	if srv.TLSConfig != nil {
		ln = tls.NewListener(ln, srv.TLSConfig)
	}
	if !srv.addListener(ln) {
		return ErrServerClosed
	}
	defer srv.removeListener(ln)

	ctx := context.Background()
	if srv.BaseContext != nil {
		ctx = srv.BaseContext(ln)
	}
	for delay := time.Duration(0); ; {
		conn, err := ln.Accept()
		if err == nil {
			delay = 0
			calls.Go(func() { srv.ServeConn(ctx, conn) })
			continue
		}
		if srv.isClosed() {
			return ErrServerClosed
		}
		if !temporary(err) {
			srv.logger().Error("accept failed for good", "error", err)
			return fmt.Errorf("agi: accept: %w", err)
		}
		// Most likely out of file descriptors. Some will be free in a moment.
		delay = min(max(2*delay, 5*time.Millisecond), time.Second)
		srv.logger().Error("accept failed", "error", err, "retry_in", delay)
		select {
		case <-time.After(delay):
		case <-srv.closing:
			return ErrServerClosed
		}
	}
}

func (srv *Server) sessionOptions() SessionOptions {
	return SessionOptions{
		MaxLine: srv.MaxLine, ReplyTimeout: srv.ReplyTimeout, Interrupt: srv.Interrupt,
		Debug: lockedBy(&srv.debugging, srv.Debug), Secret: srv.Secret, idlers: &srv.idlers,
	}
}

func (srv *Server) logger() hclog.Logger {
	if srv.Logger == nil {
		return hclog.NewNullLogger()
	}
	return srv.Logger
}

// temporary reports whether an error of Accept may pass. The net package's errors
// still tell by this method, which nothing replaces.
func temporary(err error) bool {
	var t interface{ Temporary() bool }
	return errors.As(err, &t) && t.Temporary()
}
