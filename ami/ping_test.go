package ami_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/pbxflow/pbxflow/ami"
)

// A peer that takes nothing is dead. The action that could not be written was not
// sent; of those behind it nobody knows.
func TestPeerTakesNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		client, server := net.Pipe()
		defer server.Close()
		go func() {
			r := ami.NewReader(server)
			server.Write([]byte("Asterisk Call Manager/5.0.4\r\n"))
			m, _ := r.ReadMessage()
			server.Write([]byte("Response: Success\r\nActionID: " + m.Get("ActionID") + "\r\n\r\n"))
		}()
		lost := make(chan error, 1)
		c := ami.New(ami.Options{
			Addr: "x:1", PlainLogin: true, PingInterval: time.Hour,
			Dial:    func(context.Context, string, string) (net.Conn, error) { return client, nil },
			Backoff: func() backoff.BackOff { return &backoff.StopBackOff{} },
		})
		go func() { lost <- c.Run(t.Context()) }()
		synctest.Wait()
		var errs [2]chan error
		for i := range errs {
			errs[i] = make(chan error, 1)
			go func() {
				_, err := c.Do(context.Background(), ami.Action{Name: "Stuck"})
				errs[i] <- err
			}()
			synctest.Wait()
		}
		start := time.Now()
		if err := <-errs[0]; !errors.Is(err, ami.ErrNotConnected) || time.Since(start) != 30*time.Second {
			t.Errorf("the first action: %v after %v", err, time.Since(start))
		}
		if err := <-errs[1]; !errors.Is(err, ami.ErrOutcomeUnknown) {
			t.Errorf("the second action: %v", err)
		}
		if err := <-lost; !errors.Is(err, ami.ErrDeadPeer) {
			t.Errorf("Run returned %v", err)
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
