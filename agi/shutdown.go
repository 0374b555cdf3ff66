package agi

import (
	"context"
	"net"
	"net/netip"
	"reflect"
	"slices"
	"time"
)

// shutdownGrace is how long calls may still clean up after Shutdown ended their
// contexts.
const shutdownGrace = 5 * time.Second

// Shutdown stops the server without cutting calls off. It closes the listeners,
// so that Asterisk is refused at once and tries the next server, and waits until
// the calls being served are over. When ctx ends first it ends the contexts of
// the calls with [ErrServerClosed], waits up to 5 seconds more for their handlers
// to clean up, closes what is left and returns the context's cause.
func (srv *Server) Shutdown(ctx context.Context) error {
	drained := srv.close()
	select {
	case <-drained:
		return nil
	case <-ctx.Done():
	}
	srv.stopConns()
	grace := time.NewTimer(shutdownGrace)
	defer grace.Stop()
	select {
	case <-drained:
	case <-grace.C:
		srv.closeConns()
	}
	return context.Cause(ctx)
}

// Close stops the server at once: it closes the listeners, ends the contexts of
// all calls with [ErrServerClosed] and closes their connections. It does not wait
// for handlers; a Shutdown after it does. The error is nil.
func (srv *Server) Close() error {
	srv.close()
	srv.stopConns()
	srv.closeConns()
	return nil
}

// close refuses everything that is new and returns a channel that is closed once
// no call is left.
func (srv *Server) close() <-chan struct{} {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	srv.initLocked()
	if !srv.closed {
		srv.closed = true
		close(srv.closing)
		if len(srv.conns) == 0 {
			close(srv.drained)
		}
	}
	for _, ln := range srv.listeners {
		ln.Close()
	}
	return srv.drained
}

func (srv *Server) stopConns() {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	for c := range srv.conns {
		c.stop()
	}
}

func (srv *Server) closeConns() {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	for c := range srv.conns {
		c.conn.Close()
	}
}

func (srv *Server) isClosed() bool {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	return srv.closed
}

func (srv *Server) addListener(ln net.Listener) bool {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	srv.initLocked()
	if srv.closed {
		return false
	}
	srv.listeners = append(srv.listeners, ln)
	return true
}

func (srv *Server) removeListener(ln net.Listener) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	for i, other := range srv.listeners {
		// Listeners may be of a type that cannot be compared; one that cannot is
		// only closed a second time, by the end of the server.
		if reflect.TypeOf(ln).Comparable() && other == ln {
			srv.listeners = slices.Delete(srv.listeners, i, i+1)
			return
		}
	}
}

// admit takes a connection on, or says why not.
func (srv *Server) admit(c *serverConn) error {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	srv.initLocked()
	var err error
	switch {
	case srv.closed:
		err = ErrServerClosed
	case !srv.allows(c.conn.RemoteAddr()):
		err = errForeign
	}
	if err != nil {
		srv.stats.Refused++
		return err
	}
	srv.conns[c] = struct{}{}
	return nil
}

// begin counts a connection as a call, now that it has said so, or says why not. One
// that says nothing takes no call's place.
func (srv *Server) begin(c *serverConn) error {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.MaxSessions > 0 && srv.stats.Active >= srv.MaxSessions {
		srv.stats.Refused++
		return errFull
	}
	srv.stats.Accepted++
	srv.stats.Active++
	c.call = true
	return nil
}

// allows reports whether calls may come from an address. One that is no IP address,
// such as that of a pipe, comes from this machine.
func (srv *Server) allows(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	if len(srv.AllowFrom) == 0 || !ok {
		return true
	}
	from := tcp.AddrPort().Addr().Unmap()
	return slices.ContainsFunc(srv.AllowFrom, func(p netip.Prefix) bool { return p.Contains(from) })
}

func (srv *Server) removeConn(c *serverConn) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	delete(srv.conns, c)
	if c.call {
		srv.stats.Active--
	}
	if srv.closed && len(srv.conns) == 0 {
		close(srv.drained)
	}
}

// initLocked makes what the zero Server lacks.
func (srv *Server) initLocked() {
	if srv.closing == nil {
		srv.closing = make(chan struct{})
		srv.drained = make(chan struct{})
		srv.conns = make(map[*serverConn]struct{})
	}
}
