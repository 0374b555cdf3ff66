package agi_test

import (
	"context"
	"errors"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pbxflow/pbxflow/agi"
)

// asyncEvent is an event as a map of its headers.
type asyncEvent map[string]string

func (e asyncEvent) Name() string             { return e["Event"] }
func (e asyncEvent) Get(header string) string { return e[header] }

// fakeLink is an Asterisk that answers commands by a function.
type fakeLink struct {
	events   chan agi.AsyncEvent
	commands chan string // what was sent
	answer   func(command string) (result string, err error)
}

func newFakeLink(answer func(string) (string, error)) *fakeLink {
	return &fakeLink{make(chan agi.AsyncEvent, 100), make(chan string, 100), answer}
}

func (l *fakeLink) Receive(ctx context.Context) (agi.AsyncEvent, error) {
	select {
	case e := <-l.events:
		return e, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (l *fakeLink) Send(_ context.Context, action string, fields ...agi.AsyncField) error {
	channel, command, id := fields[0].Value, fields[1].Value, fields[2].Value
	l.commands <- action + " " + channel + " " + command
	if command == "ASYNCAGI BREAK" {
		l.emit("AsyncAGIEnd", asyncEvent{"Channel": channel, "Uniqueid": strings.Replace(channel, "Local/", "1.", 1)})
		return nil
	}
	result, err := l.answer(command)
	if err != nil || result == "" {
		return err
	}
	l.emit("AsyncAGIExec", asyncEvent{"CommandId": "stale", "Result": "200%20result%3D66%0A"})
	l.emit("AsyncAGIExec", asyncEvent{"CommandId": id, "Result": cut(url.PathEscape(result), 2047)})
	return nil
}

func (l *fakeLink) emit(name string, e asyncEvent) {
	all := asyncEvent{"Event": name, "Channel": "Local/1", "Uniqueid": "1.1", "AccountCode": "sales", "CallerIDNum": "<unknown>"}
	for k, v := range e {
		all[k] = v
	}
	l.events <- all
}

func (l *fakeLink) start() {
	l.emit("AsyncAGIStart", asyncEvent{"Env": url.PathEscape("agi_request: async\nagi_channel: Local/1\nagi_extension: 10") + "%0"})
}

// serveAsync serves one call and returns what was sent for it.
func serveAsync(t *testing.T, l *fakeLink, srv *agi.AsyncServer, during func()) string {
	t.Helper()
	srv.Link = l
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- srv.Serve(ctx) }()
	l.start()
	synctest.Wait()
	if during != nil {
		during()
	}
	time.Sleep(time.Hour)
	stop()
	wantErr(t, "Serve", <-done, agi.ErrServerClosed)
	close(l.commands)
	var sent []string
	for c := range l.commands {
		sent = append(sent, c)
	}
	return strings.Join(sent, "\n")
}

func TestAsync(t *testing.T) {
	always := func(result string, err error) func(string) (string, error) {
		return func(string) (string, error) { return result, err }
	}
	const noop, leave = "AGI Local/1 NOOP", "AGI Local/1 ASYNCAGI BREAK"
	tests := []struct {
		name   string
		answer func(string) (string, error)
		handle handler
		during func(*agi.AsyncServer, *fakeLink)
		want   string
	}{
		{"good order", always("200 result=1 (it)\n", nil), func(t *testing.T, ctx context.Context, s *agi.Session) error {
			if e := s.Env(); e.AccountCode() != "sales" || e.Channel() != "Local/1" || e.CallerID() != "" || e.Extension() != "" {
				t.Errorf("got environment %v", e)
			}
			value, _, err := s.GetVariable(ctx, "X")
			if value != "it" {
				t.Errorf("got %q, want %q", value, "it")
			}
			return err
		}, nil, "AGI Local/1 GET VARIABLE \"X\"\n" + leave},
		{"cut", always("200 result=1 (abc", nil), func(t *testing.T, ctx context.Context, s *agi.Session) error {
			value, _, err := s.GetVariable(ctx, "X")
			if value != "abc" {
				t.Errorf("got %q, want %q", value, "abc")
			}
			return err
		}, nil, "AGI Local/1 GET VARIABLE \"X\"\n" + leave},
		{"too long", always("", nil), func(t *testing.T, ctx context.Context, s *agi.Session) error {
			_, err := s.Do(ctx, "NOOP", strings.Repeat("x", 1007))
			wantErr(t, "Do", err, agi.ErrTooLong)
			return err
		}, nil, leave},
		{"panic", always("", nil), func(*testing.T, context.Context, *agi.Session) error { panic("oops") }, nil, leave},
		{"ended goroutine", always("", nil), func(*testing.T, context.Context, *agi.Session) error {
			runtime.Goexit()
			return nil
		}, nil, leave},
		{"hangup while busy", always("", nil), func(t *testing.T, ctx context.Context, s *agi.Session) error {
			<-ctx.Done()
			wantErr(t, "cause", context.Cause(ctx), agi.ErrHangup)
			return nil
		}, func(_ *agi.AsyncServer, l *fakeLink) { l.emit("AsyncAGIEnd", nil) }, ""},
		{"hangup in mid-command", always("", nil), func(t *testing.T, ctx context.Context, s *agi.Session) error {
			err := s.Noop(ctx)
			wantErr(t, "Noop", err, agi.ErrHangup)
			return err
		}, func(_ *agi.AsyncServer, l *fakeLink) { l.emit("Hangup", nil) }, noop},
		{
			"renamed", always("200 result=0\n", nil), func(t *testing.T, ctx context.Context, s *agi.Session) error {
				time.Sleep(time.Second)
				return s.Noop(ctx)
			}, func(_ *agi.AsyncServer, l *fakeLink) { l.emit("Rename", asyncEvent{"Newname": "Local/2"}) },
			"AGI Local/2 NOOP\nAGI Local/2 ASYNCAGI BREAK",
		},
		{"refused command", always("", errors.New("not allowed")), func(t *testing.T, ctx context.Context, s *agi.Session) error {
			err := s.Noop(ctx)
			wantErr(t, "Noop", err, agi.ErrClosed)
			return err
		}, nil, noop + "\n" + leave},
		{"link lost", always("", nil), func(t *testing.T, ctx context.Context, s *agi.Session) error {
			err := s.Noop(ctx)
			wantErr(t, "Noop", err, agi.ErrClosed)
			return err
		}, func(srv *agi.AsyncServer, _ *fakeLink) { srv.LinkLost(errors.New("dropped")) }, noop + "\n" + leave},
		{"server closed", always("", nil), func(t *testing.T, ctx context.Context, s *agi.Session) error {
			<-ctx.Done()
			wantErr(t, "cause", context.Cause(ctx), agi.ErrServerClosed)
			return nil
		}, nil, leave},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newFakeLink(test.answer)
				srv := &agi.AsyncServer{Handler: agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
					return test.handle(t, ctx, s)
				})}
				got := serveAsync(t, l, srv, func() {
					if test.during != nil {
						test.during(srv, l)
					}
				})
				// Some words are quoted, some are not.
				if got := strings.ReplaceAll(got, `NOOP ""`, "NOOP"); got != test.want {
					t.Errorf("got\n%s\nwant\n%s", got, test.want)
				}
			})
		})
	}
}

func TestAsyncMaxSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newFakeLink(nil)
		srv := &agi.AsyncServer{Link: l, MaxSessions: 1, Handler: agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
			<-ctx.Done()
			return nil
		})}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- srv.Serve(ctx) }()
		l.start()
		l.emit("AsyncAGIStart", asyncEvent{"Uniqueid": "1.2", "Channel": "Local/2"})
		synctest.Wait()
		if got, want := <-l.commands, "AGI Local/2 ASYNCAGI BREAK"; got != want {
			t.Errorf("got %q for the second call, want %q", got, want)
		}
		stop()
		<-done
		if got := srv.Sessions(); got != 0 {
			t.Errorf("got %d sessions at the end, want 0", got)
		}
	})
}

// A manager link that fails for good ends everything, without waiting for it.
func TestAsyncLinkFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		l := newFakeLink(func(string) (string, error) { return "", nil })
		ended := make(chan error, 1)
		fail := make(chan struct{})
		srv := &agi.AsyncServer{Link: &failingLink{l, fail, broken}, Handler: agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
			close(fail)
			<-ctx.Done()
			ended <- context.Cause(ctx)
			return nil
		})}
		l.start()
		wantErr(t, "Serve", srv.Serve(t.Context()), broken)
		if err := <-ended; !errors.Is(err, agi.ErrClosed) && !errors.Is(err, agi.ErrServerClosed) {
			t.Errorf("got cause %v, want one of the end", err)
		}
	})
}

// failingLink breaks when fail is closed.
type failingLink struct {
	*fakeLink
	fail chan struct{}
	err  error
}

func (l *failingLink) Receive(context.Context) (agi.AsyncEvent, error) {
	select {
	case e := <-l.events:
		return e, nil
	case <-l.fail:
		return nil, l.err
	}
}

func (l *failingLink) Send(context.Context, string, ...agi.AsyncField) error { return l.err }

func cut(text string, size int) string { return text[:min(len(text), size)] }

// Asterisk writes replies into a pipe and reads it once after each command, so what a
// result cannot hold comes with the next one.
func TestAsyncCutResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var pipe string
		l := newFakeLink(func(command string) (string, error) {
			switch command {
			case `GET VARIABLE "LONG"`:
				pipe += "200 result=1 (" + strings.Repeat("%", 5000) + ")\n"
			case `GET VARIABLE "SHORT"`:
				pipe += "200 result=1 (short)\n"
			default:
				_, text, _ := strings.Cut(command, `"`)
				pipe += "200 result=1 (" + strings.TrimSuffix(text, `"`) + ")\n"
			}
			result := cut(pipe, 1024)
			pipe = pipe[len(result):]
			return result, nil
		})
		var got []string
		h := agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
			for _, name := range []string{"LONG", "SHORT", "LONG", "LONG", "SHORT"} {
				v, ok, err := s.GetVariable(ctx, name)
				if !ok || err != nil {
					t.Errorf("%s: %v, %v", name, ok, err)
				}
				got = append(got, cut(v, 5))
			}
			return nil
		})
		serveAsync(t, l, &agi.AsyncServer{Handler: h, ReplyTimeout: time.Minute}, nil)
		if want := []string{"%%%%%", "short", "%%%%%", "%%%%%", "short"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// What a Server does for who looks and for who interrupts, an AsyncServer does too. There
// no command stops when another one is sent.
func TestAsyncOptions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log buffer
		l := newFakeLink(func(command string) (string, error) {
			if strings.HasPrefix(command, "STREAM") {
				return "", nil // it goes on
			}
			return "200 result=1 (1234)\n", nil
		})
		srv := &agi.AsyncServer{
			Handler: handle(func(ctx context.Context, s *agi.Session) error {
				value(t, ctx, s, "CODE", "1234")
				_, err := after(ctx, time.Second, func(ctx context.Context) error {
					_, _, err := s.StreamFile(ctx, "long", "", 0)
					return err
				})
				wantErr(t, "StreamFile", err, context.DeadlineExceeded)
				wantErr(t, "StreamFile", err, errBusy)
				return nil
			}),
			Interrupt: func(_ context.Context, s *agi.Session, line string) error {
				if got, want := s.Env().Channel()+" "+line, `Local/1 STREAM FILE "long" ""`; got != want {
					t.Errorf("got %s, want %s", got, want)
				}
				return errBusy
			},
			Debug:  &log,
			Secret: func(text string) bool { return text == "CODE" },
		}
		want := "AGI Local/1 GET VARIABLE \"CODE\"\nAGI Local/1 STREAM FILE \"long\" \"\"\nAGI Local/1 ASYNCAGI BREAK"
		if got := serveAsync(t, l, srv, nil); got != want {
			t.Errorf("got commands %s, want %s", got, want)
		}
		for _, want := range []string{`Local/1 > GET VARIABLE "CODE"`, "Local/1 < 200 result=1 (***)", `Local/1 > STREAM FILE "long" ""`} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("got %s, want %s in it", log.String(), want)
			}
		}
	})
}
