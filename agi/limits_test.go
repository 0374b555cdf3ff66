package agi_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/agi/agitest"
)

var noop = agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error { return s.Noop(ctx) })

const noopCall = "> NOOP\n< 200 result=0"

// overTCP serves on the loopback and returns the address.
func overTCP(t *testing.T, srv *agi.Server) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	t.Cleanup(func() {
		srv.Close()
		wantErr(t, "Serve", <-served, agi.ErrServerClosed)
	})
	return ln.Addr().String()
}

func TestAllowFrom(t *testing.T) {
	for networks, transcript := range map[string]string{
		"127.0.0.0/8":             noopCall,
		"10.0.0.0/8":              "> FAILURE",
		"10.0.0.0/8 127.0.0.1/32": noopCall,
	} {
		t.Run(networks, func(t *testing.T) {
			srv := &agi.Server{Handler: noop}
			for prefix := range strings.FieldsSeq(networks) {
				srv.AllowFrom = append(srv.AllowFrom, netip.MustParsePrefix(prefix))
			}
			conn, err := net.Dial("tcp", overTCP(t, srv))
			if err != nil {
				t.Fatal(err)
			}
			if err := agitest.Play(t.Context(), conn, transcript); err != nil {
				t.Error(err)
			}
			if got, want := srv.Refused() == 1, transcript != noopCall; got != want {
				t.Errorf("refused: %v, want %v", got, want)
			}
		})
	}
}

func TestTLS(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	addr := overTCP(t, &agi.Server{
		Handler:   noop,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}},
	})
	conn, err := tls.Dial("tcp", addr, &tls.Config{RootCAs: roots})
	if err != nil {
		t.Fatal(err)
	}
	if err := agitest.Play(t.Context(), conn, noopCall); err != nil {
		t.Error(err)
	}
}

func TestReplyTimeout(t *testing.T) {
	srv := &agi.Server{ReplyTimeout: 10 * time.Second, Handler: agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		_, err := s.Exec(ctx, "Wait", "60")
		if !errors.Is(err, agi.ErrReplyTimeout) {
			t.Errorf("Exec: got %v, want %v", err, agi.ErrReplyTimeout)
		}
		if ctx.Err() != nil {
			t.Errorf("the call ended with %v", context.Cause(ctx))
		}
		// The session stays usable once the reply has come.
		return s.Verbose(ctx, "goes on", 1)
	})}
	serve(t, srv, func(t *testing.T, m *memory) {
		if err := <-m.call(t, `
			> EXEC "Wait" "60"
			. 15s
			< 200 result=0
			> VERBOSE "goes on" "1"
			< 200 result=1
		`); err != nil {
			t.Error(err)
		}
	})
}

// A far host that dies without a word keeps no call for longer than ReplyTimeout.
func TestReplyTimeoutOfSilentHost(t *testing.T) {
	srv := &agi.Server{ReplyTimeout: 10 * time.Second, Handler: agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		_, err := s.Exec(ctx, "Wait", "60")
		wantErr(t, "Exec", err, agi.ErrReplyTimeout)
		return err
	})}
	serve(t, srv, func(t *testing.T, m *memory) {
		start := time.Now()
		if err := <-m.call(t, "> EXEC \"Wait\" \"60\"\n! stall"); err != nil {
			t.Error(err)
		}
		if got, limit := time.Since(start), 12*time.Second; got > limit {
			t.Errorf("it took %v, more than %v", got, limit)
		}
	})
}

func TestStats(t *testing.T) {
	var log buffer
	srv := &agi.Server{MaxSessions: 1, Logger: hclog.New(&hclog.LoggerOptions{Output: &log})}
	srv.Handler = agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		switch s.Env().Path() {
		case "/panic":
			panic("for the test")
		case "/error":
			return errors.New("for the test")
		case "/wait":
			_, err := s.WaitForDigit(ctx, -1)
			return err
		}
		return nil
	})
	serve(t, srv, func(t *testing.T, m *memory) {
		for _, path := range []string{"panic", "error"} {
			if err := <-m.call(t, "env agi_request: agi://127.0.0.1/"+path+"\n> FAILURE"); err != nil {
				t.Error(err)
			}
			synctest.Wait() // until the server has done with it
		}
		garbage, err := m.dial()
		if err != nil {
			t.Fatal(err)
		}
		// The server closes at the first line that is none, maybe before all is written.
		if _, err := io.WriteString(garbage, "GET / HTTP/1.1\n\n"); err != nil && !errors.Is(err, io.ErrClosedPipe) {
			t.Error(err)
		}
		if _, err := io.Copy(io.Discard, garbage); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Minute) // of the bubble: so that the next refusal is logged
		waiting := m.call(t, "env agi_request: agi://127.0.0.1/wait\n> *\n. 1h\n< 200 result=-1\n! hangup")
		synctest.Wait()
		for range 100 {
			if err := <-m.call(t, "> FAILURE"); err != nil {
				t.Error(err)
			}
		}
		want := agi.Stats{Active: 1, Accepted: 4, Refused: 100, Invalid: 1, Failed: 1, Panics: 1}
		if diff := cmp.Diff(want, srv.Stats()); diff != "" {
			t.Errorf("counters differ (-want +got):\n%s", diff)
		}
		if err := <-waiting; err != nil {
			t.Error(err)
		}
	})
	if lines := strings.Count(log.String(), "call refused"); lines != 1 {
		t.Errorf("100 refusals in a moment gave %d lines of log, want 1", lines)
	}
}

// Somebody who is refused all the time fills no disk: a line a second says how often.
func TestLogOfRefusals(t *testing.T) {
	var log buffer
	srv := &agi.Server{Handler: noop, Logger: hclog.New(&hclog.LoggerOptions{Output: &log})}
	serve(t, srv, func(t *testing.T, m *memory) {
		for range 1000 { // in ten seconds
			time.Sleep(10 * time.Millisecond) // of the bubble
			conn, err := m.dial()
			if err != nil {
				t.Fatal(err)
			}
			// The server closes at the first line that is none.
			if _, err := io.WriteString(conn, "GET / HTTP/1.1\n\n"); err != nil && !errors.Is(err, io.ErrClosedPipe) {
				t.Error(err)
			}
			conn.Close()
			synctest.Wait()
		}
		time.Sleep(time.Second)
		if err := <-m.call(t, "env cut 0\n< nonsense\n! stall"); err != nil {
			t.Error(err)
		}
	})
	lines, before := 0, 0
	for line := range strings.Lines(log.String()) {
		_, count, _ := strings.Cut(strings.TrimSpace(line), "more_before=")
		n, err := strconv.Atoi(count)
		if err != nil {
			t.Errorf("%q: %v", line, err)
		}
		lines, before = lines+1, before+n
	}
	if lines != 11 || before != 1001-11 {
		t.Errorf("got %d lines that tell of %d more, want 11 and 990", lines, before)
	}
	if got := srv.Stats().Invalid; got != 1001 {
		t.Errorf("got %d invalid ones, want 1001", got)
	}
}

func TestWrap(t *testing.T) {
	var order []string
	around := func(name string) agi.Middleware {
		return func(next agi.Handler) agi.Handler {
			return agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
				order = append(order, name)
				return next.ServeAGI(ctx, s)
			})
		}
	}
	agitest.Run(t, agi.Wrap(noop, around("first"), around("second")), noopCall)
	if want := []string{"first", "second"}; !slices.Equal(order, want) {
		t.Errorf("got %q, want %q", order, want)
	}
}

// slices cannot be compared, and so neither can a listener that holds one.
type incomparable struct {
	*memory
	_ []int
}

func TestIncomparableListener(t *testing.T) {
	srv := &agi.Server{Handler: noop}
	m := newMemory()
	served := make(chan error, 1)
	go func() { served <- srv.Serve(incomparable{memory: m}) }()
	if err := <-m.call(t, noopCall); err != nil {
		t.Error(err)
	}
	srv.Close()
	wantErr(t, "Serve", <-served, agi.ErrServerClosed)
}
