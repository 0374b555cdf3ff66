package agi_test

import (
	"errors"
	"io"
	"net"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// dialTCP connects to a server. The connection is closed at the end of the test, if it is
// not before.
func dialTCP(t *testing.T, addr string) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn.(*net.TCPConn)
}

// sent sends a text that fits into the socket's buffers.
func sent(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Error(err)
	}
}

// closing closes like everybody does.
func closing(t *testing.T, conn *net.TCPConn) {
	t.Helper()
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
}

// reset closes with a reset, as a peer does that crashed or that probes in a hurry.
func reset(t *testing.T, conn *net.TCPConn) {
	t.Helper()
	if err := conn.SetLinger(0); err != nil {
		t.Error(err)
	}
	closing(t, conn)
}

// hungUpOn reports whether an error is that of a connection that the other side closed.
func hungUpOn(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// thrownOut waits until the server closes. It must not say anything before.
func thrownOut(t *testing.T, conn net.Conn) {
	t.Helper()
	if n, err := conn.Read(make([]byte, 1)); n > 0 || !hungUpOn(err) {
		t.Errorf("got %d bytes, %v, want the end", n, err)
	}
}

// pour writes a piece again and again, up to a limit, and returns how many bytes went out
// before the server closed.
func pour(t *testing.T, conn net.Conn, piece []byte, limit int) (n int) {
	t.Helper()
	for n < limit {
		some, err := conn.Write(piece)
		n += some
		if err != nil {
			if !hungUpOn(err) {
				t.Error(err)
			}
			return n
		}
	}
	return n
}

// What floods want to send, and the most that may go out: what the server reads at worst
// and the buffers of both sockets.
const (
	floodBytes  = 200 << 20
	socketBytes = 32 << 20
)

// flood sends without end, and wants to be thrown out.
func flood(t *testing.T, conn net.Conn, piece []byte) {
	t.Helper()
	if n := pour(t, conn, piece, floodBytes); n > socketBytes {
		t.Errorf("%d bytes went out before the server closed", n)
	}
}

// allocatedBytes is how many bytes were allocated so far, freed or not.
func allocatedBytes() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// goroutines is how many of them ran at some time.
type goroutines int

func running() goroutines { return goroutines(runtime.NumGoroutine()) }

// wantAgain wants no more of them than there were. Some may be on their last steps.
func (g goroutines) wantAgain(t *testing.T) {
	t.Helper()
	if !eventually(func() bool { return running() <= g }) {
		stacks := make([]byte, 1<<16)
		t.Fatalf("got %d goroutines, want %d:\n%s", running(), g, stacks[:runtime.Stack(stacks, true)])
	}
}

// eventually waits for what is about to happen, and reports whether it did.
func eventually(happened func() bool) bool {
	for giveUp := time.Now().Add(30 * time.Second); !happened(); runtime.Gosched() {
		if time.Now().After(giveUp) {
			return false
		}
	}
	return true
}
