//go:build unix

package agi

import (
	"errors"
	"io"
	"net"
	"syscall"
)

// socket is a source that reads in the goroutine that wants to know.
type socket struct {
	sysConn
	raw   syscall.RawConn
	read  func(fd uintptr)      // tries to read into b
	trade func(fd uintptr) bool // does the work of exchange

	b     []byte
	n     int    // how much was read into b
	line  []byte // what exchange shall write
	wrote bool
	err   error // of writing
}

type sysConn interface {
	net.Conn
	syscall.Conn
}

// newSocket takes only the types themselves: one that embeds them may have a Read
// of its own.
func newSocket(conn io.ReadWriter) (source, bool) {
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
	s.read, s.trade = s.readFD, s.tradeFD
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

// exchange does what Write and Read do, with one difference: the first try of reading,
// in vain if all is well, comes before writing and not after it. So it costs nothing to
// see what came unasked.
func (s *socket) exchange(line, b []byte) (n int, wrote bool, err error) {
	s.b, s.n, s.line, s.wrote, s.err = b, 0, line, false, nil
	err = s.raw.Read(s.trade)
	if s.err != nil {
		err = s.err
	}
	s.b, s.line = nil, nil
	return s.n, s.wrote, err
}

// tradeFD reports whether there is nothing to wait for.
func (s *socket) tradeFD(fd uintptr) bool {
	n, err := syscall.Read(int(fd), s.b)
	if err == nil && n > 0 {
		s.n = n
		return true
	}
	// What comes from now on will wake who waits. An end or an error will not, as it
	// was there before, and is left to the next read.
	wait := errors.Is(err, syscall.EAGAIN)
	if s.wrote {
		return !wait
	}
	if n, err = syscall.Write(int(fd), s.line); err != nil || n < len(s.line) {
		_, s.err = s.Write(s.line[max(n, 0):])
	}
	s.wrote = s.err == nil
	return !wait || !s.wrote
}

func (s *socket) acknowledge() {
	// Without it everything works, only slower.
	_ = s.raw.Control(quickAck)
}

func (s *socket) stop() {}

func (s *socket) wait() {}
