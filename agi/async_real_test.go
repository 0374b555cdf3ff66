package agi_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// asyncPlan tells what becomes of a call: After once its dialplan goes on, Over when it
// was hung up.
const asyncPlan = `
[calls]
exten => again,1,AGI(agi:async,first)
 same => n,AGI(agi:async,second)
 same => n,UserEvent(After,Name: again,Heard: ${HEARD},Status: ${AGISTATUS})
 same => n,Hangup()
exten => cut,1,AGI(agi:async,` + filler + `,` + filler + `,` + filler + `,last)
 same => n,UserEvent(After,Name: cut,Heard: ${HEARD},Status: ${AGISTATUS})
 same => n,Hangup()
exten => args,1,AGI(agi:async,one,"two, three",f(o,u)r,a\,b,",",")",[c,d],,$[1+1])
 same => n,UserEvent(After,Name: args,Heard: ${HEARD},Status: ${AGISTATUS})
 same => n,Hangup()
exten => _[a-z][a-z]!,1,Set(NAME=${EXTEN})
 same => n,AGI(agi:async,${EXTEN})
 same => n,UserEvent(After,Name: ${EXTEN},Heard: ${HEARD},Status: ${AGISTATUS})
exten => h,1,UserEvent(Over,Name: ${NAME},Status: ${AGISTATUS})
`

// filler is an argument that fits three times into no environment.
const filler = "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789" +
	"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"

// asyncArgs are the arguments of the extension args, as the environment has them.
var asyncArgs = []string{"one", "two, three", "f(o,u)r", "a,b", ",", ")", "[c,d]", "", "2"}

// TestRealAsync serves calls of a real Asterisk over the manager.
func TestRealAsync(t *testing.T) {
	asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		t.Parallel() // it waits most of the time, and a server takes all calls of its Asterisk
		plan := asyncPlan + asterisktest.Phone("quiet", asterisktest.Answer(), asterisktest.Wait(10*time.Minute))
		for _, c := range asyncCalls {
			plan += asterisktest.Phone(c.name, append([]asterisktest.Step{asterisktest.Answer()}, c.phone...)...)
		}
		pbx := asyncPBX{start(asterisktest.Config{Dialplan: plan, ManagerRead: "agi,call,user", ManagerWrite: "agi,call"}), nil}
		watch := pbx.line(nil)
		defer watch.end()
		pbx.told = watch.client.Subscribe(ami.Names("UserEvent", "AsyncAGIStart", "AGIExecStart", "AsyncAGIExec"), 10000)
		watch.begin(t)
		t.Run("calls", pbx.testCalls)
		t.Run("many", pbx.testMany)
		t.Run("redirect", pbx.testRedirect)
		t.Run("link cut", pbx.testLinkCut)
		t.Run("shutdown", pbx.testShutdown)
		t.Run("close", pbx.testClose)
		t.Run("adopt", pbx.testAdopt)
		t.Run("adopt after the link was down", pbx.testAdoptAfterCut)
		t.Run("adopt nobody", pbx.testAdoptNobody)
	})
}

// asyncPBX is a real Asterisk, and what it tells of its calls.
type asyncPBX struct {
	*asterisktest.Instance
	told *ami.Subscription
}

// call starts a call whose far leg is a phone.
func (p asyncPBX) call(t *testing.T, phone, exten string) {
	t.Helper()
	_, err := p.Originate(t.Context(), asterisktest.Call{
		Channel: "Local/" + phone + "@phones", Context: "calls", Exten: exten, CallerID: asyncCaller,
	})
	if err != nil {
		t.Error(err)
	}
}

// await returns the next event that is as wanted, and drops those before.
func (p asyncPBX) await(t *testing.T, want func(ami.Event) bool) ami.Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		select {
		case e := <-p.told.C():
			if want(e) {
				return e
			}
		case <-ctx.Done():
			t.Fatal("the event did not come in time")
		}
	}
}

// awaitAfter waits until the dialplan of a call has gone on and returns what it knows:
// HEARD and AGISTATUS.
func (p asyncPBX) awaitAfter(t *testing.T, name string) string {
	t.Helper()
	e := p.await(t, func(e ami.Event) bool { return e.Get("UserEvent") == "After" && e.Get("Name") == name })
	return e.Get("Heard") + " " + e.Get("Status")
}

// awaitStart waits until a call is in AGI(agi:async) and returns its channel.
func (p asyncPBX) awaitStart(t *testing.T, exten string) string {
	t.Helper()
	return p.await(t, func(e ami.Event) bool {
		return e.Name() == "AsyncAGIStart" && e.Get("Exten") == exten
	}).Get("Channel")
}

// awaitCommand waits until a command of a call runs and returns the channel. Only then a
// redirect or a cut is sure to come in the middle of it.
func (p asyncPBX) awaitCommand(t *testing.T, exten, command string) string {
	t.Helper()
	return p.await(t, func(e ami.Event) bool {
		return e.Name() == "AGIExecStart" && e.Get("Exten") == exten && strings.HasPrefix(e.Get("Command"), command)
	}).Get("Channel")
}

// asyncLine is a manager connection that can be cut, with a server on it.
type asyncLine struct {
	client  *ami.Client
	srv     *agi.AsyncServer // or nil
	served  chan error
	running sync.WaitGroup
	stop    context.CancelFunc
	up      chan struct{}

	gate sync.Mutex // held by who keeps the link down
	mu   sync.Mutex
	conn net.Conn
}

func (p asyncPBX) line(srv *agi.AsyncServer) *asyncLine {
	l := &asyncLine{srv: srv, up: make(chan struct{}, 10), served: make(chan error, 1)}
	l.client = ami.New(ami.Options{
		Addr: p.AMI, Username: p.AMIUser, Secret: p.AMISecret,
		Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			l.gate.Lock()
			defer l.gate.Unlock()
			conn, err := new(net.Dialer).DialContext(ctx, network, addr)
			l.mu.Lock()
			defer l.mu.Unlock()
			l.conn = conn
			return conn, err
		},
		OnState: func(s ami.State, err error) {
			switch {
			case s == ami.Connected:
				if srv != nil {
					srv.LinkUp()
				}
				l.up <- struct{}{}
			case srv != nil:
				srv.LinkLost(err)
			}
		},
	})
	return l
}

// begin connects, and serves if there is a server, until the end of the test or end.
func (l *asyncLine) begin(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	if l.srv != nil {
		events := l.client.Subscribe(ami.Names("AsyncAGIStart", "AsyncAGIExec", "AsyncAGIEnd", "Hangup", "Rename"), 10000)
		l.srv.Link = asyncLink{l.client, events}
		l.running.Go(func() {
			l.served <- l.srv.Serve(context.Background())
			events.Close()
		})
		t.Cleanup(func() {
			l.srv.Close()
			wantErr(t, "Serve", <-l.served, agi.ErrServerClosed)
			l.end()
		})
	}
	l.running.Go(func() { _ = l.client.Run(ctx) })
	<-l.up
}

func (l *asyncLine) end() {
	l.stop()
	l.running.Wait()
}

// cut breaks the link. It comes back when gate is free.
func (l *asyncLine) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conn.Close()
}

// serve serves calls to the end of the test.
func (p asyncPBX) serve(t *testing.T, srv *agi.AsyncServer) *asyncLine {
	l := p.line(srv)
	l.begin(t)
	return l
}

// asyncHandler is a handler with errors that mean something to a test.
func asyncHandler(t *testing.T, h handler) agi.Handler {
	return agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		err := h(t, ctx, s)
		if err != nil && !errors.Is(err, errAsyncMeant) && ctx.Err() == nil {
			t.Errorf("%s: %v", s.Env().Extension(), err)
		}
		return err
	})
}

// errAsyncMeant is the error of a handler that is meant to fail.
var errAsyncMeant = errors.New("meant")
