package agi_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/agi/agitest"
)

// memory is a listener for connections in memory.
type memory struct {
	conns  chan net.Conn
	errs   chan error
	closed chan struct{}
	once   sync.Once
}

func newMemory() *memory {
	return &memory{conns: make(chan net.Conn), errs: make(chan error), closed: make(chan struct{})}
}

func (m *memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.conns:
		return c, nil
	case err := <-m.errs:
		return nil, err
	case <-m.closed:
		return nil, net.ErrClosed
	}
}

func (m *memory) Close() error   { m.once.Do(func() { close(m.closed) }); return nil }
func (m *memory) Addr() net.Addr { return &net.TCPAddr{} }

// dial connects to the server that accepts from m, or fails like a closed port.
func (m *memory) dial() (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case m.conns <- there:
		return here, nil
	case <-m.closed:
		return nil, syscall.ECONNREFUSED
	}
}

// call plays a transcript to the server and returns how that went.
func (m *memory) call(t *testing.T, transcript string) <-chan error {
	t.Helper()
	result := make(chan error, 1)
	conn, err := m.dial()
	if err != nil {
		result <- err
		return result
	}
	go func() { result <- agitest.Play(t.Context(), conn, transcript) }()
	return result
}

// serve runs a server in a bubble and hands its listener to the test.
func serve(t *testing.T, srv *agi.Server, test func(t *testing.T, m *memory)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		served := make(chan error, 1)
		go func() { served <- srv.Serve(m) }()
		test(t, m)
		srv.Close()
		wantErr(t, "Serve", <-served, agi.ErrServerClosed)
		if got := srv.Sessions(); got != 0 {
			t.Errorf("got %d sessions at the end", got)
		}
	})
}

// buffer is a log to look into.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestHowItEnds(t *testing.T) {
	failed := errors.New("the database is away")
	tests := []struct {
		name       string
		handler    agi.Handler
		transcript string
		log        string // a part of it, "" for an empty one
	}{
		{"nil", handle(func(ctx context.Context, s *agi.Session) error { return s.Answer(ctx) }), "> ANSWER\n< 200 result=0", ""},
		{"error", handle(func(ctx context.Context, s *agi.Session) error { return failed }), "> FAILURE", "the database is away"},
		{"panic", handle(func(ctx context.Context, s *agi.Session) error { panic("oops") }), "> FAILURE", "server_test.go"},
		{"goexit", handle(func(ctx context.Context, s *agi.Session) error { runtime.Goexit(); return nil }), "> FAILURE", "did not return"},
		{"no handler", nil, "> FAILURE", "no handler"},
		{"command refused", handle(func(ctx context.Context, s *agi.Session) error {
			_, err := s.Do(ctx, "X")
			return err
		}), "> X\n< 510 Invalid or unknown command\n> FAILURE", "510"},
		{"hangup", handle(func(ctx context.Context, s *agi.Session) error { return s.Answer(ctx) }), "> ANSWER\n< 200 result=-1\n! hangup", ""},
		{"error after a hangup", handle(func(ctx context.Context, s *agi.Session) error {
			<-ctx.Done()
			return failed
		}), "! hangup", "the database is away"},
		{"panic after a hangup", handle(func(ctx context.Context, s *agi.Session) error {
			<-ctx.Done()
			panic("oops")
		}), "! hangup", "oops"},
		{"canceled after a hangup", handle(func(ctx context.Context, s *agi.Session) error {
			<-ctx.Done()
			return ctx.Err()
		}), "! hangup", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var log buffer
			srv := &agi.Server{Handler: tt.handler, Logger: hclog.New(&hclog.LoggerOptions{Output: &log})}
			serve(t, srv, func(t *testing.T, m *memory) {
				if err := <-m.call(t, tt.transcript); err != nil {
					t.Error(err)
				}
			})
			if got := log.String(); (got == "") != (tt.log == "") || !strings.Contains(got, tt.log) {
				t.Errorf("got log %q, want %q in it", got, tt.log)
			}
		})
	}
}

func handle(h agi.HandlerFunc) agi.Handler { return h }

func TestMaxSessions(t *testing.T) {
	srv := &agi.Server{MaxSessions: 2, Handler: handle(func(ctx context.Context, s *agi.Session) error {
		_, err := s.WaitForDigit(ctx, -1)
		return err
	})}
	serve(t, srv, func(t *testing.T, m *memory) {
		const transcript = `
			> WAIT FOR DIGIT "-1"
			. 30s
			< 200 result=49
		`
		first, second := m.call(t, transcript), m.call(t, transcript)
		synctest.Wait()
		if err := <-m.call(t, "> FAILURE"); err != nil {
			t.Errorf("a call too many: %v", err)
		}
		if got := srv.Sessions(); got != 2 {
			t.Errorf("got %d sessions, want 2", got)
		}
		if got := srv.Refused(); got != 1 {
			t.Errorf("got %d refused, want 1", got)
		}
		for _, call := range []<-chan error{first, second} {
			if err := <-call; err != nil {
				t.Error(err)
			}
		}
		synctest.Wait()
		if err := <-m.call(t, transcript); err != nil {
			t.Errorf("a call afterwards: %v", err)
		}
	})
}

func TestEnvTimeout(t *testing.T) {
	for _, tt := range []struct{ set, want time.Duration }{{0, 5 * time.Second}, {time.Second, time.Second}} {
		serve(t, &agi.Server{EnvTimeout: tt.set}, func(t *testing.T, m *memory) {
			conn, err := m.dial()
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			start := time.Now()
			if line, err := bufio.NewReader(conn).ReadString('\n'); line != "FAILURE\n" || err != nil {
				t.Errorf("got %q, %v, want to be refused", line, err)
			}
			if got := time.Since(start); got != tt.want {
				t.Errorf("refused after %v, want %v", got, tt.want)
			}
		})
	}
}

// Who says a little all the time gets no more time than who says nothing.
func TestEnvDrip(t *testing.T) {
	serve(t, &agi.Server{}, func(t *testing.T, m *memory) {
		conn, err := m.dial()
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		for err == nil {
			time.Sleep(100 * time.Millisecond) // of the bubble
			_, err = io.WriteString(conn, "agi_network: yes\n")
		}
		// What comes in the second after FAILURE is thrown away.
		if got, want := time.Since(start), 6*time.Second; got > want {
			t.Errorf("thrown out after %v, want %v", got, want)
		}
	})
}

// A call whose environment is on its way when the server's time is over was not served,
// and its dialplan is told so.
func TestShutdownInEnvironment(t *testing.T) {
	var log buffer
	srv := &agi.Server{Handler: noop, Logger: hclog.New(&hclog.LoggerOptions{Output: &log})}
	serve(t, srv, func(t *testing.T, m *memory) {
		call := m.call(t, "env cut 40\n. 3s\n> FAILURE")
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		wantErr(t, "Shutdown", srv.Shutdown(ctx), context.DeadlineExceeded)
		if err := <-call; err != nil {
			t.Error(err)
		}
	})
	if got := srv.Stats(); got != (agi.Stats{Accepted: 1}) || log.String() != "" {
		t.Errorf("got %+v and log %q, want no complaint", got, log.String())
	}
}

// A connection that is no call ends quietly, and the next call is served.
func TestProbe(t *testing.T) {
	var log buffer
	srv := &agi.Server{
		Logger:  hclog.New(&hclog.LoggerOptions{Output: &log}),
		Handler: handle(func(ctx context.Context, s *agi.Session) error { return nil }),
	}
	serve(t, srv, func(t *testing.T, m *memory) {
		for _, junk := range []string{"", "a: \n\n", "GET / HTTP/1.1\r\n\r\n"} {
			conn, err := m.dial()
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(conn, junk) // the server may close before the end
			conn.Close()
		}
		if err := <-m.call(t, ""); err != nil {
			t.Error(err)
		}
	})
	if got := log.String(); strings.Contains(got, "goroutine") || strings.Count(got, "\n") > 2 {
		t.Errorf("got log %q", got)
	}
}

func TestShutdownDrains(t *testing.T) {
	srv := &agi.Server{Handler: handle(func(ctx context.Context, s *agi.Session) error {
		_, err := s.WaitForDigit(ctx, -1)
		return err
	})}
	serve(t, srv, func(t *testing.T, m *memory) {
		call := m.call(t, `
			> WAIT FOR DIGIT "-1"
			. 30s
			< 200 result=49
		`)
		synctest.Wait()
		down := make(chan error, 1)
		start := time.Now()
		go func() { down <- srv.Shutdown(t.Context()) }()
		synctest.Wait()
		if _, err := m.dial(); err == nil {
			t.Error("the listener is still open")
		}
		if err := <-down; err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if got := time.Since(start); got != 30*time.Second {
			t.Errorf("Shutdown took %v, want the 30s of the call", got)
		}
		if err := <-call; err != nil {
			t.Error(err)
		}
	})
}

func TestShutdownDeadline(t *testing.T) {
	var cause chan error
	srv := &agi.Server{Handler: handle(func(ctx context.Context, s *agi.Session) error {
		_, err := s.WaitForDigit(ctx, -1)
		cause <- context.Cause(ctx)
		return err
	})}
	serve(t, srv, func(t *testing.T, m *memory) {
		cause = make(chan error, 1)
		call := m.call(t, `
			> WAIT FOR DIGIT "-1"
			. 1h
			> GET FULL VARIABLE "agi-sync-1"
			< 200 result=1
			< 200 result=1 (agi-sync-1)
			> FAILURE
		`)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		wantErr(t, "Shutdown", srv.Shutdown(ctx), context.DeadlineExceeded)
		if got := time.Since(start); got != 10*time.Second {
			t.Errorf("Shutdown took %v, want 10s", got)
		}
		wantErr(t, "cause", <-cause, agi.ErrServerClosed)
		if err := <-call; err != nil {
			t.Error(err)
		}
	})
}

// A handler that does not listen to its context loses the connection.
func TestShutdownGrace(t *testing.T) {
	srv := &agi.Server{Handler: handle(func(ctx context.Context, s *agi.Session) error {
		time.Sleep(time.Minute)
		return nil
	})}
	serve(t, srv, func(t *testing.T, m *memory) {
		call := m.call(t, ". 15s")
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		wantErr(t, "Shutdown", srv.Shutdown(ctx), context.DeadlineExceeded)
		if got := time.Since(start); got != 15*time.Second {
			t.Errorf("Shutdown took %v, want 15s", got)
		}
		if err := <-call; err != nil {
			t.Error(err)
		}
	})
}

func TestServeAfterClose(t *testing.T) {
	var srv agi.Server
	if err := srv.Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown of a server that never ran: %v", err)
	}
	wantErr(t, "Serve", srv.Serve(newMemory()), agi.ErrServerClosed)
}

// tooMany is what Accept returns when there are no file descriptors left.
type tooMany struct{ error }

func (tooMany) Temporary() bool { return true }

func TestAcceptErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		srv := &agi.Server{Handler: handle(func(context.Context, *agi.Session) error { return nil })}
		served := make(chan error, 1)
		go func() { served <- srv.Serve(m) }()
		start := time.Now()
		for range 10 {
			m.errs <- tooMany{syscall.EMFILE}
		}
		// 5, 10, 20 … 640 ms and then one second each; the tenth is not waited for.
		if got, want := time.Since(start), 2275*time.Millisecond; got != want {
			t.Errorf("ten errors took %v, want %v", got, want)
		}
		if err := <-m.call(t, ""); err != nil {
			t.Error(err)
		}
		m.errs <- io.ErrUnexpectedEOF
		wantErr(t, "Serve", <-served, io.ErrUnexpectedEOF)
	})
}

func TestBaseContext(t *testing.T) {
	type key struct{}
	srv := &agi.Server{
		BaseContext: func(net.Listener) context.Context { return context.WithValue(context.Background(), key{}, "base") },
		Handler: handle(func(ctx context.Context, s *agi.Session) error {
			return s.Verbose(ctx, ctx.Value(key{}).(string), 1)
		}),
	}
	serve(t, srv, func(t *testing.T, m *memory) {
		if err := <-m.call(t, "> VERBOSE \"base\" \"1\"\n< 200 result=1"); err != nil {
			t.Error(err)
		}
	})
}

// Over TCP a call runs the same way, with the port's real address.
func TestTCP(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &agi.Server{Handler: handle(func(ctx context.Context, s *agi.Session) error {
		if err := s.Answer(ctx); err != nil {
			return err
		}
		<-ctx.Done()
		return errors.New("never told")
	})}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	conn, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := agitest.Play(t.Context(), conn, "> ANSWER\n< 200 result=0\n! hangup"); err != nil {
		t.Error(err)
	}
	if err := srv.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	wantErr(t, "Serve", <-served, agi.ErrServerClosed)
}
