//go:build unix

package agi

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"time"
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
	late  *atomic.Bool
	wrote bool
	err   error // of writing

	emptied time.Duration // when a read took all that had come, since started
}

// started is what sockets measure time from: that is half the price of knowing the date.
var started = time.Now()

// justNow is how long after a read that took all it is not worth looking what came unasked.
// A reply that did not even fill the buffer came whole, so that can only be a HANGUP, which
// might as well come right after having looked.
const justNow = 200 * time.Microsecond

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

func (s *socket) Read(b []byte) (int, error) {
	n, err := s.sysConn.Read(b)
	if err == nil {
		s.took(n, b)
	}
	return n, err
}

// took notes that n bytes were read into b.
func (s *socket) took(n int, b []byte) {
	s.emptied = 0
	if n < len(b) {
		s.emptied = time.Since(started)
	}
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
// see what came unasked. Just after a reply it is left out, and with it a third of the
// system calls of commands that follow each other closely.
func (s *socket) exchange(line, b []byte, late *atomic.Bool) (n int, wrote bool, err error) {
	s.b, s.n, s.line, s.wrote, s.err = b, 0, line, false, nil
	s.late = late
	err = s.raw.Read(s.trade)
	if s.err != nil {
		err = s.err
	}
	s.b, s.line = nil, nil
	return s.n, s.wrote, err
}

// tradeFD reports whether there is nothing to wait for.
func (s *socket) tradeFD(fd uintptr) bool {
	wait := true
	if s.wrote || !s.knowsEmpty() {
		n, err := syscall.Read(int(fd), s.b)
		if err == nil && n > 0 {
			s.n = n
			s.took(n, s.b)
			return true
		}
		// What comes from now on will wake who waits. An end or an error will not, as it
		// was there before, and is left to the next read.
		wait = errors.Is(err, syscall.EAGAIN)
	}
	if s.wrote {
		return !wait
	}
	n, err := syscall.Write(int(fd), s.line)
	if err != nil || n < len(s.line) {
		_, s.err = s.Write(s.line[max(n, 0):])
	}
	s.wrote = s.err == nil
	return !wait || !s.wrote
}

// knowsEmpty reports whether there is nothing to read, as far as one knows. It is asked when
// what comes will already wake who waits: then either pending, which is asked after late
// was set, sees what came before, or this sees late.
func (s *socket) knowsEmpty() bool {
	return s.emptied > 0 && time.Since(started)-s.emptied < justNow && !s.late.Load()
}

func (s *socket) pending() (some bool) {
	// A connection that is closed has nothing.
	_ = s.raw.Control(func(fd uintptr) {
		_, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		some = !errors.Is(err, syscall.EAGAIN)
	})
	return some
}

func (s *socket) acknowledge() {
	// Without it everything works, only slower.
	_ = s.raw.Control(quickAck)
}

func (s *socket) stop() {}

func (s *socket) wait() {}
