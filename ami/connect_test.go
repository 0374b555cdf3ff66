package ami_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// mute is a manager that says so much, greetings and answers, and nothing more.
type mute struct {
	mu    sync.Mutex
	words int
	open  int // connections
}

func (m *mute) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	if !m.speak() {
		<-ctx.Done()
		return nil, context.Cause(ctx)
	}
	client, server := net.Pipe()
	m.mu.Lock()
	m.open++
	m.mu.Unlock()
	go func() {
		defer func() {
			m.mu.Lock()
			m.open--
			m.mu.Unlock()
			server.Close()
		}()
		if m.speak() {
			server.Write([]byte("Asterisk Call Manager/11.0.0\r\n"))
		}
		for r := ami.NewReader(server); ; {
			a, err := r.ReadMessage()
			if err != nil {
				return
			}
			if m.speak() {
				fmt.Fprintf(server, "Response: Success\r\nActionID: %s\r\nChallenge: 1\r\n\r\n", a.Get("ActionID"))
			}
		}
	}()
	return client, nil
}

func (m *mute) speak() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.words--
	return m.words >= 0
}

// A peer that falls silent before the session is up keeps nobody: neither who ends Run,
// nor Run itself, which gives up and tries again.
func TestConnectToMute(t *testing.T) {
	ended := errors.New("ended")
	for words, silent := range []string{
		"at the dial", "at the greeting", "at the challenge", "at the login",
		"at the second dial", "at the second greeting", "at the second challenge", "at the second login", "at the settings", "at the filter",
	} {
		for _, stop := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, stop %v", silent, stop), func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					m := &mute{words: words}
					states := make(chan error, 10)
					ctx, cancel := context.WithCancelCause(t.Context())
					c := ami.New(ami.Options{
						Addr: "x:1", Dial: m.dial, ActionLink: true, ServerFilter: true,
						OnState: func(_ ami.State, err error) { states <- err },
					})
					done := make(chan error, 1)
					go func() { done <- c.Run(ctx) }()
					synctest.Wait()
					start := time.Now()
					if !stop {
						if err, took := <-states, time.Since(start); err == nil || took != 30*time.Second {
							t.Errorf("%v after %v", err, took)
						}
						start = time.Now()
					}
					cancel(ended)
					if err := <-done; err != ended || time.Since(start) > 0 {
						t.Errorf("Run returned %v after %v", err, time.Since(start))
					}
					synctest.Wait()
					if m.open != 0 {
						t.Errorf("%d connections are left", m.open)
					}
				})
			})
		}
	}
}

// So does one that does not speak TLS.
func TestConnectToMuteTLS(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := &mute{words: 1}
		states := make(chan error, 10)
		ctx, cancel := context.WithCancel(t.Context())
		c := ami.New(ami.Options{Addr: "x:1", Dial: m.dial, TLS: &tls.Config{}, OnState: func(_ ami.State, err error) { states <- err }})
		done := make(chan error, 1)
		start := time.Now()
		go func() { done <- c.Run(ctx) }()
		if err, took := <-states, time.Since(start); err == nil || took != 30*time.Second {
			t.Errorf("%v after %v", err, took)
		}
		cancel()
		<-done
	})
}

// The same client may run again, though not twice at a time.
func TestRunAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		s := h.client.Subscribe(nil, 10)
		defer s.Close()
		if err := h.client.Run(t.Context()); err == nil || !h.client.Connected() {
			t.Errorf("a second Run: %v, connected %v", err, h.client.Connected())
		}
		h.stop()
		if err := <-h.done; err != context.Canceled {
			t.Errorf("the first Run: %v", err)
		}
		ctx, stop := context.WithCancel(t.Context())
		go func() { h.done <- h.client.Run(ctx) }()
		h.emit("Lost")
		synctest.Wait()
		h.emit("A")
		if got, want := take(s), "[0, reconnected] A"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		stop()
		<-h.done
		h.Down(true)
		ctx, stop = context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		if err := h.client.Run(ctx); err != context.DeadlineExceeded {
			t.Errorf("the last Run: %v", err)
		}
		h.done <- nil
		if _, states := h.seen(); len(states) != 5 {
			t.Errorf("states %v: each Run tells its first", states)
		}
	})
}
