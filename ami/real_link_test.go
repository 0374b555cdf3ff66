package ami_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// cable is a connection to a real Asterisk whose reads can be held back.
type cable struct {
	net.Conn
	mu     sync.Mutex
	gate   chan struct{} // closed while reads pass
	closed chan struct{}
	once   sync.Once
	expect string // in what is written; empty: nothing
	called func() // when that was written
}

func (c *cable) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.expect != "" && strings.Contains(string(p[:n]), c.expect) {
		c.expect = ""
		c.called()
	}
	return n, err
}

// untilWritten returns a context that ends when an action of that name has been written.
func (c *cable) untilWritten(ctx context.Context, action string) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expect, c.called = "Action: "+action+"\r\n", cancel
	return ctx
}

func (c *cable) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	gate := c.gate
	c.mu.Unlock()
	select {
	case <-gate:
		return n, err
	case <-c.closed:
		return 0, net.ErrClosed
	}
}

func (c *cable) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

// hold holds reads back until release is called.
func (c *cable) hold() (release func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	held := make(chan struct{})
	c.gate = held
	return func() { close(held) }
}

// laid connects a client by cables; the last one laid is returned by the function.
func laid(t *testing.T, pbx *asterisktest.Instance, o ami.Options) (c *ami.Client, last func() *cable) {
	t.Helper()
	var mu sync.Mutex
	var newest *cable
	open := make(chan struct{})
	close(open)
	o.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		mu.Lock()
		defer mu.Unlock()
		newest = &cable{Conn: conn, gate: open, closed: make(chan struct{})}
		return newest, nil
	}
	return connect(t, o, pbx), func() *cable {
		mu.Lock()
		defer mu.Unlock()
		return newest
	}
}

// until takes events up to a user event of that name, and returns their names.
func until(ctx context.Context, t *testing.T, events <-chan ami.Event, last string) (names []string) {
	t.Helper()
	for {
		select {
		case e := <-events:
			name := strings.TrimSpace(tell(e) + " " + e.Get("UserEvent"))
			names = append(names, name)
			if name == "UserEvent "+last {
				return names
			}
		case <-ctx.Done():
			t.Fatalf("no user event %s, only %v", last, names)
		}
	}
}

// awaitSession waits until a client has one.
func awaitSession(ctx context.Context, t *testing.T, c *ami.Client) {
	t.Helper()
	for !c.Connected() {
		if !pause(ctx, 10*time.Millisecond) {
			t.Fatalf("%s has no session", c.Name())
		}
	}
}

func raise(ctx context.Context, t *testing.T, c *ami.Client, name string) {
	t.Helper()
	if _, err := c.Do(ctx, ami.Action{Name: "UserEvent"}.With("UserEvent", name)); err != nil {
		t.Fatal(err)
	}
}

// realLostLink cuts the link between an action and its answer. The outcome is unknown
// then: Asterisk has carried it out, once. The next session has its filters again.
func realLostLink(ctx context.Context, t *testing.T, pbx *asterisktest.Instance, c *ami.Client) {
	witness := c.SubscribeTo(ami.Want{Names: []string{"UserEvent"}}, 1000)
	defer witness.Close()
	cut, last := laid(t, pbx, ami.Options{ServerFilter: true})
	mine := cut.SubscribeTo(ami.Want{Names: []string{"UserEvent"}}, 1000)
	defer mine.Close()
	raise(ctx, t, c, "Begin")
	until(ctx, t, witness.C(), "Begin")

	link := last()
	link.hold()
	outcome := make(chan error, 1)
	go func() {
		_, err := cut.Do(ctx, ami.Action{Name: "UserEvent"}.With("UserEvent", "Cut"))
		outcome <- err
	}()
	until(ctx, t, witness.C(), "Cut")
	link.Close()
	if err := <-outcome; !errors.Is(err, ami.ErrOutcomeUnknown) {
		t.Errorf("the action without an answer: %v", err)
	}
	awaitSession(ctx, t, cut)
	raise(ctx, t, cut, "Again")
	if got := until(ctx, t, witness.C(), "Again"); len(got) != 1 {
		t.Errorf("after the cut came %v: was it sent again?", got)
	}
	if got := until(ctx, t, mine.C(), "Again"); !slices.Contains(got, "[0, reconnected]") || slices.Contains(got, "UserEvent Cut") {
		t.Errorf("the subscription holds %v, want a mark and nothing of what was lost", got)
	}
	came := make(chan ami.Event, 1000)
	states := make(chan ami.State, 10)
	_, last = laid(t, pbx, ami.Options{
		ServerFilter: true, Wants: []ami.Want{{Names: []string{"UserEvent"}}},
		Handler: func(e ami.Event) { came <- e },
		OnState: func(s ami.State, _ error) { states <- s },
	})
	for _, name := range []string{"First", "Second"} {
		for up := false; !up; {
			select {
			case s := <-states:
				up = s == ami.Connected
			case <-ctx.Done():
				t.Fatal("no session again")
			}
		}
		raise(ctx, t, c, name+" begin")
		until(ctx, t, came, name+" begin")
		if _, err := c.Originate(ctx, ami.Action{}.With("Channel", "Local/quick@main").With("Application", "Wait").With("Data", "0.1")); err != nil {
			t.Fatal(err)
		}
		raise(ctx, t, c, name+" end")
		for _, got := range until(ctx, t, came, name+" end") {
			if got != "UserEvent "+name+" end" && got != "OriginateResponse" {
				t.Errorf("session %s: %s passed the filter", name, got)
			}
		}
		last().Close()
	}
}

// realDeadPeer lets a peer fall silent, and later makes answers come when nobody waits for
// them any more.
func realDeadPeer(ctx context.Context, t *testing.T, pbx *asterisktest.Instance) {
	lost := make(chan error, 10)
	came := make(chan ami.Event, 10_000)
	c, last := laid(t, pbx, ami.Options{
		Events: "user", PingInterval: time.Second, PingTimeout: 2 * time.Second, ActionTimeout: 5 * time.Second,
		OnState: func(s ami.State, err error) {
			if s == ami.Disconnected {
				lost <- err
			}
		},
		Handler: func(e ami.Event) { came <- e },
	})
	link := last()
	release := link.hold()
	if _, err := c.List(link.untilWritten(ctx, "ShowDialPlan"), ami.Action{Name: "ShowDialPlan"}); !errors.Is(err, ami.ErrOutcomeUnknown) || !errors.Is(err, context.Canceled) {
		t.Errorf("List given up: %v", err)
	}
	if _, err := c.Do(link.untilWritten(ctx, "CoreStatus"), ami.Action{Name: "CoreStatus"}); !errors.Is(err, ami.ErrOutcomeUnknown) || !errors.Is(err, context.Canceled) {
		t.Errorf("CoreStatus given up: %v", err)
	}
	release()
	if items, err := c.List(ctx, ami.Action{Name: "ShowDialPlan"}.With("Context", "main")); err != nil || len(items) < 4 {
		t.Errorf("List after one given up: %d, %v", len(items), err)
	}
	raise(ctx, t, c, "Late")
	for _, name := range until(ctx, t, came, "Late") {
		if strings.HasPrefix(name, "ListDialplan") || strings.HasPrefix(name, "ShowDialPlan") {
			t.Fatalf("%s became news", name)
		}
	}
	last().hold()
	select {
	case err := <-lost:
		if !errors.Is(err, ami.ErrDeadPeer) {
			t.Errorf("lost by %v", err)
		}
	case <-ctx.Done():
		t.Fatal("a silent peer was not noticed")
	}
	awaitSession(ctx, t, c)
	if _, err := c.Do(ctx, ami.Action{Name: "Ping"}); err != nil {
		t.Errorf("Ping in the next session: %v", err)
	}
}

// realMany has many goroutines ask for different things at once, over one link and two.
func realMany(ctx context.Context, t *testing.T, pbx *asterisktest.Instance) {
	for _, two := range []bool{false, true} {
		c := connect(t, ami.Options{ActionLink: two}, pbx)
		var all sync.WaitGroup
		for i := range 200 {
			all.Go(func() {
				name := fmt.Sprintf("MANY%d", i)
				if _, err := c.Do(ctx, ami.Action{Name: "Setvar"}.With("Variable", name).With("Value", name)); err != nil {
					t.Error(err)
				}
				if r, err := c.Do(ctx, ami.Action{Name: "Getvar"}.With("Variable", name)); err != nil || r.Get("Value") != name {
					t.Errorf("%s is %q, %v", name, r.Get("Value"), err)
				}
				if i%10 == 0 {
					if items, err := c.List(ctx, ami.Action{Name: "ShowDialPlan"}.With("Context", "main")); err != nil || len(items) < 4 {
						t.Errorf("List: %d, %v", len(items), err)
					}
				}
			})
		}
		all.Wait()
	}
}

// realFilterRights filters with and without the right to do so.
func realFilterRights(ctx context.Context, t *testing.T, pbx *asterisktest.Instance) {
	var mu sync.Mutex // guards log
	var log bytes.Buffer
	limited := make(chan ami.Event, 1000)
	c := connect(t, ami.Options{
		Username: "limited", Secret: "limited", ServerFilter: true, Wants: []ami.Want{{Names: []string{"Hangup"}}},
		Handler: func(e ami.Event) { limited <- e },
		Logger:  hclog.New(&hclog.LoggerOptions{Mutex: &mu, Output: io.MultiWriter(t.Output(), &log)}),
	}, pbx)
	mu.Lock()
	text := log.String()
	mu.Unlock()
	if !strings.Contains(text, "sends all events") || !strings.Contains(text, "write = system") {
		t.Errorf("the log does not tell that all events come, or why not:\n%s", text)
	}
	classes := make(chan ami.Event, 1000)
	masked := connect(t, ami.Options{ServerFilter: true, Wants: []ami.Want{{Classes: []string{"user"}}}, Handler: func(e ami.Event) { classes <- e }}, pbx)
	if _, err := masked.Originate(ctx, ami.Action{}.With("Channel", "Local/quick@main").With("Application", "Wait").With("Data", "0.1")); err != nil {
		t.Errorf("Originate by who wants no calls: %v", err)
	}
	raise(ctx, t, masked, "Masked")
	if got := until(ctx, t, classes, "Masked"); slices.Contains(got, "Newexten") || slices.Contains(got, "VarSet") {
		t.Errorf("events of other classes came: %v", got)
	}
	for {
		select {
		case e := <-limited:
			if e.Name() == "Newchannel" { // not wanted, and it comes
				_, err := c.Do(ctx, ami.Action{Name: "Ping"})
				if err != nil {
					t.Error(err)
				}
				return
			}
		case <-ctx.Done():
			t.Fatal("nothing came to who may not filter")
		}
	}
}
