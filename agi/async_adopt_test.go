package agi_test

import (
	"context"
	"errors"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pbxflow/pbxflow/agi"
)

// fakeLister is a fakeLink that has a list of channels.
type fakeLister struct {
	*fakeLink
	channels []asyncEvent
	err      error
}

func (l *fakeLister) List(_ context.Context, action string) ([]agi.AsyncEvent, error) {
	l.commands <- action
	var events []agi.AsyncEvent
	for _, c := range l.channels {
		events = append(events, c)
	}
	return events, l.err
}

// parked is an item of the list Status: a channel in an application.
func parked(n, application, data string) asyncEvent {
	return asyncEvent{
		"Event": "Status", "Channel": "Local/" + n, "Uniqueid": "1." + n, "Type": "Local", "Language": "en",
		"CallerIDNum": "555", "CallerIDName": "<unknown>", "DNID": "100", "AccountCode": "", "Context": "calls",
		"Exten": "10", "Priority": "2", "Application": application, "Data": data,
	}
}

// adopt serves a link with channels; Adopted sends what it gets to adopted and waits
// for the end of the call.
func adopt(t *testing.T, channels ...asyncEvent) (r asyncRun, l *fakeLister, adopted chan map[string]string) {
	l = &fakeLister{fakeLink: newFakeLink(func(string) (string, error) { return "200 result=0\n", nil }), channels: channels}
	adopted = make(chan map[string]string, 100)
	r = asyncRun{&agi.AsyncServer{Link: l, Handler: agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		<-ctx.Done()
		return nil
	})}, l.fakeLink, make(chan error, 1)}
	r.Adopted = agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		adopted <- maps.Collect(s.Env().All())
		<-ctx.Done()
		return s.Noop(context.WithoutCancel(ctx))
	})
	t.Cleanup(func() {
		r.Close()
		wantErr(t, "Serve", <-r.served, agi.ErrServerClosed)
	})
	return r, l, adopted
}

func (r asyncRun) serve(t *testing.T) {
	go func() { r.served <- r.Serve(t.Context()) }()
	synctest.Wait()
}

func TestAsyncAdopt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _, adopted := adopt(t, parked("3", "Wait", "60"), parked("4", "AGI", "agi://host"), parked("2", "AGI", `AGI:async,one,"a, b"`))
		r.Handler = agi.HandlerFunc(func(context.Context, *agi.Session) error {
			t.Error("the call was begun again")
			return nil
		})
		r.LinkUp() // before Serve
		r.serve(t)
		want := map[string]string{
			"agi_request": "async", "agi_channel": "Local/2", "agi_uniqueid": "1.2", "agi_type": "Local", "agi_language": "en",
			"agi_callerid": "555", "agi_calleridname": "unknown", "agi_dnid": "100", "agi_context": "calls",
			"agi_extension": "10", "agi_priority": "2", "agi_arg_1": "one", "agi_arg_2": "a, b",
		}
		if diff := cmp.Diff(want, <-adopted); diff != "" {
			t.Error("environment (-want +got):\n" + diff)
		}
		// It is served like any other, and neither a second list nor its late event
		// begin it again.
		r.link.emit("AsyncAGIStart", asyncEvent{"Uniqueid": "1.2", "Channel": "Local/2"})
		r.LinkUp()
		time.Sleep(time.Minute)
		r.sent(t, "Status", "Status")
		if got := r.Sessions(); got != 1 {
			t.Errorf("got %d sessions, want 1", got)
		}
		r.link.emit("AsyncAGIEnd", asyncEvent{"Uniqueid": "1.2"})
		r.sent(t)
		if got := len(adopted) + r.Sessions(); got != 0 {
			t.Errorf("got %d calls after the end, want 0", got)
		}
	})
}

// Without a handler for them such calls go back to the dialplan.
func TestAsyncAdoptNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _, _ := adopt(t, parked("2", "AGI", "agi:async"))
		r.Adopted = nil
		r.serve(t)
		r.LinkUp()
		time.Sleep(time.Minute)
		r.sent(t, "Status", breakTwo)
	})
}

// A call that is served or was is not adopted, though the list still has it.
func TestAsyncAdoptKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _, adopted := adopt(t, parked("1", "AGI", "agi:async"), parked("2", "AGI", "agi:async"), parked("3", "AGI", "agi:async"))
		r.serve(t)
		r.link.start()
		r.link.emit("AsyncAGIStart", asyncEvent{"Uniqueid": "1.2", "Channel": "Local/2"})
		r.LinkUp()
		synctest.Wait()
		r.link.emit("AsyncAGIEnd", asyncEvent{"Uniqueid": "1.2"})
		r.link.emit("Hangup", asyncEvent{"Uniqueid": "1.3"})
		time.Sleep(time.Minute)
		r.sent(t, "Status")
		if len(adopted) > 0 {
			t.Errorf("got %v, want none to be adopted", <-adopted)
		}
	})
}

// A call that was given back but plays a prompt first is not adopted, until it has been
// seen elsewhere.
func TestAsyncAdoptLeaving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, l, adopted := adopt(t, parked("2", "AGI", "agi:async"))
		r.Link = &slowBreak{l}
		r.Handler = agi.HandlerFunc(func(context.Context, *agi.Session) error { return nil })
		r.serve(t)
		r.link.emit("AsyncAGIStart", asyncEvent{"Uniqueid": "1.2", "Channel": "Local/2"})
		for _, application := range []string{"AGI", "Wait", "AGI"} {
			if len(adopted) > 0 {
				t.Errorf("got %v before %s, want none to be adopted", <-adopted, application)
			}
			synctest.Wait()
			l.channels[0]["Application"] = application
			r.LinkUp()
			time.Sleep(time.Minute)
		}
		r.sent(t, "Status", "Status", "Status")
		if len(adopted) != 1 {
			t.Errorf("got %d adopted at last, want 1", len(adopted))
		}
	})
}

// slowBreak takes commands and runs none.
type slowBreak struct{ *fakeLister }

func (*slowBreak) Send(context.Context, string, ...agi.AsyncField) error { return nil }

// A link that cannot list, or fails to, adopts nothing and goes on.
func TestAsyncAdoptFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, l, _ := adopt(t, parked("2", "AGI", "agi:async"))
		l.err = errors.New("permission denied")
		r.LinkUp()
		r.serve(t)
		time.Sleep(time.Minute)
		r.sent(t, "Status")

		plain := runAsync(t, func(_ *testing.T, ctx context.Context, s *agi.Session) error { return s.Noop(ctx) })
		plain.LinkUp()
		plain.sent(t, "AGI Local/1 NOOP", breakOne)
		wantErr(t, "Close", plain.Close(), nil)
		wantErr(t, "Serve", <-plain.served, agi.ErrServerClosed)
	})
}

// A stay whose end got lost with the link is not confused with the next one.
func TestAsyncNextStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refuse := errors.New("not connected")
		l := newFakeLink(func(string) (string, error) { return "200 result=0\n", nil })
		link := &refusingLink{fakeLink: l, err: refuse}
		var causes []error
		r := asyncRun{&agi.AsyncServer{Link: link, Handler: agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
			<-ctx.Done()
			causes = append(causes, context.Cause(ctx))
			return nil
		})}, l, make(chan error, 1)}
		r.serve(t)
		l.start()
		synctest.Wait()
		r.LinkLost(refuse)
		time.Sleep(time.Second)
		synctest.Wait()
		link.err = nil
		l.start() // before the first stay tried again to leave
		time.Sleep(time.Hour)
		r.sent(t)
		wantErr(t, "Close", r.Close(), nil)
		r.sent(t, breakOne)
		wantErr(t, "Serve", <-r.served, agi.ErrServerClosed)
		if len(causes) != 2 || !errors.Is(causes[0], agi.ErrClosed) || !errors.Is(causes[1], agi.ErrServerClosed) {
			t.Errorf("got causes %v, want that of the link and that of the server", causes)
		}
	})
}

// refusingLink refuses to send while err is set.
type refusingLink struct {
	*fakeLink
	err error
}

func (l *refusingLink) Send(ctx context.Context, action string, fields ...agi.AsyncField) error {
	if l.err != nil {
		return l.err
	}
	return l.fakeLink.Send(ctx, action, fields...)
}

// Once the link is back, a call that cannot be given back is not tried again and again.
func TestAsyncLeaveGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newFakeLink(nil)
		link := &refusingLink{fakeLink: l, err: errors.New("no such channel")}
		r := asyncRun{&agi.AsyncServer{Link: link, Handler: agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
			<-ctx.Done()
			return nil
		})}, l, make(chan error, 1)}
		r.serve(t)
		l.start()
		synctest.Wait()
		r.LinkLost(errors.New("dropped"))
		time.Sleep(time.Second)
		r.LinkUp()
		start := time.Now()
		wantErr(t, "Shutdown", r.Shutdown(t.Context()), nil)
		if got := time.Since(start); got > 4*time.Second {
			t.Errorf("Shutdown took %v, want less than another round", got)
		}
		wantErr(t, "Serve", <-r.served, agi.ErrServerClosed)
	})
}
