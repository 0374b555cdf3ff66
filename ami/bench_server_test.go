package ami_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// The benchmarks measure against a manager in a process of its own, so that its work
// is not taken for the client's. The user name of the login says what it sends.

const benchServer = "PBXFLOW_BENCH_SERVER" // set in that process

// endOfLoad is the last event of what the server sends.
const endOfLoad = "Event: EndOfLoad\r\n\r\n"

// load returns at least n real events, and their number.
func load(n int) (stream []byte, events int, err error) {
	capture, err := os.ReadFile("testdata/stream.ami")
	if err != nil {
		return nil, 0, err
	}
	var once []byte
	each := 0
	for block := range bytes.SplitAfterSeq(capture, []byte("\r\n\r\n")) {
		if bytes.HasPrefix(block, []byte("Event: ")) {
			once = append(once, block...)
			each++
		}
	}
	times := (n + each - 1) / each
	return bytes.Repeat(once, times), times * each, nil
}

// startBenchServer starts the process and returns its address.
func startBenchServer(b *testing.B) string {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), benchServer+"=1")
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe() // it ends with this
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
		stdin.Close()
		cmd.Wait()
	})
	addr, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(addr)
}

// loads are those that the process has sent before, by their number of events.
var loads sync.Map

// runBenchServer is the process.
func runBenchServer() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() {
		os.Stdin.Read(make([]byte, 1))
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
			if err := serveBench(conn); err != nil {
				fmt.Fprintln(os.Stderr, "bench server:", err)
			}
		}()
	}
}

// serveBench answers Pings in three writes, as Asterisk does, and sends its load when
// somebody logs in as "block 200000", "event 200000" or "paced 10000".
func serveBench(conn net.Conn) error {
	fmt.Fprint(conn, "Asterisk Call Manager/11.0.0\r\n")
	r := ami.NewReader(conn)
	for {
		m, err := r.ReadMessage()
		if err != nil {
			return nil // the client has left
		}
		id := "ActionID: " + m.Get("ActionID") + "\r\n"
		switch m.Get("Action") {
		case "Login":
			fmt.Fprint(conn, "Response: Success\r\n"+id+"\r\n")
			if err := sendLoad(conn, m.Get("Username")); err != nil {
				return err
			}
		case "Ping":
			for _, part := range []string{"Response: Success\r\n", id, "Ping: Pong\r\nTimestamp: 1.000000\r\n\r\n"} {
				if _, err := conn.Write([]byte(part)); err != nil {
					return nil
				}
			}
		case "Logoff":
			return nil
		}
	}
}

func sendLoad(conn net.Conn, what string) error {
	mode, count, _ := strings.Cut(what, " ")
	n, err := strconv.Atoi(count)
	if err != nil {
		return nil // nothing is wanted
	}
	kept, ok := loads.Load(n)
	if !ok {
		if kept, _, err = load(n); err != nil {
			return err
		}
		loads.Store(n, kept)
	}
	stream := kept.([]byte)
	start := time.Now()
	for i := 0; len(stream) > 0; i++ {
		size := 64 << 10
		if mode != "block" {
			size = bytes.Index(stream, []byte("\r\n\r\n")) + 4
		}
		if mode == "paced" { // 10,000 a second, and not for ever to one who does not read
			if early := time.Until(start.Add(time.Duration(i) * 100 * time.Microsecond)); early > time.Millisecond {
				time.Sleep(early)
			}
			conn.SetWriteDeadline(time.Now().Add(30 * time.Second))
		}
		size = min(size, len(stream))
		if _, err := conn.Write(stream[:size]); errors.Is(err, os.ErrDeadlineExceeded) {
			return fmt.Errorf("dropped a slow client after %d events", i)
		} else if err != nil {
			return nil
		}
		stream = stream[size:]
	}
	conn.SetWriteDeadline(time.Time{})
	_, err = conn.Write([]byte(endOfLoad))
	return err
}
