package agi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
)

// serverConn is one connection in the care of a server.
type serverConn struct {
	conn    net.Conn
	session atomic.Pointer[Session] // nil at first
	stopped atomic.Bool             // the server was closed
	call    bool                    // its environment has come
}

// stop ends the context of the call, and the reading of its environment.
func (c *serverConn) stop() {
	c.stopped.Store(true)
	if s := c.session.Load(); s != nil {
		s.end(ErrServerClosed)
	}
}

// failure is the line that makes Asterisk end the session with
// AGISTATUS=FAILURE. Closing alone would mean SUCCESS.
const failure = "FAILURE\n"

// lingerTime is how long to wait for Asterisk to close after FAILURE.
const lingerTime = time.Second

// ServeConn serves one connection and closes it. It blocks until the handler has
// returned. Serve calls it for every connection that it accepts; call it for
// connections that come in another way. The call counts like any other for
// MaxSessions and Shutdown.
func (srv *Server) ServeConn(ctx context.Context, conn net.Conn) {
	c := &serverConn{conn: conn}
	if err := srv.admit(c); err != nil {
		srv.logRefusal("call refused", conn, err)
		refuse(conn)
		return
	}
	defer srv.removeConn(c)

	s := newSession(ctx, conn, srv.sessionOptions())
	defer s.cancel(ErrClosed)
	c.session.Store(s)
	if c.stopped.Load() { // before there was a session
		s.end(ErrServerClosed)
	}
	err := s.open(srv.envTimeout())
	if err != nil {
		slow := isTimeout(err)
		if s.ctx.Err() != nil {
			err = context.Cause(s.ctx)
		}
		srv.logOpen(conn, err)
		if slow { // perhaps it is an Asterisk that would have gone on
			refuse(conn)
		}
		conn.Close()
		return
	}
	// Asterisk may have closed first; there is nothing to do about an error here.
	defer func() { _ = s.Close() }()
	if err := srv.begin(c); err != nil {
		srv.logRefusal("call refused", conn, err)
		s.fail()
		return
	}
	// A handler that ends its goroutine, as t.FailNow does, does not come back
	// here: only what is deferred runs.
	err = errNoReturn
	defer func() {
		if err != nil && !s.HungUp() && !errors.Is(err, ErrHangup) {
			s.fail()
		}
	}()
	err = srv.handle(s)
}

// errNoReturn is the error of a handler that ended its goroutine.
var errNoReturn = errors.New("agi: handler did not return")

// Why a call is refused.
var (
	errFull    = errors.New("agi: as many sessions as allowed")
	errForeign = errors.New("agi: the address is not in AllowFrom")
)

// envTimeout is how long reading the environment may take.
func (srv *Server) envTimeout() time.Duration {
	if srv.EnvTimeout > 0 {
		return srv.EnvTimeout
	}
	return defaultEnvTimeout
}

// logOpen tells of a connection that was no call. One that was closed before it
// said anything is a health check or a port scan, and not worth a line.
func (srv *Server) logOpen(conn net.Conn, err error) {
	quiet := errors.Is(err, errSaidNothing) || errors.Is(err, ErrServerClosed)
	srv.count(func(st *Stats) {
		st.Accepted++
		if !quiet {
			st.Invalid++
		}
	})
	if quiet {
		srv.logger().Debug("no environment", "remote", conn.RemoteAddr(), "error", err)
		return
	}
	srv.logRefusal("no environment", conn, err)
}

// logRefusal tells of a connection that was turned away. Somebody who sends many
// of them must not fill the disk, so there is at most one line a second, which
// says how many were left out.
func (srv *Server) logRefusal(what string, conn net.Conn, err error) {
	srv.mu.Lock()
	now := time.Now()
	silent := now.Sub(srv.refusalLogged) < time.Second
	unlogged := srv.unlogged
	if silent {
		srv.unlogged++
	} else {
		srv.refusalLogged, srv.unlogged = now, 0
	}
	srv.mu.Unlock()
	if !silent {
		srv.logger().Warn(what, "remote", conn.RemoteAddr(), "error", err, "more_before", unlogged)
	}
}

// handle runs the handler and logs how it ended, if not well. A panic is logged
// with its stack and becomes the error.
func (srv *Server) handle(s *Session) (err error) {
	// Most calls log nothing, so the logger is made when there is something.
	log := func() hclog.Logger {
		return srv.logger().With("channel", s.env.Channel(), "uniqueid", s.env.UniqueID())
	}
	if srv.Handler == nil {
		log().Error("no handler for the call")
		return errors.New("agi: no handler")
	}
	returned := false
	defer func() {
		if returned {
			return
		}
		srv.count(func(st *Stats) { st.Panics++ })
		err = errNoReturn
		if p := recover(); p != nil {
			err = fmt.Errorf("agi: handler panicked: %v", p)
		}
		log().Error("handler did not return", "error", err, "stack", string(debug.Stack()))
	}()
	err = srv.Handler.ServeAGI(s.ctx, s)
	returned = true
	switch {
	case err == nil || errors.Is(err, ErrHangup):
	case s.ctx.Err() != nil && (errors.Is(err, context.Cause(s.ctx)) || errors.Is(err, context.Canceled)):
		log().Debug("handler stopped", "cause", context.Cause(s.ctx))
	default:
		srv.count(func(st *Stats) { st.Failed++ })
		log().Error("handler failed", "error", err)
	}
	return err
}

// fail tells Asterisk that the session failed, and waits a moment for it to close.
// Closing first could overtake the line: a connection closed with bytes unread is
// reset.
func (s *Session) fail() {
	if s.write([]byte(failure)) != nil {
		return // nobody is left to be told
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), lingerTime)
	defer cancel()
	if s.take(ctx) != nil {
		return // the handler left a command running
	}
	defer s.give()
	s.awaitFor(lingerTime, func(*Reply) bool { return false })
}

// refuse tells Asterisk that a call will not be served, reads what it sends
// until it closes, and closes.
func refuse(conn net.Conn) {
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(lingerTime)); err != nil {
		return
	}
	if _, err := io.WriteString(conn, failure); err != nil {
		return
	}
	// It ends with an error in most cases: Asterisk closes, or the time is over.
	_, _ = io.CopyN(io.Discard, conn, maxEnvBytes)
}
