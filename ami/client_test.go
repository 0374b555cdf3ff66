package ami_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/google/go-cmp/cmp"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
)

func TestRunReturnsCauseAfterLogoff(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		h.stop()
		err := <-h.done
		h.done <- err
		if err != context.Canceled {
			t.Errorf("Run returned %v", err)
		}
		if got, want := h.names(), "Challenge Login Logoff"; got != want {
			t.Errorf("actions %q, want %q", got, want)
		}
		if _, states := h.seen(); !cmp.Equal(states, []string{"connected", "disconnected"}) {
			t.Errorf("states %v", states)
		}
		if _, err := h.client.Do(t.Context(), ami.Action{Name: "Ping"}); !errors.Is(err, ami.ErrNotConnected) {
			t.Errorf("Do after Run: %v", err)
		}
	})
}

// Actions under way at the end still get their answers, if these come soon.
func TestRunEndsWithAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		two    bool
		action string
	}{
		"one link": {false, "Slow"}, "link for actions": {true, "Slow"}, "link for events": {true, "Events"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := run(t, func(_ *harness, o *ami.Options) { o.ActionLink = test.two })
				h.Respond(test.action, func(ami.Message) [][]string {
					time.Sleep(400 * time.Millisecond)
					return [][]string{{"Response", "Success"}}
				})
				answers := make(chan error, 3)
				for range cap(answers) {
					go func() {
						_, err := h.client.Do(context.Background(), ami.Action{Name: test.action})
						answers <- err
					}()
				}
				synctest.Wait()
				h.stop()
				start := time.Now()
				err := <-h.done
				h.done <- err
				if err != context.Canceled || time.Since(start) != time.Second {
					t.Errorf("Run returned %v after %v", err, time.Since(start))
				}
				for i := range cap(answers) {
					if err := <-answers; (err == nil) != (i < 2) || err != nil && !errors.Is(err, ami.ErrOutcomeUnknown) {
						t.Errorf("answer %d: %v", i, err)
					}
				}
			})
		})
	}
}

// Whoever calls Do where he must not waits in vain, but not for ever.
func TestHandlerCallsDo(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var errs []error
		var h *harness
		do := func() {
			_, err := h.client.Do(context.Background(), ami.Action{Name: "Ping"})
			errs = append(errs, err)
		}
		run(t, func(started *harness, o *ami.Options) {
			h = started
			o.PingInterval = time.Hour
			o.Handler = func(ami.Event) { do() }
			o.OnState = func(s ami.State, _ error) {
				if s == ami.Connected {
					do()
				}
			}
		})
		time.Sleep(time.Minute)
		h.Emit("A")
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(errs) != 2 || !errors.Is(errs[0], ami.ErrOutcomeUnknown) || !errors.Is(errs[1], ami.ErrOutcomeUnknown) {
			t.Errorf("in OnState and Handler: %v", errs)
		}
		if _, err := h.client.Do(t.Context(), ami.Action{Name: "Ping"}); err != nil || strings.Count(h.names(), "Login") != 1 {
			t.Errorf("afterwards: %v, %s", err, h.names())
		}
	})
}

// A server that does not read must not hold up the end of Run.
func TestRunEndsThoughPeerHangs(t *testing.T) {
	bubble(t, func(t *testing.T) {
		client, server := net.Pipe()
		go func() {
			server.Write([]byte("Asterisk Call Manager/5.0.4\r\n"))
			r := ami.NewReader(server)
			m, _ := r.ReadMessage()
			server.Write([]byte("Response: Success\r\nActionID: " + m.Get("ActionID") + "\r\n\r\n"))
		}()
		c := ami.New(ami.Options{Addr: "x:1", PlainLogin: true, Dial: func(context.Context, string, string) (net.Conn, error) { return client, nil }})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- c.Run(ctx) }()
		synctest.Wait()
		go c.Do(context.WithoutCancel(ctx), ami.Action{Name: "Stuck"}) // holds the write lock
		synctest.Wait()
		start := time.Now()
		stop()
		if err := <-done; err != context.Canceled || time.Since(start) > 3*time.Second {
			t.Errorf("Run returned %v after %v", err, time.Since(start))
		}
	})
}

func TestReconnect(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		h.Respond("Mute", func(ami.Message) [][]string { return nil })
		pending := make(chan error, 2)
		go func() {
			_, err := h.client.Do(t.Context(), ami.Action{Name: "Mute"})
			pending <- err
		}()
		go func() {
			_, err := h.client.List(t.Context(), ami.Action{Name: "Mute"})
			pending <- err
		}()
		synctest.Wait()
		h.Write("Event: Whole\r\n\r\nEvent: Half\r\nX: ")
		synctest.Wait()
		h.Drop()
		for range 2 {
			if err := <-pending; !errors.Is(err, ami.ErrOutcomeUnknown) {
				t.Errorf("pending action: %v", err)
			}
		}
		synctest.Wait()
		if _, err := h.client.Do(t.Context(), ami.Action{Name: "Ping"}); !errors.Is(err, ami.ErrNotConnected) {
			t.Errorf("Do while down: %v", err)
		}
		time.Sleep(time.Second)
		if _, err := h.client.Do(t.Context(), ami.Action{Name: "Ping"}); err != nil {
			t.Errorf("Do after the reconnect: %v", err)
		}
		events, states := h.seen()
		if !cmp.Equal(events, []string{"Whole"}) {
			t.Errorf("events %v, want only the whole one", events)
		}
		if want := []string{"connected", "disconnected", "connected"}; !cmp.Equal(states, want) {
			t.Errorf("states %v, want %v", states, want)
		}
		if n := strings.Count(h.names(), "Mute"); n != 2 {
			t.Errorf("%d actions Mute were sent, want 2: none again", n)
		}
	})
}

// The waits grow with jitter, up to a limit, and start over after a good session.
func TestBackoff(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var tries []time.Time
		h := run(t, func(h *harness, o *ami.Options) {
			h.Down(true)
			o.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
				h.mu.Lock()
				tries = append(tries, time.Now())
				h.mu.Unlock()
				return h.Server.Dial(ctx, network, addr)
			}
		})
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		h.mu.Lock()
		for i := 1; i < len(tries); i++ {
			base := 500 * time.Millisecond
			for range i - 1 {
				base = min(base*3/2, 30*time.Second)
			}
			if wait := tries[i].Sub(tries[i-1]); wait < base/2-time.Second/100 || wait > base*3/2+time.Second/100 {
				t.Errorf("wait %d is %v, want %v ± half", i, wait, base)
			}
		}
		if n := len(tries); n < 20 || n > 60 {
			t.Errorf("%d tries in 10 minutes", n)
		}
		h.mu.Unlock()
		h.Down(false)
		time.Sleep(2 * time.Minute)
		if !h.client.Connected() {
			t.Fatal("not connected")
		}
		down := time.Now()
		h.Drop()
		time.Sleep(time.Minute)
		h.mu.Lock()
		defer h.mu.Unlock()
		if wait := tries[len(tries)-1].Sub(down); wait > 750*time.Millisecond {
			t.Errorf("first wait after a good session %v", wait)
		}
		if states := h.states; !cmp.Equal(states, []string{"disconnected", "connected", "disconnected", "connected"}) {
			t.Errorf("states %v: each change once", states)
		}
	})
}

func TestBackoffStop(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, func(h *harness, o *ami.Options) {
			h.Down(true)
			o.Backoff = func() backoff.BackOff { return &backoff.StopBackOff{} }
		})
		err := <-h.done
		h.done <- err
		if err == nil || !strings.Contains(err.Error(), "refused") {
			t.Errorf("Run returned %v", err)
		}
	})
}

// Over real sockets, with TLS refused by a server that speaks none.
func TestTCP(t *testing.T) {
	s := amitest.Start(t)
	addr, err := s.Listen()
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	c := ami.New(ami.Options{Addr: addr, Username: s.Username, Secret: s.Secret})
	done := make(chan error)
	go func() { done <- c.Run(ctx) }()
	if err := s.AwaitClients(ctx, 1); err != nil {
		t.Fatal(err)
	}
	sub := c.Subscribe(nil, 1)
	defer sub.Close()
	s.Emit("Hello")
	if e := <-sub.C(); e.Name() != "Hello" {
		t.Errorf("event %v", e)
	}
	stop()
	if err := <-done; err != context.Canceled {
		t.Errorf("Run returned %v", err)
	}

	c = ami.New(ami.Options{
		Addr: addr, TLS: &tls.Config{},
		Backoff: func() backoff.BackOff { return &backoff.StopBackOff{} },
	})
	if err := c.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "tls") {
		t.Errorf("Run with TLS returned %v", err)
	}
}
