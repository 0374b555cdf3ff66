package agi

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"syscall"
	"testing"
)

// TestStdio plays Asterisk on two pipes: a command, then a hangup by signal.
func TestStdio(t *testing.T) {
	in, asteriskOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	asteriskIn, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer asteriskIn.Close()
	defer asteriskOut.Close()
	signals := make(chan os.Signal)
	if _, err := io.WriteString(asteriskOut, "agi_channel: Local/1\n\n"); err != nil {
		t.Fatal(err)
	}
	s, err := NewSession(t.Context(), newStdio(in, out, signals), SessionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Env().Channel(); got != "Local/1" {
		t.Errorf("got channel %q, want Local/1", got)
	}
	command := make(chan string)
	go func() {
		// What goes wrong here the command below does not survive.
		line, _ := bufio.NewReader(asteriskIn).ReadString('\n')
		_, _ = io.WriteString(asteriskOut, "200 result=1\n")
		command <- line
	}()
	if err := s.SetVariable(t.Context(), "X", "1"); err != nil {
		t.Error(err)
	}
	if got, want := <-command, "SET VARIABLE \"X\" \"1\"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	signals <- syscall.SIGPIPE
	signals <- syscall.SIGHUP
	<-s.Context().Done()
	if got := context.Cause(s.Context()); !errors.Is(got, ErrHangup) {
		t.Errorf("got cause %v, want %v", got, ErrHangup)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// Without EAGI there is no audio, whatever Go uses the descriptor for.
func TestEAGIAudio(t *testing.T) {
	if f, err := EAGIAudio(); err == nil {
		f.Close()
		t.Skip("descriptor 3 is a pipe: somebody gave it to the test")
	} else if !errors.Is(err, errNoAudio) {
		t.Errorf("got %v, want %v", err, errNoAudio)
	}
}
