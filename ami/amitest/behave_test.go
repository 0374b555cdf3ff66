package amitest_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
)

func TestAuthLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := amitest.Start(t)
		s.AuthLimit = 2
		var conns []net.Conn
		for range 3 {
			conn, err := s.Dial(t.Context(), "", "")
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			conns = append(conns, conn)
		}
		if _, err := ami.NewReader(conns[1]).ReadBanner(); err != nil {
			t.Errorf("the second: %v", err)
		}
		if n, err := conns[2].Read(make([]byte, 10)); n != 0 || err != io.EOF {
			t.Errorf("the third one reads %d bytes, %v", n, err)
		}
	})
}

// TestRights has events and actions that a user may not have.
func TestRights(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := amitest.New()
		s.AddUser(amitest.User{Username: "u", Secret: "s", Read: "call,agent", Write: "call"})
		s.Answer("QueuePause", "Response", "Success")
		s.Answer("Hangup", "Response", "Success")
		var seen []string
		o := ami.Options{Username: "u", Secret: "s", Handler: func(e ami.Event) { seen = append(seen, e.Name()) }}
		run(t, s, o, func(ctx context.Context, c *ami.Client) {
			var refusal *ami.Error
			if _, err := c.Do(ctx, ami.Action{Name: "QueuePause"}); !errors.As(err, &refusal) || refusal.Message != "Permission denied" {
				t.Errorf("QueuePause: %v", err)
			}
			if _, err := c.Do(ctx, ami.Action{Name: "Hangup"}); err != nil {
				t.Errorf("Hangup: %v", err)
			}
			emit := func() {
				seen = append(seen, "|")
				s.Emit("Call", "Privilege", "call,all")
				s.Emit("Agent", "Privilege", "agent,all")
				s.Emit("System", "Privilege", "system,all")
				s.Emit("Both", "Privilege", "agent,system,all")
				s.Emit("None")
				synctest.Wait()
			}
			do := func(name string, pairs ...string) {
				t.Helper()
				a := ami.Action{Name: name}
				for i := 0; i < len(pairs); i += 2 {
					a = a.With(pairs[i], pairs[i+1])
				}
				if _, err := c.Do(ctx, a); err != nil {
					t.Errorf("%v: %v", a, err)
				}
			}
			emit()
			do("Events", "EventMask", "agent,system")
			emit()
			do("Events", "EventMask", "off")
			emit()
			do("Events", "EventMask", "on")
			emit()
		})
		want := "| Call Agent None | Agent None | | Call Agent None"
		if got := strings.Join(seen, " "); got != want {
			t.Errorf("seen %s, want %s", got, want)
		}
	})
}

// TestFilters has the filters of clients act.
func TestFilters(t *testing.T) {
	for name, test := range map[string]struct {
		filters [][2]string // criteria and text
		want    string
	}{
		"none":           {nil, "A1 A2 B1"},
		"one name":       {[][2]string{{"name(A)", ""}}, "A1 A2"},
		"not a name":     {[][2]string{{"name(A),action(exclude)", ""}}, "B1"},
		"a header":       {[][2]string{{"header(X),method(exact)", "1"}}, "A1 B1"},
		"both":           {[][2]string{{"name(A)", ""}, {"header(X),method(starts_with),action(exclude)", "2"}}, "A1"},
		"two names":      {[][2]string{{"name(A)", ""}, {"name(B)", ""}}, "A1 A2 B1"},
		"the whole text": {[][2]string{{"", "X: [12]"}}, "A1 A2 B1"},
		"not in text":    {[][2]string{{"", "!Event: A"}}, "B1"},
		"contains":       {[][2]string{{"method(contains)", "X: 2"}}, "A2"},
		"ends":           {[][2]string{{"header(X),method(ends_with)", "2"}}, "A2"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := amitest.New()
				var seen []string
				o := ami.Options{Handler: func(e ami.Event) { seen = append(seen, e.Name()+e.Get("X")) }}
				run(t, s, o, func(ctx context.Context, c *ami.Client) {
					for _, f := range test.filters {
						a := ami.Action{Name: "Filter"}.With("Operation", "Add")
						if f[0] != "" {
							a = a.With("MatchCriteria", f[0])
						}
						if _, err := c.Do(ctx, a.With("Filter", f[1])); err != nil {
							t.Errorf("%v: %v", f, err)
						}
					}
					s.Emit("A", "X", "1")
					s.Emit("A", "X", "2")
					s.Emit("B", "X", "1")
					synctest.Wait()
				})
				if got := strings.Join(seen, " "); got != test.want {
					t.Errorf("seen %s, want %s", got, test.want)
				}
			})
		})
	}
}

// TestCommand has the answers of each version.
func TestCommand(t *testing.T) {
	for name, v := range map[string]amitest.Version{"13": amitest.Asterisk13, "16": amitest.Asterisk16, "22": amitest.Asterisk22} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := amitest.New()
				s.Version = v
				s.AnswerCommand("core show uptime", "System uptime: 1 second\n\nLast reload: never\n")
				run(t, s, ami.Options{}, func(ctx context.Context, c *ami.Client) {
					r, err := c.Do(ctx, ami.Action{Name: "Command"}.With("Command", "core show uptime"))
					if got := strings.Join(r.Output(), "|"); got != "System uptime: 1 second||Last reload: never" || err != nil {
						t.Errorf("output %q, %v", got, err)
					}
					if old := r.Get("Response") == "Follows"; old != v.OldOutput {
						t.Errorf("the old form: %v, want %v", old, v.OldOutput)
					}
				})
			})
		})
	}
}

// TestPieces has messages come byte by byte, and in pieces of any size.
func TestPieces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := amitest.New()
		s.Split(7)
		var seen []time.Duration
		start := time.Now()
		o := ami.Options{Handler: func(ami.Event) { seen = append(seen, time.Since(start)) }, PingInterval: time.Hour}
		run(t, s, o, func(ctx context.Context, _ *ami.Client) {
			for range 100 {
				s.Emit("A", "X", strings.Repeat("x", 200))
			}
			synctest.Wait()
			if len(seen) != 100 {
				t.Errorf("%d events in pieces, want 100", len(seen))
			}
			s.Trickle(1, time.Second)
			s.Write("Event: A\r\n\r\n") // 12 bytes
			time.Sleep(time.Minute)
			synctest.Wait()
			if len(seen) != 101 || seen[100] != 11*time.Second {
				t.Errorf("trickled after %v, want 11s", seen[100:])
			}
		})
	})
}

// TestLoginFirst has an event for each client as soon as it counts as one. As with
// Asterisk, it comes behind the answer to the login.
func TestLoginFirst(t *testing.T) {
	for range 500 {
		synctest.Test(t, func(t *testing.T) {
			s := amitest.Start(t)
			conn, err := s.Dial(t.Context(), "", "")
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			go io.WriteString(conn, "Action: Login\r\nUsername: "+s.Username+"\r\nSecret: "+s.Secret+"\r\n\r\n")
			if err := s.AwaitClients(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
			s.Emit("A")
			r := ami.NewReader(conn)
			if _, err := r.ReadBanner(); err != nil {
				t.Fatal(err)
			}
			if m, err := r.ReadMessage(); err != nil || m.Get("Response") != "Success" {
				t.Fatalf("the first message is %v, %v", m, err)
			}
		})
	}
}
