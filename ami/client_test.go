package ami_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
)

// harness is a client that runs against a server in memory, in a synctest bubble.
type harness struct {
	*amitest.Server
	client *ami.Client
	done   chan error // result of Run
	stop   context.CancelFunc

	mu     sync.Mutex
	events []string
	states []string
	dialed []net.Conn

	log  bytes.Buffer
	read int // of Received, by asked
}

// logger also writes to h.log.
func (h *harness) logger(t *testing.T) hclog.Logger {
	return hclog.New(&hclog.LoggerOptions{Output: io.MultiWriter(t.Output(), &h.log)})
}

// run starts a client and waits until all is quiet. change may set options.
func run(t *testing.T, change func(*harness, *ami.Options)) *harness {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	h := &harness{Server: amitest.New(), done: make(chan error, 1), stop: stop}
	o := ami.Options{
		Name: "pbx1", Addr: h.Addr(), Username: h.Username, Secret: h.Secret, Dial: h.dial,
		Logger: hclog.New(&hclog.LoggerOptions{Output: t.Output()}),
		Handler: func(e ami.Event) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.events = append(h.events, e.Name())
		},
		OnState: func(s ami.State, err error) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.states = append(h.states, s.String())
		},
	}
	if change != nil {
		change(h, &o)
	}
	h.client = ami.New(o)
	go func() { h.done <- h.client.Run(ctx) }()
	synctest.Wait()
	t.Cleanup(func() { // inside the bubble
		stop()
		<-h.done
		h.Close()
	})
	return h
}

func (h *harness) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := h.Dial(ctx, network, addr)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.dialed = append(h.dialed, conn)
	return conn, err
}

func (h *harness) seen() (events, states []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.events...), append([]string(nil), h.states...)
}

// names returns the names of the actions the server got.
func (h *harness) names() string {
	var names []string
	for _, m := range h.Received() {
		names = append(names, m.Get("Action"))
	}
	return strings.Join(names, " ")
}

func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

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

// Asterisk writes FullyBooted and whatever happens right behind the answer to the
// login, in the same segment, and may cut it anywhere.
func TestLoginAndEventsInOneSegment(t *testing.T) {
	bubble(t, func(t *testing.T) {
		client, server := net.Pipe()
		go func() {
			r := ami.NewReader(server)
			server.Write([]byte("Asterisk Call Manager/11.0.0\r\n"))
			m, _ := r.ReadMessage()
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

func TestDo(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		r, err := h.client.Do(t.Context(), ami.Action{Name: "Ping"})
		if err != nil || r.Get("Ping") != "Pong" {
			t.Errorf("Ping: %v, %v", r, err)
		}
		_, err = h.client.Do(t.Context(), ami.Action{Name: "Nonsense"})
		if refusal, ok := errors.AsType[*ami.Error](err); !ok || refusal.Action != "Nonsense" || !strings.HasPrefix(refusal.Message, "Invalid/unknown command") {
			t.Errorf("Nonsense: %v", err)
		}
	})
}

func TestCommandOutput(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		h.Answer("Command", "Response", "Success", "Message", "Command output follows", "Output", "a: 1", "Output", "", "Output", "c")
		r, err := h.client.Do(t.Context(), ami.Action{Name: "Command"}.With("Command", "core show version"))
		if diff := cmp.Diff(r.Output(), []string{"a: 1", "", "c"}); err != nil || diff != "" {
			t.Errorf("new format: %v %s", err, diff)
		}
		h.Respond("Command", func(a ami.Message) [][]string {
			h.Write("Response: Follows\r\nPrivilege: Command\r\nActionID: " + a.Get("ActionID") + "\r\na: 1\n\nc\n--END COMMAND--\r\n\r\n")
			return nil
		})
		r, err = h.client.Do(t.Context(), ami.Action{Name: "Command"}.With("Command", "core show version"))
		if diff := cmp.Diff(r.Output(), []string{"a: 1", "", "c"}); err != nil || diff != "" {
			t.Errorf("old format: %v %s", err, diff)
		}
	})
}

// Events that look like answers are not.
func TestEventsAreNotAnswers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		h.Respond("Slow", func(a ami.Message) [][]string {
			id := a.Get("ActionID")
			return [][]string{
				{"Event", "OriginateResponse", "ActionID", id, "Response", "Failure"},
				{"Event", "UserEvent", "ActionID", id, "Response", "Error", "EventList", "Complete"},
				{"Response", "Success", "ActionID", "somebody else's"},
				{"Response", "Success", "Message", "the answer"},
			}
		})
		r, err := h.client.Do(t.Context(), ami.Action{Name: "Slow"})
		if err != nil || r.Text() != "the answer" {
			t.Errorf("got %v, %v", r, err)
		}
		if events, _ := h.seen(); !cmp.Equal(events, []string{"OriginateResponse", "UserEvent"}) {
			t.Errorf("events %v", events)
		}
	})
}

func TestList(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		h.Respond("ParkedCalls", func(ami.Message) [][]string {
			list := amitest.List("ParkedCalls", []string{"Event", "ParkedCall", "N", "1"}, []string{"Event", "ParkedCall", "N", "2"})
			news := []string{"Event", "ParkedCall", "ActionID", "none", "N", "news"}
			return append(list[:2:2], append([][]string{news}, list[2:]...)...)
		})
		items, err := h.client.List(t.Context(), ami.Action{Name: "ParkedCalls"})
		var got []string
		for _, e := range items {
			got = append(got, e.Get("N"))
		}
		if err != nil || !cmp.Equal(got, []string{"1", "2"}) {
			t.Errorf("items %v, %v", got, err)
		}
		if events, _ := h.seen(); !cmp.Equal(events, []string{"ParkedCall"}) {
			t.Errorf("events %v, want the one that is no item", events)
		}

		h.AnswerList("Empty")
		if items, err := h.client.List(t.Context(), ami.Action{Name: "Empty"}); err != nil || len(items) != 0 {
			t.Errorf("empty list: %v, %v", items, err)
		}
		if _, err := h.client.List(t.Context(), ami.Action{Name: "Ping"}); err == nil {
			t.Error("an answer without a list is no error")
		}
		var refusal *ami.Error
		if _, err := h.client.List(t.Context(), ami.Action{Name: "Nonsense"}); !errors.As(err, &refusal) {
			t.Errorf("refused list: %v", err)
		}
	})
}

// Who stops waiting for a list must not make news of its items.
func TestListGivenUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		release := make(chan [][]string)
		h.Respond("Long", func(a ami.Message) [][]string { return <-release })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := h.client.List(ctx, ami.Action{Name: "Long"})
		if !errors.Is(err, ami.ErrOutcomeUnknown) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("List: %v", err)
		}
		release <- append(amitest.List("Long", []string{"Event", "Item"}), []string{"Event", "News", "ActionID", ""})
		synctest.Wait()
		if events, _ := h.seen(); !cmp.Equal(events, []string{"News"}) {
			t.Errorf("events %v", events)
		}
	})
}

func TestOriginate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		for _, result := range []string{"Success", "Failure"} {
			h.Respond("Originate", func(a ami.Message) [][]string {
				if a.Get("Async") != "true" {
					t.Error("not asynchronous")
				}
				return [][]string{
					{"Response", "Success", "Message", "Originate successfully queued"},
					{"Event", "OriginateResponse", "Response", result, "Reason", "5", "Uniqueid", "1.7"},
				}
			})
			e, err := h.client.Originate(t.Context(), ami.Action{}.With("Channel", "Local/x@y"))
			if (err == nil) != (result == "Success") || e.Get("Uniqueid") != "1.7" {
				t.Errorf("%s: %v, %v", result, e, err)
			}
		}
		if events, _ := h.seen(); len(events) != 2 {
			t.Errorf("events %v: OriginateResponse is news as well", events)
		}
	})
}

func TestActionTimeout(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, func(_ *harness, o *ami.Options) { o.PingInterval = time.Hour })
		h.Respond("Mute", func(ami.Message) [][]string { return nil })
		start := time.Now()
		_, err := h.client.Do(context.Background(), ami.Action{Name: "Mute"})
		if took := time.Since(start); !errors.Is(err, ami.ErrOutcomeUnknown) || took != 30*time.Second {
			t.Errorf("%v after %v", err, took)
		}
		if !h.client.Connected() {
			t.Error("an action without an answer cost the link")
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

func TestSubscription(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		all := h.client.Subscribe(nil, 100)
		slow := h.client.Subscribe(ami.Names("A", "C"), 3)
		for _, name := range []string{"A", "B", "C", "A", "A", "A"} {
			h.Emit(name)
		}
		synctest.Wait()
		if all.Lost() != 0 || slow.Lost() != 2 {
			t.Errorf("lost %d and %d, want 0 and 2", all.Lost(), slow.Lost())
		}
		h.Drop()
		time.Sleep(time.Second)
		h.Emit("D")
		synctest.Wait()
		drain := func(s *ami.Subscription) (names string) {
			s.Close()
			s.Close()
			for e := range s.C() {
				names += e.Name()
			}
			return names
		}
		if got := drain(all); got != "ABCAAAEventsLostD" {
			t.Errorf("all got %s", got)
		}
		if got := drain(slow); got != "ACAEventsLost" {
			t.Errorf("slow got %s", got)
		}
		h.Emit("E") // to nobody
		synctest.Wait()
		if events, _ := h.seen(); len(events) != 8 {
			t.Errorf("the handler got %d events, want all 8", len(events))
		}
	})
}

func TestConcurrentActions(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		h.Respond("Echo", func(a ami.Message) [][]string {
			return [][]string{{"Response", "Success", "Message", a.Get("N")}}
		})
		var wg sync.WaitGroup
		for i := range 1000 {
			wg.Go(func() {
				n := time.Duration(i).String()
				r, err := h.client.Do(t.Context(), ami.Action{Name: "Echo"}.With("N", n))
				if err != nil || r.Text() != n {
					t.Errorf("%s: %v, %v", n, r.Text(), err)
				}
			})
		}
		wg.Wait()
		ids := make(map[string]bool)
		for _, m := range h.Received() {
			id := m.Get("ActionID")
			if ids[id] || len(id) > 64 || id == "" {
				t.Fatalf("ActionID %q is not new, or not fit", id)
			}
			ids[id] = true
		}
	})
}

func TestActionCheck(t *testing.T) {
	long := strings.Repeat("x", ami.MaxLine-len("Data: ")-len("\r\n"))
	many := ami.Action{Name: "A"}
	for range ami.MaxLines - 2 {
		many = many.With("Variable", "a=b")
	}
	tests := []struct {
		name   string
		action ami.Action
		ok     bool
	}{
		{"plain", ami.Action{Name: "Ping"}, true},
		{"empty value", ami.Action{Name: "A"}.With("X", ""), true},
		{"longest line", ami.Action{Name: "A"}.With("Data", long), true},
		{"most lines", many, true},
		{"no name", ami.Action{}, false},
		{"LF in the name", ami.Action{Name: "A\nAction: B"}, false},
		{"CRLF in a value", ami.Action{Name: "A"}.With("X", "1\r\n\r\nAction: Command"), false},
		{"LF in a value", ami.Action{Name: "A"}.With("X", "1\nY: 2"), false},
		{"CR in a value", ami.Action{Name: "A"}.With("X", "1\r"), false},
		{"NUL in a value", ami.Action{Name: "A"}.With("X", "1\x00"), false},
		{"LF in a field's name", ami.Action{Name: "A"}.With("X\n", "1"), false},
		{"colon in a field's name", ami.Action{Name: "A"}.With("X: y", "1"), false},
		{"blank in a field's name", ami.Action{Name: "A"}.With("X ", "1"), false},
		{"field without a name", ami.Action{Name: "A"}.With("", "1"), false},
		{"line too long", ami.Action{Name: "A"}.With("Data", long+"x"), false},
		{"too many lines", many.With("X", "y"), false},
		{"own ActionID", ami.Action{Name: "A"}.With("actionid", "1"), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := test.action.Check()
			if (err == nil) != test.ok || err != nil && !errors.Is(err, ami.ErrInvalidAction) {
				t.Errorf("Check: %v", err)
			}
			if _, err := ami.New(ami.Options{}).Do(t.Context(), test.action); !test.ok && !errors.Is(err, ami.ErrInvalidAction) {
				t.Errorf("Do: %v", err)
			}
		})
	}
}

func TestWithSharesNothing(t *testing.T) {
	base := ami.Action{Name: "A", Fields: make([]ami.Field, 0, 4)}
	one, two := base.With("X", "1"), base.With("X", "2")
	if one.Fields[0].Value != "1" || two.Fields[0].Value != "2" || len(base.Fields) != 0 {
		t.Errorf("%v %v %v", base, one, two)
	}
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
