package agi_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pbxflow/pbxflow/agi"
)

// asyncRun is an AsyncServer that serves a call on Local/1.
type asyncRun struct {
	*agi.AsyncServer
	link   *fakeLink
	served chan error
}

func runAsync(t *testing.T, handle handler) asyncRun {
	l := newFakeLink(func(string) (string, error) { return "200 result=0\n", nil })
	r := asyncRun{&agi.AsyncServer{Link: l, Handler: agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		return handle(t, ctx, s)
	})}, l, make(chan error, 1)}
	go func() { r.served <- r.Serve(t.Context()) }()
	l.start()
	synctest.Wait()
	return r
}

// sent compares what was sent since it was last called.
func (r asyncRun) sent(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	for _, w := range want {
		select {
		case got := <-r.link.commands:
			if got != w {
				t.Errorf("sent %q, want %q", got, w)
			}
		default:
			t.Errorf("sent nothing more, want %q", w)
		}
	}
	select {
	case got := <-r.link.commands:
		t.Errorf("sent %q, want nothing more", got)
	default:
	}
}

// shutdown begins a Shutdown that may wait a minute.
func (r asyncRun) shutdown(t *testing.T) chan error {
	done := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		done <- r.Shutdown(ctx)
	}()
	synctest.Wait()
	return done
}

const breakOne, breakTwo = "AGI Local/1 ASYNCAGI BREAK", "AGI Local/2 ASYNCAGI BREAK"

// A call that runs may end, and one that comes goes back to the dialplan at once.
func TestAsyncShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		over := make(chan struct{})
		r := runAsync(t, func(_ *testing.T, ctx context.Context, s *agi.Session) error {
			<-over
			return s.Noop(ctx)
		})
		done := r.shutdown(t)
		r.link.emit("AsyncAGIStart", asyncEvent{"Uniqueid": "1.2", "Channel": "Local/2"})
		r.sent(t, breakTwo)
		if got := r.Sessions(); got != 1 {
			t.Errorf("got %d sessions, want 1", got)
		}
		close(over)
		wantErr(t, "Shutdown", <-done, nil)
		wantErr(t, "Serve", <-r.served, agi.ErrServerClosed)
		r.sent(t, "AGI Local/1 NOOP", breakOne)
	})
}

// When the time is over, handlers may clean up.
func TestAsyncShutdownCleanUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runAsync(t, func(t *testing.T, ctx context.Context, s *agi.Session) error {
			<-ctx.Done()
			wantErr(t, "cause", context.Cause(ctx), agi.ErrServerClosed)
			time.Sleep(2 * time.Second)
			return s.SetVariable(context.WithoutCancel(ctx), "X", "1")
		})
		start := time.Now()
		wantErr(t, "Shutdown", <-r.shutdown(t), context.DeadlineExceeded)
		if got, want := time.Since(start), time.Minute+2*time.Second; got != want {
			t.Errorf("Shutdown took %v, want %v", got, want)
		}
		wantErr(t, "Serve", <-r.served, agi.ErrServerClosed)
		r.sent(t, `AGI Local/1 SET VARIABLE "X" "1"`, breakOne)
	})
}

// A handler that does not return loses its call, and Serve goes on giving calls back
// until it has returned.
func TestAsyncShutdownStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		over := make(chan struct{})
		r := runAsync(t, func(t *testing.T, ctx context.Context, s *agi.Session) error {
			<-over
			wantErr(t, "late command", s.Noop(context.WithoutCancel(ctx)), agi.ErrClosed)
			return nil
		})
		start := time.Now()
		wantErr(t, "Shutdown", <-r.shutdown(t), context.DeadlineExceeded)
		if got, want := time.Since(start), time.Minute+5*time.Second; got != want {
			t.Errorf("Shutdown took %v, want %v", got, want)
		}
		r.sent(t, breakOne)
		r.link.emit("AsyncAGIStart", asyncEvent{"Uniqueid": "1.2", "Channel": "Local/2"})
		r.sent(t, breakTwo)
		close(over)
		wantErr(t, "Serve", <-r.served, agi.ErrServerClosed)
		r.sent(t)
	})
}

// Close gives calls back without waiting for handlers.
func TestAsyncClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		over := make(chan struct{})
		r := runAsync(t, func(t *testing.T, ctx context.Context, s *agi.Session) error {
			<-ctx.Done()
			wantErr(t, "cause", context.Cause(ctx), agi.ErrServerClosed)
			<-over
			return nil
		})
		wantErr(t, "Close", r.Close(), nil)
		r.sent(t, breakOne)
		close(over)
		wantErr(t, "Shutdown", r.Shutdown(t.Context()), nil)
		wantErr(t, "Serve", <-r.served, agi.ErrServerClosed)
		r.sent(t)
	})
}

func TestAsyncClosedBefore(t *testing.T) {
	srv := new(agi.AsyncServer)
	wantErr(t, "Close", srv.Close(), nil)
	wantErr(t, "Shutdown", srv.Shutdown(t.Context()), nil)
	wantErr(t, "Serve", srv.Serve(t.Context()), agi.ErrServerClosed)
}
