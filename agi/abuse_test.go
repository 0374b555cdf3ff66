package agi_test

import (
	"context"
	"crypto/tls"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/agi/agitest"
)

// What abuses pour out, again and again.
var (
	longLine   = append([]byte("agi_"), make([]byte, 1<<20)...)
	manyLines  = []byte(strings.Repeat("agi_network: yes\n", 1000))
	blankLines = []byte("agi_network: yes" + strings.Repeat("\r\n", 1000))
	noise      = makeNoise(100_000)
)

func makeNoise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b) // it cannot fail
	return b
}

// abuses are what connects and is no Asterisk. Each is done many times, and a call is
// served in the meantime. Stats say how often it was taken for an attempt at a call.
var abuses = []struct {
	name    string
	times   int
	abuse   func(t *testing.T, conn *net.TCPConn)
	invalid uint64
}{
	{"silence", 300, func(t *testing.T, conn *net.TCPConn) {}, 0},
	{"probe", 1000, func(t *testing.T, conn *net.TCPConn) { closing(t, conn) }, 0},
	{"probe with reset", 1000, reset, 0},
	{"half an environment", 100, func(t *testing.T, conn *net.TCPConn) {
		sent(t, conn, "agi_network: yes\nagi_requ")
		closing(t, conn)
	}, 100},
	{"half an environment and reset", 100, func(t *testing.T, conn *net.TCPConn) {
		sent(t, conn, "agi_network: yes\nagi_requ")
		reset(t, conn)
	}, 100},
	{"reset in the first line", 100, func(t *testing.T, conn *net.TCPConn) {
		sent(t, conn, "agi")
		reset(t, conn)
	}, 100},
	{"HTTP", 100, func(t *testing.T, conn *net.TCPConn) {
		sent(t, conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
		thrownOut(t, conn)
	}, 100},
	{"TLS", 100, func(t *testing.T, conn *net.TCPConn) {
		client := tls.Client(conn, &tls.Config{ServerName: "localhost", MinVersion: tls.VersionTLS13})
		// Its hello has line feeds sometimes, and ends without one.
		if err := client.Handshake(); err == nil {
			t.Error("a handshake succeeded")
		}
		thrownOut(t, conn)
	}, 100},
	{"noise", 100, func(t *testing.T, conn *net.TCPConn) {
		pour(t, conn, noise, len(noise))
		thrownOut(t, conn)
	}, 100},
	{"a line of 200 MB", 3, func(t *testing.T, conn *net.TCPConn) {
		flood(t, conn, longLine)
	}, 3},
	{"lines without end", 3, func(t *testing.T, conn *net.TCPConn) {
		flood(t, conn, manyLines)
	}, 3},
	{"empty lines without end", 3, func(t *testing.T, conn *net.TCPConn) {
		flood(t, conn, blankLines)
	}, 3},
}

// TestAbuse sees that what somebody does to the port costs little, and the calls beside
// it nothing.
func TestAbuse(t *testing.T) {
	for _, a := range abuses {
		t.Run(a.name, func(t *testing.T) {
			var log buffer
			// The silent ones stay for as long as the test lasts, and are no calls.
			srv := &agi.Server{
				Handler: noop, MaxSessions: 10, EnvTimeout: time.Hour,
				Logger: hclog.New(&hclog.LoggerOptions{Output: &log}),
			}
			before := running()
			addr := overTCP(t, srv)
			good(t, addr) // and opens what the first connection opens for good
			opened, allocated := descriptors(), allocatedBytes()

			var conns []*net.TCPConn
			for range a.times {
				conn := dialTCP(t, addr)
				conns = append(conns, conn)
				a.abuse(t, conn)
			}
			// Connections are accepted in their order: this call comes after all of them.
			good(t, addr)
			if got, limit := allocatedBytes()-allocated, uint64(a.times)<<16+8<<20; got > limit {
				t.Errorf("%d bytes were allocated, more than %d", got, limit)
			}

			for _, conn := range conns {
				conn.Close() // again, for most
			}
			want := agi.Stats{Accepted: uint64(a.times) + 2, Invalid: a.invalid}
			eventually(func() bool { return srv.Stats() == want })
			if diff := cmp.Diff(want, srv.Stats()); diff != "" {
				t.Errorf("counters differ (-want +got):\n%s", diff)
			}
			if err := srv.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			before.wantAgain(t)
			if got := descriptors(); got > opened {
				t.Errorf("got %d descriptors, want %d", got, opened)
			}
			if got := log.String(); (got != "") != (a.invalid > 0) || strings.Contains(got, "goroutine") {
				t.Errorf("got log %q, of %d invalid ones", got, a.invalid)
			}
		})
	}
}

// An answer may be without end too, or come unasked: the call breaks, and no other.
func TestAbuseAfterEnvironment(t *testing.T) {
	for name, text := range map[string][]byte{
		"a reply of 200 MB":          append([]byte("200 result=1 ("), make([]byte, 1<<20)...),
		"lines of a value":           []byte("200 result=1 (" + strings.Repeat("\n", 1<<16)),
		"something that is no reply": make([]byte, 1<<20),
		"a usage without an end":     []byte("520-Invalid command syntax.\n" + strings.Repeat("usage\n", 1<<16)),
	} {
		for when, begun := range map[string]int{"before a command": len(text) / 2, "at any time": 0} {
			t.Run(name+"/"+when, func(t *testing.T) {
				ended, pouring := make(chan error, 2), make(chan struct{})
				addr := overTCP(t, &agi.Server{Handler: handle(func(ctx context.Context, s *agi.Session) error {
					<-pouring
					err := s.Noop(ctx)
					ended <- err
					if err != nil {
						wantErr(t, "cause", context.Cause(ctx), agi.ErrClosed)
					}
					return err
				})})
				allocated := allocatedBytes()
				conn := dialTCP(t, addr)
				sent(t, conn, "agi_network: yes\n\n"+string(text[:begun]))
				close(pouring)
				flood(t, conn, text)
				conn.Close() // lest a server that goes on is waited for
				wantErr(t, "NOOP", <-ended, agi.ErrClosed)
				good(t, addr)
				wantErr(t, "NOOP beside it", <-ended, nil)
				if got, limit := allocatedBytes()-allocated, uint64(4<<20); got > limit {
					t.Errorf("%d bytes were allocated, more than %d", got, limit)
				}
			})
		}
	}
}

// Who is refused may not pour for long either.
func TestAbuseOfRefused(t *testing.T) {
	for name, srv := range map[string]*agi.Server{
		"from elsewhere":       {AllowFrom: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}},
		"slow":                 {EnvTimeout: time.Nanosecond},
		"of a handler's error": {},
		"too many":             {MaxSessions: 1},
	} {
		t.Run(name, func(t *testing.T) {
			srv.Handler = handle(func(ctx context.Context, s *agi.Session) error {
				if srv.MaxSessions > 0 {
					<-ctx.Done()
				}
				return errStalled
			})
			addr := overTCP(t, srv)
			first := dialTCP(t, addr)
			if srv.MaxSessions > 0 {
				sent(t, first, "agi_network: yes\n\n")
				eventually(func() bool { return srv.Sessions() == 1 })
			}
			conn := dialTCP(t, addr)
			if srv.AllowFrom == nil && srv.EnvTimeout == 0 {
				sent(t, conn, "agi_network: yes\n\n")
			}
			flood(t, conn, manyLines)
		})
	}
}

// good is a call that must be served as if nobody else were there.
func good(t *testing.T, addr string) {
	t.Helper()
	if err := agitest.Play(t.Context(), dialTCP(t, addr), noopCall); err != nil {
		t.Errorf("a call beside it: %v", err)
	}
}
