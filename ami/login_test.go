package ami_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pbxflow/pbxflow/ami"
)

func TestLogin(t *testing.T) {
	tests := []struct {
		name   string
		change func(*harness, *ami.Options)
		want   string
	}{
		{name: "challenge", want: "Challenge Login"},
		{name: "plain", change: func(_ *harness, o *ami.Options) { o.PlainLogin = true }, want: "Login"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := run(t, test.change)
				if !h.client.Connected() || h.names() != test.want {
					t.Errorf("connected %v after %q, want after %q", h.client.Connected(), h.names(), test.want)
				}
				for _, m := range h.Received() {
					if test.name == "challenge" && strings.Contains(m.String(), "secret") {
						t.Errorf("the secret crossed the wire:\n%s", m)
					}
				}
			})
		})
	}
}

func TestLoginEvents(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, func(_ *harness, o *ami.Options) { o.Events = "call,agent" })
		login := h.Received()[1]
		if got := login.Get("Events"); got != "call,agent" {
			t.Errorf("Events: %q", got)
		}
	})
}

func TestLoginRefused(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, func(_ *harness, o *ami.Options) { o.Secret = "wrong" })
		err := <-h.done
		h.done <- err
		refusal, ok := errors.AsType[*ami.Error](err)
		if !errors.Is(err, ami.ErrLoginRefused) || !ok || refusal.Message != "Authentication failed" {
			t.Errorf("Run returned %v", err)
		}
		if _, states := h.seen(); !cmp.Equal(states, []string{"disconnected"}) {
			t.Errorf("states %v", states)
		}
	})
}

// What cannot be sent will never be accepted.
func TestLoginInvalid(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, func(_ *harness, o *ami.Options) { o.Secret, o.PlainLogin = "a\r\nb", true })
		err := <-h.done
		h.done <- err
		if !errors.Is(err, ami.ErrLoginRefused) || !errors.Is(err, ami.ErrInvalidAction) || strings.Contains(err.Error(), "a\r") {
			t.Errorf("Run returned %v", err)
		}
		if got := h.names(); got != "" {
			t.Errorf("sent %s", got)
		}
	})
}

func TestLoginRefusedForNow(t *testing.T) {
	for _, words := range []string{"Asterisk is shutting down", "Login Already In Use"} {
		t.Run(words, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := run(t, func(h *harness, _ *ami.Options) { h.Refuse(words) })
				time.Sleep(10 * time.Second)
				if h.client.Connected() {
					t.Fatal("connected")
				}
				h.Refuse("")
				time.Sleep(time.Minute)
				if !h.client.Connected() {
					t.Error("not connected")
				}
			})
		})
	}
}

// Asterisk writes FullyBooted and whatever happens right behind the answer to the
// login, in the same segment, and may cut it anywhere.
func TestLoginAndEventsInOneSegment(t *testing.T) {
	bubble(t, func(t *testing.T) {
		client, server := net.Pipe()
		go func() {
			r := ami.NewReader(server)
			server.Write([]byte("Asterisk Call Manager/11.0.0\r\n"))
			m, _ := r.ReadMessage()
			server.Write([]byte("Response: Error\r\nActionID: 1\r\nMessage: to somebody else\r\n\r\n"))
			server.Write([]byte("Response: Success\r\nActionID: " + m.Get("ActionID") + "\r\n\r\nEvent: FullyBooted\r\n\r\nEvent: A\r\nX: 1\r\n\r\nEve"))
			server.Write([]byte("nt: B\r\n\r\n"))
		}()
		got := make(chan string, 10)
		c := ami.New(ami.Options{
			Addr: "x:1", PlainLogin: true, Dial: func(context.Context, string, string) (net.Conn, error) { return client, nil },
			OnState: func(s ami.State, _ error) { got <- s.String() },
			Handler: func(e ami.Event) { got <- e.Name() },
		})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- c.Run(ctx) }()
		for _, want := range []string{"connected", "FullyBooted", "A", "B"} {
			if s := <-got; s != want {
				t.Errorf("got %s, want %s", s, want)
			}
		}
		stop()
		<-done
		server.Close()
	})
}
