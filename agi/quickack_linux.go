package agi

import (
	"io"
	"net"
	"syscall"
)

// quickAck returns a reader of conn that acknowledges at once what it reads.
// Asterisk leaves Nagle's algorithm on, so when it writes twice (GOSUB, the usage
// of code 520, HANGUP after a result) the second write waits for our
// acknowledgement, which Linux by default delays by 40 ms.
func quickAck(conn io.Reader) io.Reader {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return conn
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return conn
	}
	q := &quickAckReader{conn: tcp, raw: raw}
	q.arm = func(fd uintptr) {
		// Without it everything works, only slower.
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
	}
	return q
}

type quickAckReader struct {
	conn *net.TCPConn
	raw  syscall.RawConn
	arm  func(fd uintptr)
}

// Read reads with the option set anew, as Linux forgets it after a while.
func (q *quickAckReader) Read(b []byte) (int, error) {
	if err := q.raw.Control(q.arm); err != nil {
		return 0, err
	}
	return q.conn.Read(b)
}
