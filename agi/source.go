package agi

import (
	"io"
	"sync/atomic"
	"time"
)

// source is a connection as a session needs it for reading. One goroutine reads at
// a time; SetReadDeadline may be called by others.
type source interface {
	io.Reader

	// SetReadDeadline ends a read at a time, as for a net.Conn.
	SetReadDeadline(t time.Time) error

	// poll reads what has come without waiting, and returns how much that was.
	poll(b []byte) int

	// exchange is poll if something has come. If not, it writes line, and may then
	// wait for an answer and read that. It returns how much it read and whether it
	// wrote. An error of reading comes again in the next Read.
	//
	// Unless late is set, it may write without looking what has come when it knows well
	// enough that nothing has. Who sets late then asks pending, and ends the read if need
	// be: what came in the moment before writing does not.
	exchange(line, b []byte, late *atomic.Bool) (n int, wrote bool, err error)

	// pending reports whether there is something to read, or an end, that nobody may have
	// been woken for. It may be called by others.
	pending() bool

	// acknowledge tells the other side at once what came. Asterisk leaves Nagle's
	// algorithm on, so when it writes twice (GOSUB, the usage of code 520) the
	// second write waits for the acknowledgement, which Linux delays by 40 ms.
	acknowledge()

	// stop says that nothing will be read any more.
	stop()

	// wait returns when nothing reads from the connection any more, after stop and
	// after the connection was closed.
	wait()
}

// past is a deadline that ends a read at once.
var past = time.Unix(1, 0)

// newSource returns conn itself, if it is a socket, or else a pump.
func newSource(conn io.ReadWriter) source {
	if src, ok := conn.(source); ok {
		return src
	}
	if src, ok := newSocket(conn); ok {
		return src
	}
	return newPump(conn)
}
