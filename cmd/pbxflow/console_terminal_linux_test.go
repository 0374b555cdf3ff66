package main

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
)

// TestTerminal types on a terminal. Ctrl-C ends the console at the prompt, and as well in
// the middle of a line that takes long, also when it was typed before that began. What is
// not finished then is not sent.
func TestTerminal(t *testing.T) {
	for name, typed := range map[string]string{
		"at the prompt":     "",
		"waiting":           "wait 1h\r",
		"no answer":         "Hang\r",
		"in a line":         "Hangup Chan",
		"in an action":      "Action: Hangup\rChannel: Local/x@y\r",
		"after other words": "wait 1h\rPing\rHang",
	} {
		t.Run(name, func(t *testing.T) {
			s := amitest.Start(t)
			addr, err := s.Listen()
			if err != nil {
				t.Fatal(err)
			}
			s.Respond("Hang", func(ami.Message) [][]string { return nil })
			keyboard, screen := openConsole(t, addr, s)
			lines := make(chan string, 1000)
			go func() {
				defer close(lines)
				for in := bufio.NewScanner(keyboard); in.Scan(); {
					lines <- in.Text()
				}
			}()
			awaitLine(t, lines, "Ctrl-D ends.")
			keyboard.WriteString(typed)
			if name == "no answer" {
				if _, err := s.Await(t.Context(), "Hang"); err != nil {
					t.Fatal(err)
				}
			}
			keyboard.WriteString("\x03")
			if err := screen.Wait(); err != nil {
				t.Errorf("the console ended with %v", err)
			}
			for _, a := range s.Received() {
				if sent := a.Get("Action"); strings.Contains(typed, sent) && name != "no answer" {
					t.Errorf("%s was sent", sent)
				}
			}
		})
	}
}

// awaitLine reads lines up to one with that text.
func awaitLine(t *testing.T, lines <-chan string, text string) {
	t.Helper()
	for line := range lines {
		if strings.Contains(line, text) {
			return
		}
	}
	t.Fatalf("the terminal shows no %s", text)
}

// openConsole runs the console on a terminal, and returns the other end of that.
func openConsole(t *testing.T, addr string, s *amitest.Server) (keyboard *os.File, console *exec.Cmd) {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	t.Cleanup(func() { keyboard.Close() })
	var number, unlocked int32
	for request, value := range map[uintptr]*int32{syscall.TIOCGPTN: &number, syscall.TIOCSPTLCK: &unlocked} {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, keyboard.Fd(), request, uintptr(unsafe.Pointer(value))); errno != 0 {
			t.Fatal(errno)
		}
	}
	terminal, err := os.OpenFile("/dev/pts/"+strconv.Itoa(int(number)), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	console = exec.CommandContext(ctx, program, "ami", "--address", addr, "--username", s.Username)
	console.Env = append(console.Environ(), asProgram+"=1", "AMI_SECRET="+s.Secret)
	console.Stdin, console.Stdout, console.Stderr = terminal, terminal, terminal
	console.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := console.Start(); err != nil {
		t.Fatal(err)
	}
	return keyboard, console
}
