package agi_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/ami"
)

// testLinkCut drops the manager connection in the middle of a command. The call goes
// back to the dialplan once the link is there again.
func (p asyncPBX) testLinkCut(t *testing.T) {
	l := p.serve(t, &agi.AsyncServer{Handler: asyncHandler(t, func(t *testing.T, ctx context.Context, s *agi.Session) error {
		if err := s.SetVariable(ctx, "HEARD", "cut"); err != nil {
			return err
		}
		_, err := s.Exec(ctx, "Wait", "3")
		wantErr(t, "Exec", err, agi.ErrClosed)
		wantErr(t, "cause", context.Cause(ctx), agi.ErrClosed)
		return err
	})})
	p.call(t, "quiet", "link")
	p.awaitCommand(t, "link", "EXEC")
	l.cut()
	<-l.up
	if got, want := p.awaitAfter(t, "link"), "cut SUCCESS"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// testShutdown lets a call end, and gives one that comes meanwhile back.
func (p asyncPBX) testShutdown(t *testing.T) {
	over := make(chan struct{})
	l := p.serve(t, &agi.AsyncServer{Handler: asyncHandler(t, func(t *testing.T, ctx context.Context, s *agi.Session) error {
		<-over
		return s.SetVariable(ctx, "HEARD", "served")
	})})
	p.call(t, "quiet", "early")
	p.awaitStart(t, "early")
	// The watching connection may be told before the server is.
	for l.srv.Sessions() == 0 {
		if _, err := l.client.Do(t.Context(), ami.Action{Name: "Ping"}); err != nil {
			t.Fatal(err)
		}
	}
	done := make(chan error, 1)
	go func() { done <- l.srv.Shutdown(context.Background()) }()
	p.call(t, "quiet", "late")
	if got, want := p.awaitAfter(t, "late"), " SUCCESS"; got != want {
		t.Errorf("got %q of the late call, want %q", got, want)
	}
	close(over)
	wantErr(t, "Shutdown", <-done, nil)
	if got, want := p.awaitAfter(t, "early"), "served SUCCESS"; got != want {
		t.Errorf("got %q of the early call, want %q", got, want)
	}
}

// testClose ends a call in the middle of a prompt, and its handler cleans up.
func (p asyncPBX) testClose(t *testing.T) {
	l := p.serve(t, &agi.AsyncServer{Handler: asyncHandler(t, func(t *testing.T, ctx context.Context, s *agi.Session) error {
		_, _, err := s.StreamFile(ctx, "tt-weasels", "", 0)
		wantErr(t, "StreamFile", err, agi.ErrServerClosed)
		return s.SetVariable(context.WithoutCancel(ctx), "HEARD", "cleaned")
	})})
	p.call(t, "quiet", "closed")
	p.awaitCommand(t, "closed", "STREAM FILE")
	ended, end := context.WithCancel(t.Context())
	end()
	wantErr(t, "Shutdown", l.srv.Shutdown(ended), context.Canceled)
	if got, want := p.awaitAfter(t, "closed"), "cleaned SUCCESS"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// testAdopt serves calls that were there before the server. One runs an application for
// a program that is gone.
func (p asyncPBX) testAdopt(t *testing.T) {
	p.call(t, "quiet", "args")
	p.awaitStart(t, "args")
	p.call(t, "quiet", "busy")
	orphan := p.line(nil)
	orphan.begin(t)
	channel := p.awaitStart(t, "busy")
	wait := ami.Action{Name: "AGI"}.With("Channel", channel).With("Command", "EXEC Wait 3").With("CommandID", "gone")
	if _, err := orphan.client.Do(t.Context(), wait); err != nil {
		t.Fatal(err)
	}
	orphan.end()

	adopted := make(chan string, 2)
	l := p.serve(t, &agi.AsyncServer{Adopted: asyncHandler(t, func(t *testing.T, ctx context.Context, s *agi.Session) error {
		e := s.Env()
		adopted <- e.Extension()
		if e.Extension() == "args" {
			if diff := cmp.Diff(asyncArgs, e.Args()); diff != "" {
				t.Error("arguments (-want +got):\n" + diff)
			}
			got := []string{e.Type(), e.Language(), e.CallerID(), e.CallerIDName() + " <" + e.CallerID() + ">", e.Context()}
			want := []string{"Local", "en", "5550100", asyncCaller[1:141] + " <5550100>", "calls"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error("environment (-want +got):\n" + diff)
			}
		}
		return s.SetVariable(ctx, "HEARD", "adopted")
	})})
	if got := <-adopted; got != "args" {
		t.Errorf("got %q first, want args", got)
	}
	if got, want := p.awaitAfter(t, "args"), "adopted SUCCESS"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p.await(t, func(e ami.Event) bool { return e.Name() == "AsyncAGIExec" && e.Get("CommandId") == "gone" })
	l.srv.LinkUp()
	if got, want := p.awaitAfter(t, "busy"), "adopted SUCCESS"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// testAdoptAfterCut serves a call that came while the link was down.
func (p asyncPBX) testAdoptAfterCut(t *testing.T) {
	l := p.serve(t, &agi.AsyncServer{Adopted: asyncHandler(t, func(_ *testing.T, ctx context.Context, s *agi.Session) error {
		return s.SetVariable(ctx, "HEARD", "adopted")
	})})
	l.gate.Lock()
	l.cut()
	p.call(t, "quiet", "down")
	p.awaitStart(t, "down")
	l.gate.Unlock()
	if got, want := p.awaitAfter(t, "down"), "adopted SUCCESS"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// testAdoptNobody gives such calls back.
func (p asyncPBX) testAdoptNobody(t *testing.T) {
	p.call(t, "quiet", "nobody")
	p.awaitStart(t, "nobody")
	p.serve(t, &agi.AsyncServer{})
	if got, want := p.awaitAfter(t, "nobody"), " SUCCESS"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
