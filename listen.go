package pbxflow

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
)

// listen binds the listeners, so that an address in use is an error of New.
func (s *Server) listen() (err error) {
	s.agiListener = s.options.AGIListener
	if s.agiListener == nil {
		if s.agiListener, err = net.Listen("tcp", s.settings.AGIListen); err != nil {
			return fmt.Errorf("pbxflow: cannot listen for calls: %w", err)
		}
	}
	if s.settings.HTTPListen == "" {
		return nil
	}
	if s.httpListener, err = net.Listen("tcp", s.settings.HTTPListen); err != nil {
		err = fmt.Errorf("pbxflow: cannot listen for HTTP: %w", err)
		if s.options.AGIListener == nil {
			err = errors.Join(err, s.agiListener.Close())
		}
	}
	return err
}

// AGIAddr returns where calls are answered. It is known once New has returned.
func (s *Server) AGIAddr() net.Addr { return s.agiListener.Addr() }

// HTTPAddr returns where people and programs are answered; nil when pbxflow.yaml
// names no address.
func (s *Server) HTTPAddr() net.Addr {
	if s.httpListener == nil {
		return nil
	}
	return s.httpListener.Addr()
}

// reachedFrom returns where an Asterisk server reaches the FastAGI listener: as
// pbxflow.yaml says, or the address of the listener, or else that of this machine on the
// way to the server's manager interface.
func (s *Server) reachedFrom(manager string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		if s.settings.AGIAddress != "" {
			return s.settings.AGIAddress, nil
		}
		listener, ok := s.AGIAddr().(*net.TCPAddr)
		if !ok || !listener.IP.IsUnspecified() {
			return s.AGIAddr().String(), nil
		}
		// Nothing is sent: this only asks the system for the way.
		conn, err := new(net.Dialer).DialContext(ctx, "udp", manager)
		if err != nil {
			return "", fmt.Errorf("it is not known where Asterisk reaches this server: write agi: { address: host:port } in pbxflow.yaml: %w", err)
		}
		defer conn.Close()
		host, _, err := net.SplitHostPort(conn.LocalAddr().String())
		return net.JoinHostPort(host, strconv.Itoa(listener.Port)), err
	}
}

// watched is a listener that tells at once when it breaks: agi.Server.Serve says so
// only when the last call is over, and until then no new one would be answered.
type watched struct {
	net.Listener
	broke func(error)
}

// Accept waits for a call.
func (w *watched) Accept() (net.Conn, error) {
	conn, err := w.Listener.Accept()
	var passing interface{ Temporary() bool }
	if err != nil && !(errors.As(err, &passing) && passing.Temporary()) {
		w.broke(fmt.Errorf("cannot accept calls: %w", err))
	}
	return conn, err
}
