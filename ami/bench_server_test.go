package ami_test

import (
	"bytes"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/apart"
)

// endOfLoad is the last event of what the server sends.
const endOfLoad = "Event: EndOfLoad\r\n\r\n"

// realEvents are those of a real Asterisk.
var realEvents = sync.OnceValues(func() ([][]byte, error) { return apart.Events("testdata/stream.ami") })

// load returns at least n real events, and their number.
func load(n int) (stream []byte, events int, err error) {
	once, err := realEvents()
	if err != nil {
		return nil, 0, err
	}
	times := (n + len(once) - 1) / len(once)
	return bytes.Repeat(bytes.Join(once, nil), times), times * len(once), nil
}

// loads are those that the process has sent before, by their number of events.
var loads sync.Map

// serveBench is the server of the benchmarks, in a process of its own. It answers Pings in three writes, as Asterisk does, and sends its load when
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
	if mode == "paced" {
		err = paceLoad(conn, n)
	} else {
		err = writeLoad(conn, mode, n)
	}
	if err != nil {
		return err
	}
	// Who has left does not take it.
	_, _ = conn.Write([]byte(endOfLoad))
	return nil
}

func paceLoad(conn net.Conn, n int) error {
	events, err := realEvents()
	if err != nil {
		return err
	}
	return apart.Pace(conn, events, n, 10_000)
}

// writeLoad sends blocks, or each event in a write of its own.
func writeLoad(conn net.Conn, mode string, n int) error {
	kept, ok := loads.Load(n)
	if !ok {
		stream, _, err := load(n)
		if err != nil {
			return err
		}
		kept = stream
		loads.Store(n, kept)
	}
	for stream := kept.([]byte); len(stream) > 0; {
		size := 64 << 10
		if mode != "block" {
			size = bytes.Index(stream, []byte("\r\n\r\n")) + 4
		}
		size = min(size, len(stream))
		if _, err := conn.Write(stream[:size]); err != nil {
			return nil // the client has left
		}
		stream = stream[size:]
	}
	return nil
}
