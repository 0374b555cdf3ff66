//go:build unix

package agi

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"testing"
	"time"
)

// A connection that ends right after a reply, but only in one direction, is noticed although
// the next command was written without looking, and nothing else will ever come.
func TestEndRightAfterReply(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	for range 20 {
		end, ended := make(chan struct{}), make(chan struct{})
		asterisk := make(chan error, 1)
		go func() { asterisk <- endWhenTold(ln.Addr().String(), end, ended) }()
		conn, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		s, err := NewSession(t.Context(), conn, SessionOptions{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		if err := s.Noop(ctx); err != nil {
			t.Error(err)
		}
		close(end)
		<-ended
		for told := time.Now(); time.Since(told) < justNow/4; { // in which it is heard of
			runtime.Gosched()
		}
		if err := s.Noop(ctx); !errors.Is(err, ErrClosed) {
			t.Errorf("got %v, want %v", err, ErrClosed)
		}
		cancel()
		s.Close()
		if err := <-asterisk; err != nil {
			t.Error(err)
		}
	}
}

// endWhenTold answers one command, says no more when told so, and reads until the end.
func endWhenTold(addr string, end, ended chan struct{}) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	fmt.Fprint(conn, "agi_network: yes\n\n")
	in := bufio.NewReader(conn)
	if _, err := in.ReadString('\n'); err != nil {
		return err
	}
	fmt.Fprint(conn, "200 result=0\n")
	<-end
	err = conn.(*net.TCPConn).CloseWrite()
	close(ended)
	_, copied := io.Copy(io.Discard, in)
	return errors.Join(err, copied)
}
