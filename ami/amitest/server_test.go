package amitest_test

import (
	"bufio"
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
)

// TestByHand talks to the server as telnet would.
func TestByHand(t *testing.T) {
	s := amitest.Start(t)
	addr, err := s.Listen()
	if err != nil {
		t.Fatal(err)
	}
	if s.Addr() != addr {
		t.Errorf("Addr %s, want %s", s.Addr(), addr)
	}
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	r := bufio.NewReader(conn)
	say := func(text, want string) {
		t.Helper()
		if _, err := conn.Write([]byte(strings.ReplaceAll(text, "|", "\r\n"))); err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(want, "|") {
			got, err := r.ReadString('\n')
			if err != nil || strings.TrimRight(got, "\r\n") != line {
				t.Fatalf("got %q, %v, want %q", got, err, line)
			}
		}
	}
	say("", "Asterisk Call Manager/11.0.0")
	say("Action: Ping|ActionID: 1||", "Response: Error|ActionID: 1|Message: Permission denied|")
	say("Action: Login|Username: pbxflow|Secret: secret||", "Response: Success|Message: Authentication accepted|")
	say("Action: Ping|ActionID: 2||", "Response: Success|ActionID: 2|Ping: Pong|Timestamp: 0.000000|")
	say("Action: Logoff||", "Response: Goodbye|Message: Thanks for all the fish.|")
	if _, err := r.ReadByte(); err == nil {
		t.Error("the connection stands after Logoff")
	}
}

func TestControl(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := amitest.New()
		defer s.Close()
		ctx, stop := context.WithCancel(t.Context())
		c := ami.New(ami.Options{Addr: s.Addr(), Dial: s.Dial, Username: s.Username, Secret: s.Secret})
		done := make(chan error)
		go func() { done <- c.Run(ctx) }()
		if err := s.AwaitClients(ctx, 1); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		go c.Do(ctx, ami.Action{Name: "Late"}.With("X", "1"))
		if m, err := s.Await(ctx, "late"); err != nil || m.Get("X") != "1" {
			t.Errorf("Await: %v, %v", m, err)
		}
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		if _, err := s.Await(short, "late"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a second Await for one action: %v", err)
		}
		if err := s.AwaitClients(short, 2); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a second client: %v", err)
		}
		if err := s.AwaitWanted(short, ami.NewEvent("A", "Privilege", "bogus,all")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("an event that nobody may have: %v", err)
		}
		stop()
		if err := <-done; err != context.Canceled {
			t.Errorf("Run: %v", err)
		}
		s.Close()
		if _, err := s.Dial(t.Context(), "", ""); err == nil {
			t.Error("a closed server accepts connections")
		}
	})
}
