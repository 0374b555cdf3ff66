package main

import (
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
)

// runConsole runs lines against a server and returns what is printed.
func runConsole(t *testing.T, s *amitest.Server, c amiCommand, text string) (string, error) {
	t.Helper()
	var out strings.Builder
	o := ami.Options{Name: "pbx1", Addr: s.Addr(), Username: s.Username, Secret: s.Secret, Dial: s.Dial}
	err := c.run(t.Context(), o, newLineReader(strings.NewReader(text)), &out, false)
	return clock.ReplaceAllString(out.String(), "T$1"), err
}

// clock is the time of day, of which only the last second stays: machines are in
// different zones.
var clock = regexp.MustCompile(`\d\d:\d\d:0(\d)`)

func TestConsole(t *testing.T) {
	for name, test := range map[string]struct {
		in, want string
		fails    bool
	}{
		"an action":         {"Ping", "Success\n  Ping       Pong\n  Timestamp  0.000000\n", false},
		"with a prompt":     {"> ping", "Success\n  Ping       Pong\n  Timestamp  0.000000\n", false},
		"a list":            {"QueueStatus Queue=support", "QueueParams\n  Queue  support\n  Name   \\x1b[31mred\n1 item\n", false},
		"part of a list":    {"Part", "Item\n1 item\nError: incomplete list: 1 of 3 items\n", true},
		"as the protocol":   {"Action: Where\nQueue: a b\nActionID: mine\n\nAction: Where\nQueue: c", "Success: at a b\nSuccess: at c\n", false},
		"a command":         {`Command Command="core show uptime"`, "System uptime: 1 second\nPIN=***\n", false},
		"a failed command":  {"Usage", "Error: Usage: bad PIN=***\n       It is bad.\n", true},
		"no command":        {"Command Command=nix", "Error: No such command 'nix' (type 'core show help nix' for other possible commands)\n", true},
		"an unknown action": {"Nope", "Error: there is no action Nope\n", true},
		"unknown, the end":  {"Action: Nope", "Error: there is no action Nope\n", true},
		"a refusal":         {"Refuse", "Error: No such channel\n", true},
		"a forbidden call":  {"Forbid", "Error: Originate Access Forbidden: app or data blacklisted: the user needs write = system in manager.conf\n", true},
		"no form":           {"QueueStatus support", "Error: \"support\" is not of the form NAME=VALUE; a value with blanks stands in quotes\n", true},
		"not the protocol":  {"Action: Ping\nhello\n\n", "Error: \"hello\" is not of the form Name: value\n", true},
		"events":            {"events\nevents Hangup,newchannel\nevents\nevents off\nevents", "events: off\nevents: Hangup, Newchannel\nevents: off\n", false},
		"an unknown event":  {"events Hangpu", "Error: there is no event Hangpu in Asterisk 16 to 23\n", true},
		"shown events":      {"Raise\nevents Hangup\nRaise\nwait 1s\nevents on\nRaise\nwait 1s", "Success\nSuccess\nT0 Hangup\n  Channel  x\nSuccess\nT1 Hangup\n  Channel  x\nT1 Other\n", false},
		"the end of a call": {"Originate Channel=x Async=true\nwait 5s", "Success\nT2 OriginateResponse\n  Reason  4\n", false},
		"a secret":          {"Leak", "Success: PIN=***\n  Secret  ***\n", false},
		"quit":              {"quit\nPing", "", false},
		"comments":          {"# nothing\n\n", "", false},
		"no time":           {"wait long", "Error: \"long\" is no time, such as 10s or 1m30s\n", true},
		"help of nothing":   {"help Nope", "Error: there is no action Nope\n", true},
		"help of an action": {"help QueueReset", "QueueReset: no right is needed\n  Queue\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := amitest.Start(t)
				s.AnswerList("QueueStatus", []string{"Event", "QueueParams", "Queue", "support", "Name", "\x1b[31mred"})
				s.Respond("Part", func(ami.Message) [][]string {
					return [][]string{{"Response", "Success", "EventList", "start"}, {"Event", "Item"}, {"Event", "End", "EventList", "Complete", "ListItems", "3"}}
				})
				s.Respond("Where", func(m ami.Message) [][]string {
					return [][]string{{"Response", "Success", "Message", "at " + m.Get("Queue")}}
				})
				s.AnswerCommand("core show uptime", "System uptime: 1 second\nPIN=1234\n")
				s.Answer("Usage", "Response", "Error", "Message", "Command output follows", "Output", "Usage: bad PIN=1234", "Output", "       It is bad.")
				s.Answer("Forbid", "Response", "Error", "Message", "Originate Access Forbidden: app or data blacklisted")
				s.Answer("Refuse", "Response", "Error", "Message", "No such channel")
				s.Answer("Leak", "Response", "Success", "Message", "PIN=1234", "Secret", "x")
				s.Respond("Raise", func(ami.Message) [][]string {
					s.Emit("Hangup", "Channel", "x")
					s.Emit("Other")
					return [][]string{{"Response", "Success"}}
				})
				if strings.Contains(name, "call") {
					go s.Play(t.Context(), "> Originate\nResponse: Success\n. 2s\nEvent: OriginateResponse\nActionID: *\nReason: 4\nResponse: Failure\n")
					synctest.Wait()
				}
				out, err := runConsole(t, s, amiCommand{}, test.in)
				if (err != nil) != test.fails || test.fails && !errors.Is(err, errFailed) {
					t.Errorf("error %v, want one: %v", err, test.fails)
				}
				if diff := cmp.Diff(test.want, out); diff != "" {
					t.Errorf("printed (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestConsoleRights says which right is missing.
func TestConsoleRights(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := amitest.Start(t)
		s.AddUser(amitest.User{Username: s.Username, Secret: s.Secret})
		out, err := runConsole(t, s, amiCommand{}, "QueuePause Paused=1")
		if want := "Error: Permission denied: the user needs write = agent in manager.conf\n"; out != want || !errors.Is(err, errFailed) {
			t.Errorf("printed %q, %v, want %q", out, err, want)
		}
	})
}

// TestConsoleFails has no session, and loses one.
func TestConsoleFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := amitest.Start(t)
		s.Down(true)
		if _, err := runConsole(t, s, amiCommand{}, "Ping"); err == nil || !strings.Contains(err.Error(), "connection refused") {
			t.Errorf("nobody there: %v", err)
		}
		s.Down(false)
		s.Refuse("Authentication failed")
		if _, err := runConsole(t, s, amiCommand{}, "Ping"); !errors.Is(err, ami.ErrLoginRefused) {
			t.Errorf("refused: %v", err)
		}
		s.Refuse("")
		if _, err := runConsole(t, s, amiCommand{Events: "Nope"}, "Ping"); err == nil || !strings.Contains(err.Error(), "no event Nope") {
			t.Errorf("a wrong event: %v", err)
		}
		s.Stall()
		if _, err := runConsole(t, s, amiCommand{}, "Ping"); err == nil || !strings.Contains(err.Error(), "nobody greets on this port") {
			t.Errorf("no greeting: %v", err)
		}
		s.Resume()
		if _, err := runConsole(t, s, amiCommand{}, strings.Repeat("x", 100_000)); err == nil || !strings.Contains(err.Error(), "a line is too long") {
			t.Errorf("a long line: %v", err)
		}
		s.Respond("Die", func(ami.Message) [][]string { s.Drop(); return nil })
		s.Respond("Die for good", func(ami.Message) [][]string {
			s.Refuse("Authentication failed")
			s.Drop()
			return nil
		})
		start := time.Now()
		if _, err := runConsole(t, s, amiCommand{}, "Action: Die for good\n\nwait 1h\n"); !errors.Is(err, ami.ErrLoginRefused) || time.Since(start) > time.Minute {
			t.Errorf("refused later: %v after %v", err, time.Since(start))
		}
		s.Refuse("")
		s.Respond("Half", func(ami.Message) [][]string {
			return [][]string{{"Response", "Success", "EventList", "start"}, {"Event", "Item"}}
		})
		out, err := runConsole(t, s, amiCommand{}, "Die\nwait 10s\nPing\n")
		if !errors.Is(err, errFailed) || !strings.Contains(out, "outcome unknown") ||
			!strings.Contains(out, "\nconnected\n") || !strings.Contains(out, "connection lost: ") || !strings.Contains(out, "Pong") {
			t.Errorf("a lost link: %v\n%s", err, out)
		}
		out, err = runConsole(t, s, amiCommand{}, "Half")
		if !errors.Is(err, errFailed) || !strings.HasSuffix(out, "Error: the list has no end\n") {
			t.Errorf("half a list: %v\n%s", err, out)
		}
	})
}

// TestCompletion presses Tab, which stands as \t in the keys.
func TestCompletion(t *testing.T) {
	for keys, want := range map[string]string{
		"QueueSta\tQ\tsupport":       "QueueStatus Queue=support",
		"queuesum\t":                 "QueueSummary ",
		"events Hangu\t":             "events Hangup",
		"ev\tAgentConn\t":            "events AgentConnect",
		"events Hangup,Newch\t":      "events Hangup,Newchannel",
		"Xyzzy\t":                    "Xyzzy",
		"AOCMessage ChargeType=FR\t": "AOCMessage ChargeType=FREE ",
		"QueueStatus Queue=x M\t":    "QueueStatus Queue=x Member=",
		"help QueueRe\tset":          "help QueueReset",
	} {
		screen := &typewriter{in: strings.NewReader(keys + "\r")}
		got, err := newTerminal(screen, screen, "pbx1").next()
		if got != want || err != nil {
			t.Errorf("%q becomes %q, %v, want %q", keys, got, err, want)
		}
	}
	screen := &typewriter{in: strings.NewReader("QueueRe\t\x03")}
	if _, err := newTerminal(screen, screen, "pbx1").next(); err != io.EOF || !strings.Contains(screen.String(), "QueueReload  QueueRemove  QueueReset") {
		t.Errorf("%v, the screen shows %q", err, screen.String())
	}
}

// typewriter is a terminal.
type typewriter struct {
	in io.Reader
	strings.Builder
}

func (k *typewriter) Read(p []byte) (int, error) { return k.in.Read(p) }

// TestConsoleOrder has events wait when a line asks for them: it asks for later ones.
func TestConsoleOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen := gate{new(strings.Builder), make(chan struct{})}
		k := newConsole(screen)
		if err := k.setEvents("Newchannel"); err != nil {
			t.Fatal(err)
		}
		k.take(ami.NewEvent("Newchannel")) // which stops at the gate
		done := make(chan error)
		go func() {
			done <- k.loop(t.Context(), newLineReader(strings.NewReader("events Hangup\nevents")), nil)
		}()
		synctest.Wait()
		for range 100 {
			k.take(ami.NewEvent("Hangup"))
		}
		close(screen.open)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if got := clock.ReplaceAllString(screen.String(), "T$1"); got != "T0 Newchannel\nevents: Hangup\n" {
			t.Errorf("printed %d bytes, which begin %.80q", len(got), got)
		}
	})
}

// gate is a screen that takes nothing until it is open.
type gate struct {
	*strings.Builder
	open chan struct{}
}

func (g gate) Write(p []byte) (int, error) {
	<-g.open
	return g.Builder.Write(p)
}

// TestConsoleBehind has more events than wait for somebody to look, and says where some
// are missing.
func TestConsoleBehind(t *testing.T) {
	var out strings.Builder
	k := newConsole(&out)
	k.all = true
	for range cap(k.news) + 5 {
		k.take(ami.NewEvent("A"))
	}
	k.catchUp()
	k.take(ami.NewEvent("B"))
	k.catchUp()
	_, end, _ := strings.Cut(clock.ReplaceAllString(out.String(), "T$1"), "5 events")
	if !strings.HasPrefix(end, " missing here\n") || !strings.HasSuffix(end, " B\n") || strings.Contains(end, " A") {
		t.Errorf("behind the gap it printed %q", end)
	}
}
