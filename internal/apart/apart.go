// Package apart runs the other side of a benchmark in a process of its own, so that its
// work is not taken for that of what is measured. The process is the test binary again:
// TestMain begins with Main, and the benchmark with Start. Events and Pace are for those
// that play an Asterisk.
package apart

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

const mark = "PBXFLOW_APART" // set in that process

// Main begins TestMain. In the process that Start made it serves each connection by
// serve, until the benchmark ends, and does not return. Elsewhere it does nothing.
func Main(serve func(net.Conn) error) {
	if os.Getenv(mark) == "" {
		return
	}
	fmt.Fprintln(os.Stderr, run(serve))
	os.Exit(1)
}

func run(serve func(net.Conn) error) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() {
		_, _ = os.Stdin.Read(make([]byte, 1)) // it ends with the benchmark
		os.Exit(0)
	}()
	fmt.Println(l.Addr())
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer conn.Close()
			if err := serve(conn); err != nil {
				fmt.Fprintln(os.Stderr, "apart:", err)
			}
		}()
	}
}

// Start starts the process, which ends with b, and returns its address.
func Start(b testing.TB) string {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), mark+"=1")
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		err := stdin.Close()
		if err := errors.Join(err, cmd.Wait()); err != nil {
			b.Error(err)
		}
	})
	addr, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(addr)
}

// Events returns the events of a capture file as they stand there.
func Events(capture string) (events [][]byte, err error) {
	text, err := os.ReadFile(capture)
	if err != nil {
		return nil, err
	}
	for block := range bytes.SplitAfterSeq(text, []byte("\r\n\r\n")) {
		if bytes.HasPrefix(block, []byte("Event: ")) {
			events = append(events, block)
		}
	}
	return events, nil
}

// Pace sends n events, the same over and over, at a rate a second, each in a write of its
// own. As Asterisk does, it drops who takes nothing for 100 ms; that is an error. Who has
// left is none.
func Pace(conn net.Conn, events [][]byte, n, rate int) error {
	start := time.Now()
	for i := range n {
		due := start.Add(time.Duration(i) * time.Second / time.Duration(rate))
		if early := time.Until(due); early > time.Millisecond {
			time.Sleep(early)
		}
		if err := conn.SetWriteDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
			return err
		}
		if _, err := conn.Write(events[i%len(events)]); errors.Is(err, os.ErrDeadlineExceeded) {
			return fmt.Errorf("dropped a slow client after %d events", i)
		} else if err != nil {
			return nil
		}
	}
	return conn.SetWriteDeadline(time.Time{})
}
