package ami_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/pbxflow/pbxflow/ami"
)

// runDeaf runs a client against a peer that takes nothing after the login.
func runDeaf(t *testing.T, interval time.Duration) (c *ami.Client, lost <-chan error) {
	t.Helper()
	client, server := net.Pipe()
	t.Cleanup(func() { server.Close() })
	go func() {
		r := ami.NewReader(server)
		server.Write([]byte("Asterisk Call Manager/5.0.4\r\n"))
		m, _ := r.ReadMessage()
		server.Write([]byte("Response: Success\r\nActionID: " + m.Get("ActionID") + "\r\n\r\n"))
	}()
	c = ami.New(ami.Options{
		Addr: "x:1", PlainLogin: true, PingInterval: interval,
		Dial:    func(context.Context, string, string) (net.Conn, error) { return client, nil },
		Backoff: func() backoff.BackOff { return &backoff.StopBackOff{} },
	})
	done := make(chan error, 1)
	go func() { done <- c.Run(t.Context()) }()
	synctest.Wait()
	return c, done
}

// A peer that takes nothing is dead. Of actions that were to be written nobody knows.
func TestPeerTakesNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, lost := runDeaf(t, time.Hour)
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() {
				start := time.Now()
				if _, err := c.Do(context.Background(), ami.Action{Name: "Stuck"}); !errors.Is(err, ami.ErrOutcomeUnknown) || time.Since(start) != 30*time.Second {
					t.Errorf("an action: %v after %v", err, time.Since(start))
				}
			})
			synctest.Wait()
		}
		all.Wait()
		if err := <-lost; !errors.Is(err, ami.ErrDeadPeer) {
			t.Errorf("Run returned %v", err)
		}
		if _, err := c.Do(t.Context(), ami.Action{Name: "Late"}); !errors.Is(err, ami.ErrNotConnected) {
			t.Errorf("an action after the end: %v", err)
		}
	})
}

// Nobody waits longer than he wants for a peer that takes nothing.
func TestPeerTakesNothingInTime(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, lost := runDeaf(t, 15*time.Second)
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Do(ctx, ami.Action{Name: "Stuck"})
		if took := time.Since(start); !errors.Is(err, ami.ErrOutcomeUnknown) || !errors.Is(err, context.DeadlineExceeded) || took != time.Second {
			t.Errorf("Do: %v after %v", err, took)
		}
		stop, why := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { why(io.ErrClosedPipe) })
		_, err = c.List(stop, ami.Action{Name: "Stuck"})
		if took := time.Since(start); !errors.Is(err, ami.ErrOutcomeUnknown) || !errors.Is(err, io.ErrClosedPipe) || took != 2*time.Second {
			t.Errorf("List: %v after %v", err, took)
		}
		if _, err = c.StartOriginate(ctx, ami.Action{}); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ami.ErrOutcomeUnknown) {
			t.Errorf("StartOriginate when the time is over: %v", err)
		}
		if err := <-lost; !errors.Is(err, ami.ErrDeadPeer) || time.Since(start) != 30*time.Second {
			t.Errorf("Run returned %v after %v", err, time.Since(start))
		}
	})
}

func TestPingFindsDeadPeer(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		time.Sleep(time.Minute)
		if n := strings.Count(h.names(), "Ping"); n < 3 {
			t.Errorf("%d pings in a minute", n)
		}
		h.Stall()
		time.Sleep(26 * time.Second) // 15 s to the next Ping, 10 s without an answer
		if h.client.Connected() {
			t.Error("a silent peer was not noticed")
		}
		h.Resume()
		time.Sleep(time.Minute)
		if !h.client.Connected() {
			t.Error("not connected again")
		}
	})
}

// A slow action holds up everything else in a session; that is no dead peer.
func TestPingSparesSlowAction(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		h.Respond("Slow", func(ami.Message) [][]string {
			time.Sleep(2 * time.Minute) // the connection's goroutine: nothing else is answered
			return [][]string{{"Response", "Success"}}
		})
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
		defer cancel()
		if _, err := h.client.Do(ctx, ami.Action{Name: "Slow"}); err != nil {
			t.Errorf("Slow: %v", err)
		}
		if _, states := h.seen(); len(states) != 1 {
			t.Errorf("states %v", states)
		}
	})
}

// Nor is one that is sent at the same moment as the Ping, and overtakes it now and then.
func TestPingSparesSlowActionBeside(t *testing.T) {
	for range 3000 {
		bubble(t, func(t *testing.T) {
			h := run(t, func(_ *harness, o *ami.Options) { o.Logger = nil })
			h.Respond("Slow", func(ami.Message) [][]string {
				time.Sleep(time.Minute)
				return [][]string{{"Response", "Success"}}
			})
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			time.Sleep(15 * time.Second)
			if _, err := h.client.Do(ctx, ami.Action{Name: "Slow"}); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// Nor is one whose caller did not want to wait, until ActionTimeout has passed.
func TestPingSparesActionGivenUp(t *testing.T) {
	for _, takes := range []time.Duration{33 * time.Second, time.Minute} {
		for kind, ask := range map[string]func(*ami.Client, context.Context, ami.Action) error{
			"do":   func(c *ami.Client, ctx context.Context, a ami.Action) error { _, err := c.Do(ctx, a); return err },
			"list": func(c *ami.Client, ctx context.Context, a ami.Action) error { _, err := c.List(ctx, a); return err },
			"originate": func(c *ami.Client, ctx context.Context, a ami.Action) error {
				_, err := c.Originate(ctx, a)
				return err
			},
		} {
			t.Run(kind+" "+takes.String(), func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					h := run(t, nil)
					slow := func(ami.Message) [][]string {
						time.Sleep(takes)
						return [][]string{{"Response", "Error"}}
					}
					h.Respond("Slow", slow)
					h.Respond("Originate", slow)
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()
					if err := ask(h.client, ctx, ami.Action{Name: "Slow"}); !errors.Is(err, context.DeadlineExceeded) {
						t.Error(err)
					}
					time.Sleep(2 * time.Minute)
					if _, states := h.seen(); (len(states) == 1) != (takes < 35*time.Second) {
						t.Errorf("states %v", states)
					}
				})
			})
		}
	}
}

// A dead peer is found however many actions are sent to it meanwhile: it owes no answer
// to those behind the Ping before that to the Ping.
func TestPingFindsDeadPeerUnderLoad(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		h.Stall()
		start := time.Now()
		var all sync.WaitGroup
		for h.client.Connected() && time.Since(start) < 5*time.Minute {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				if _, err := h.client.Do(ctx, ami.Action{Name: "Ping"}); err == nil {
					t.Error("an answer")
				}
			})
			time.Sleep(time.Second)
		}
		if took := time.Since(start); took > time.Minute { // an interval, a timeout, and ActionTimeout
			t.Errorf("a silent peer was noticed after %v", took)
		}
		all.Wait()
		h.Resume()
	})
}

// A link that brings anything is alive, though it does not answer.
func TestPingSparesBusyLink(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		h.Respond("Ping", func(ami.Message) [][]string { return nil })
		for range 30 {
			time.Sleep(6 * time.Second)
			h.Emit("A")
		}
		synctest.Wait()
		if events, states := h.seen(); len(states) != 1 || len(events) != 30 {
			t.Errorf("states %v, %d events", states, len(events))
		}
		time.Sleep(21 * time.Second)
		if _, states := h.seen(); len(states) == 1 {
			t.Error("a silent peer was not noticed")
		}
	})
}

// An action that has no answer when that to a later Ping is there holds nothing up.
func TestPingAfterActionWithoutAnswer(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, func(_ *harness, o *ami.Options) { o.ActionTimeout = time.Hour })
		h.Respond("Mute", func(ami.Message) [][]string { return nil })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := h.client.Do(ctx, ami.Action{Name: "Mute"}); err == nil {
			t.Error("an answer")
		}
		time.Sleep(20 * time.Second)
		h.Stall()
		time.Sleep(26 * time.Second)
		if h.client.Connected() {
			t.Error("a silent peer was not noticed")
		}
		h.Resume()
	})
}

// An action that somebody waits for may have its answer after a later Ping.
func TestPingOvertakesAnswer(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		var id string
		h.Respond("Late", func(a ami.Message) [][]string { id = a.Get("ActionID"); return nil })
		answer := make(chan error, 1)
		go func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, err := h.client.Do(ctx, ami.Action{Name: "Late"})
			answer <- err
		}()
		time.Sleep(20 * time.Second)
		if !strings.HasSuffix(h.names(), "Late Ping") {
			t.Errorf("sent %s", h.names())
		}
		h.Write("Response: Success\r\nActionID: " + id + "\r\n\r\n")
		if err := <-answer; err != nil {
			t.Error(err)
		}
	})
}
