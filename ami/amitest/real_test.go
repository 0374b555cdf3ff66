package amitest_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
	"github.com/pbxflow/pbxflow/ami/capture"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

func TestMain(m *testing.M) { asterisktest.Main(m) }

// users are the same on both sides.
var users = []amitest.User{
	{Username: "full", Secret: "fullsecret", Read: "all", Write: "all"},
	{Username: "one", Secret: "onesecret", Read: "call,agent", Write: "call", Single: true},
	{Username: "few", Secret: "fewsecret", Read: "call,agent", Write: "call"},
	{Username: "none", Secret: "nonesecret", Read: "call"},
}

func managerConf() string {
	var b strings.Builder
	for _, u := range users {
		fmt.Fprintf(&b, "[%s]\nsecret=%s\nread=%s\nwrite=%s\n", u.Username, u.Secret, u.Read, u.Write)
		if u.Single {
			b.WriteString("allowmultiplelogin=no\n")
		}
	}
	return b.String()
}

// conversations are what a client may say, action by action.
var conversations = map[string][]string{
	"before the login": {"Action: Ping", "Action: Challenge|AuthType: X", "Action: Challenge|AuthType: MD5", "Action: Login|Username: full|Secret: wrong"},
	"nobody":           {"Action: Login|Username: x|Secret: y"},
	"a wrong key":      {"Action: Challenge|AuthType: MD5", "Action: Login|Username: full|AuthType: MD5|Key: 00"},
	"actions": {
		"Action: Login|Username: full|Secret: fullsecret|Events: off",
		"Action: Ping|ActionID: 1", "Action: Nope|ActionID: 2", "ActionID: 3", "action: ping", "Action: Login|Username: x|Secret: y",
	},
	"masks": {
		"Action: Login|Username: one|Secret: onesecret|Events: off",
		"Action: Events|EventMask: on", "Action: Events|EventMask: off", "Action: Events|EventMask: call,agent",
		"Action: Events|EventMask: system", "Action: Events|EventMask: bogus", "Action: Events", "Action: Events|EventMask: 0",
	},
	"filters": {
		"Action: Login|Username: full|Secret: fullsecret|Events: off",
		"Action: Filter|Operation: Add|Filter: Event: A", "Action: Filter|Operation: Add|Filter: [", "Action: Filter|Operation: Remove|Filter: x",
		"Action: Filter|Filter: x", "Action: Filter|Operation: Add",
		"Action: Filter|Operation: Add|MatchCriteria: name(A)", "Action: Filter|Operation: Add|MatchCriteria: name(A),action(exclude)|Filter: ",
		"Action: Filter|Operation: Add|MatchCriteria: nonsense|Filter: x", "Action: Filter|Operation: Add|MatchCriteria: header(A),method(regex)|Filter: [",
		"Action: Filter|Operation: Add|MatchCriteria: header(A),method(exact)|Filter: x", "Action: Filter|Operation: Add|MatchCriteria: method(contains)|Filter: x",
		"Action: Filter|Operation: Add|MatchCriteria: action(maybe),name(A)", "Action: Filter|Operation: Add|MatchCriteria: name(A),method(bogus)|Filter: x",
		"Action: Filter|Operation: Add|MatchCriteria: name(A),method(exact)", "Action: Filter|Operation: Add|MatchCriteria: name(A)|Filter: x",
		"Action: Filter|Operation: Add|MatchCriteria: header(A)|Filter: x", "Action: Filter|Operation: Add|MatchCriteria: header(A)",
	},
	"rights": {
		"Action: Login|Username: few|Secret: fewsecret|Events: off",
		"Action: Command|Command: core show version", "Action: Filter|Operation: Add|Filter: x", "Action: UserEvent|UserEvent: x",
		"Action: QueuePause|Interface: x|Paused: 1", "Action: CoreStatus", "Action: DBPut|Family: a|Key: b",
	},
	"no rights": {
		"Action: Login|Username: none|Secret: nonesecret|Events: off",
		"Action: Hangup|Channel: x", "Action: CoreShowChannels", "Action: Originate|Channel: x", "Action: Ping",
	},
	"commands": {
		"Action: Login|Username: full|Secret: fullsecret|Events: off",
		"Action: Command|Command: bogus thing", "Action: Command",
	},
}

// converse says the actions of a conversation and returns what was answered.
func converse(t *testing.T, conn net.Conn, actions []string) []string {
	t.Helper()
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	r := ami.NewReader(conn)
	greeting, err := r.ReadBanner()
	if err != nil {
		t.Fatal(err)
	}
	said := []string{greeting}
	for _, action := range actions {
		if _, err := conn.Write([]byte(strings.ReplaceAll(action, "|", "\r\n") + "\r\n\r\n")); err != nil {
			return append(said, "closed")
		}
		m, err := r.ReadMessage()
		if err != nil {
			return append(said, action, "closed")
		}
		var text strings.Builder
		for name, value := range m.All() {
			if name == "Timestamp" || name == "Challenge" {
				value = "*"
			}
			text.WriteString(name + ": " + value + "|")
		}
		said = append(said, action, text.String())
	}
	return said
}

// TestRealAnswers has the same conversations with Asterisk and with the server.
func TestRealAnswers(t *testing.T) {
	asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		t.Parallel()
		pbx := start(asterisktest.Config{Files: map[string]string{"manager_local.conf": managerConf()}})
		s := amitest.Start(t)
		if v.Name == "16" {
			s.Version = amitest.Asterisk16
		}
		for _, u := range users {
			s.AddUser(u)
		}
		for name, actions := range conversations {
			t.Run(name, func(t *testing.T) {
				theirs, err := net.Dial("tcp", pbx.AMI)
				if err != nil {
					t.Fatal(err)
				}
				defer theirs.Close()
				ours, err := s.Dial(t.Context(), "", "")
				if err != nil {
					t.Fatal(err)
				}
				defer ours.Close()
				want, got := converse(t, theirs, actions), converse(t, ours, actions)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("Asterisk %s and amitest differ (-Asterisk +amitest):\n%s", v.Name, diff)
				}
				if strings.HasPrefix(name, "masks") { // the user is logged in
					testInUse(t, pbx, s)
				}
			})
		}
	})
}

func testInUse(t *testing.T, pbx *asterisktest.Instance, s *amitest.Server) {
	again := []string{"Action: Login|Username: one|Secret: onesecret"}
	theirs, err := net.Dial("tcp", pbx.AMI)
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	ours, err := s.Dial(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	want, got := converse(t, theirs, again), converse(t, ours, again)
	if diff := cmp.Diff(want, got); diff != "" || !strings.Contains(got[2], "Already In Use") {
		t.Errorf("a second login (-Asterisk +amitest):\n%s", diff)
	}
}

// TestRealReplay records a call on a real Asterisk, and plays it to a client: it sees
// the same events.
func TestRealReplay(t *testing.T) {
	asterisktest.Each(t, func(t *testing.T, _ asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		t.Parallel()
		pbx := start(asterisktest.Config{
			Dialplan:    "[main]\nexten => quick,1,Answer()\n same => n,Set(CALLERID(name)=O'Brien \"x\")\n same => n,Set(QUOTED=it's \"so\")\n same => n,UserEvent(Over)\n same => n,Hangup()\n" + asterisktest.Phone("p", asterisktest.Answer(), asterisktest.Wait(time.Minute)),
			ManagerRead: "all", ManagerWrite: "all",
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var file bytes.Buffer
		w := capture.NewWriter(&file, capture.Options{Gzip: true})
		over := func(e ami.Event) bool { return e.Name() == "Hangup" && strings.Contains(e.Get("Channel"), ";2") }
		events := observe(t, ctx, ami.Options{Addr: pbx.AMI, Username: pbx.AMIUser, Secret: pbx.AMISecret, Dial: w.Dial(nil)}, over, func() {
			if _, err := pbx.Originate(ctx, asterisktest.Call{Channel: "Local/p@phones", Context: "main", Exten: "quick"}); err != nil {
				t.Error(err)
			}
		})
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		s := amitest.Start(t)
		s.Split(1)
		replayed := observe(t, ctx, ami.Options{Addr: s.Addr(), Username: s.Username, Secret: s.Secret, Dial: s.Dial}, over, func() {
			n, err := s.Replay(ctx, &file, amitest.ReplayOptions{})
			t.Logf("%d events replayed", n)
			if err != nil {
				t.Error(err)
			}
		})
		if diff := cmp.Diff(events, replayed); diff != "" || len(events) < 20 {
			t.Errorf("%d events, replayed they differ (-real +replayed):\n%s", len(events), diff)
		}
	})
}

// observe runs a client, lets something happen, and returns the events up to the last.
func observe(t *testing.T, ctx context.Context, o ami.Options, last func(ami.Event) bool, happen func()) []string {
	t.Helper()
	var events []string
	up, over := make(chan struct{}), make(chan struct{})
	ended := false
	o.OnState = func(s ami.State, _ error) {
		if s == ami.Connected {
			close(up)
		}
	}
	o.Handler = func(e ami.Event) {
		if ended {
			return
		}
		events = append(events, e.String())
		if ended = last(e); ended {
			close(over)
		}
	}
	ctx, stop := context.WithCancel(ctx)
	c := ami.New(o)
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	for _, wait := range []chan struct{}{up, over} {
		select {
		case <-wait:
		case <-ctx.Done():
			t.Error("the call did not end in time")
		}
		if wait == up {
			happen()
		}
	}
	stop()
	<-done
	return events
}
