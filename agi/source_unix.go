//go:build unix

package agi

import (
	"io"
	"net"
	"syscall"
)

// socket is a source that reads in the goroutine that wants to know.
type socket struct {
	sysConn
	raw  syscall.RawConn
	read func(fd uintptr) // tries to read into b
	b    []byte
	n    int
}

type sysConn interface {
	net.Conn
	syscall.Conn
}

// newSocket takes only the types themselves: one that embeds them may have a Read
// of its own.
func newSocket(conn io.Reader) (source, bool) {
	var sys sysConn
	switch conn := conn.(type) {
	case *net.TCPConn:
		sys = conn
	case *net.UnixConn:
		sys = conn
	default:
		return nil, false
	}
	raw, err := sys.SyscallConn()
	if err != nil {
		return nil, false
	}
	s := &socket{sysConn: sys, raw: raw}
	s.read = s.readFD
	return s, true
}

func (s *socket) poll(b []byte) int {
	s.b, s.n = b, 0
	// An error is left to the next read.
	_ = s.raw.Control(s.read)
	s.b = nil
	return s.n
}

func (s *socket) readFD(fd uintptr) {
	// Not even an end is an event here: the next read will meet it.
	if n, err := syscall.Read(int(fd), s.b); err == nil && n > 0 {
		s.n = n
	}
}

func (s *socket) acknowledge() {
	// Without it everything works, only slower.
	_ = s.raw.Control(quickAck)
}

func (s *socket) stop() {}

func (s *socket) wait() {}
