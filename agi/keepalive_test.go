//go:build linux

package agi

import (
	"context"
	"errors"
	"net"
	"syscall"
	"testing"
)

// What the package documentation says of hosts that die without a word: Linux asks after
// 15 seconds of silence, every 15 seconds, and gives up when 9 answers are missing.
func TestKeepAlive(t *testing.T) {
	got := make(chan [4]int, 1)
	srv := &Server{Addr: "127.0.0.1:0", Handler: HandlerFunc(func(_ context.Context, s *Session) error {
		raw, err := s.conn.(*net.TCPConn).SyscallConn()
		if err != nil {
			return err
		}
		var options [4]int
		errs := make([]error, len(options))
		err = raw.Control(func(fd uintptr) {
			for i, o := range [4][2]int{
				{syscall.SOL_SOCKET, syscall.SO_KEEPALIVE},
				{syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE},
				{syscall.IPPROTO_TCP, syscall.TCP_KEEPINTVL},
				{syscall.IPPROTO_TCP, syscall.TCP_KEEPCNT},
			} {
				options[i], errs[i] = syscall.GetsockoptInt(int(fd), o[0], o[1])
			}
		})
		got <- options
		return errors.Join(append(errs, err)...)
	})}
	served := make(chan error, 1)
	go func() { served <- srv.ListenAndServe() }()
	for srv.listening() == nil {
		select {
		case err := <-served:
			t.Fatal(err)
		default:
		}
	}
	conn, err := net.Dial("tcp", srv.listening().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("agi_network: yes\n\n")); err != nil {
		t.Fatal(err)
	}
	if got, want := <-got, [4]int{1, 15, 15, 9}; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	srv.Close()
	if err := <-served; !errors.Is(err, ErrServerClosed) {
		t.Error(err)
	}
	if srv.Stats().Failed != 0 {
		t.Error("the options could not be read")
	}
}

// listening returns the address of the server, nil before it has one.
func (srv *Server) listening() net.Addr {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if len(srv.listeners) == 0 {
		return nil
	}
	return srv.listeners[0].Addr()
}
