package main

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
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
		"after other words": "wait 1h\rCoreStatus\rHang", // no Ping: the client sends those itself
	} {
		t.Run(name, func(t *testing.T) {
			s := amitest.Start(t)
			addr, err := s.Listen()
			if err != nil {
				t.Fatal(err)
			}
			s.Respond("Hang", func(ami.Message) [][]string { return nil })
			keyboard, terminal := newTerminalPair(t)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			console := startConsole(ctx, t, addr, s, terminal, terminal)
			var screen sync.WaitGroup
			defer screen.Wait()
			defer cancel() // ends the console where the test gave up
			lines := make(chan string, 1000)
			screen.Go(func() { // it ends with the console
				defer close(lines)
				for in := bufio.NewScanner(keyboard); in.Scan(); {
					lines <- in.Text()
				}
			})
			awaitLine(t, lines, "Ctrl-D ends.")
			press(t, keyboard, typed)
			if name == "no answer" {
				if _, err := s.Await(ctx, "Hang"); err != nil {
					t.Fatal(err)
				}
			}
			press(t, keyboard, "\x03")
			if err := console.Wait(); err != nil {
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

// press types keys.
func press(t *testing.T, keyboard *os.File, keys string) {
	t.Helper()
	if _, err := keyboard.WriteString(keys); err != nil {
		t.Fatal(err)
	}
}

// TestTerminalWidth has a narrow screen, on which a line wraps, and a keyboard that does not
// know how wide it is. What is printed after Ctrl-C does not stand behind the prompt.
func TestTerminalWidth(t *testing.T) {
	s := amitest.Start(t)
	addr, err := s.Listen()
	if err != nil {
		t.Fatal(err)
	}
	keyboard, stdin := newTerminalPair(t)
	screen, stdout := newTerminalPair(t)
	size := [4]uint16{24, uint16(len(addr + "> Cor"))}
	control(t, screen, syscall.TIOCSWINSZ, unsafe.Pointer(&size))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	console := startConsole(ctx, t, addr, s, stdin, stdout)
	shown := bufio.NewReader(screen)
	awaitText(t, shown, addr+"> ")
	press(t, keyboard, "CoreShowChannels")
	for _, part := range []string{"Cor", "\n", "eShowChannels"} {
		awaitText(t, shown, part)
	}
	press(t, keyboard, "\x03")
	awaitText(t, shown, "\n")
	if err := console.Wait(); err != nil {
		t.Errorf("the console ended with %v", err)
	}
}

// awaitText reads up to that text.
func awaitText(t *testing.T, in *bufio.Reader, text string) {
	t.Helper()
	var read strings.Builder
	for !strings.HasSuffix(read.String(), text) {
		c, err := in.ReadByte()
		if err != nil {
			t.Fatalf("the screen shows %q, without %q: %v", &read, text, err)
		}
		read.WriteByte(c)
	}
}

// newTerminalPair returns a terminal and the end at which somebody sits. Where every test must
// run, a machine without terminals fails it.
func newTerminalPair(t *testing.T) (person, terminal *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil && os.Getenv("PBXFLOW_REQUIRE_ASTERISK") == "1" {
		t.Fatalf("PBXFLOW_REQUIRE_ASTERISK=1, but there are no terminals here: %v", err)
	}
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	t.Cleanup(func() { person.Close() })
	var number, unlocked int32
	control(t, person, syscall.TIOCGPTN, unsafe.Pointer(&number))
	control(t, person, syscall.TIOCSPTLCK, unsafe.Pointer(&unlocked))
	terminal, err = os.OpenFile("/dev/pts/"+strconv.Itoa(int(number)), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { terminal.Close() })
	return person, terminal
}

func control(t *testing.T, terminal *os.File, request uintptr, value unsafe.Pointer) {
	t.Helper()
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, terminal.Fd(), request, uintptr(value)); errno != 0 {
		t.Fatal(errno)
	}
}

// startConsole runs the console on a terminal, or on two, at most until ctx ends.
func startConsole(ctx context.Context, t *testing.T, addr string, s *amitest.Server, stdin, stdout *os.File) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	console := exec.CommandContext(ctx, program, "ami", "--address", addr, "--username", s.Username)
	console.Env = append(console.Environ(), asProgram+"=1", "AMI_SECRET="+s.Secret)
	console.Stdin, console.Stdout, console.Stderr = stdin, stdout, stdout
	console.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := console.Start(); err != nil {
		t.Fatal(err)
	}
	stdin.Close()
	stdout.Close()
	return console
}
