package main

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/agi/agitest"
)

// asProgram makes the test binary the program itself, which then can get signals.
const asProgram = "PBXFLOW_TEST_PROGRAM"

// TestHangupSignal reloads a running server by SIGHUP: a good app, a broken one, and a
// good one again.
func TestHangupSignal(t *testing.T) {
	dir, addr := t.TempDir(), freeAddr(t)
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("pbxflow.yaml", "agi: { listen: '"+addr+"' }\n")
	write("flows.yaml", "flows: { main: { play: one } }\n")
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "serve", dir)
	cmd.Env = append(cmd.Environ(), asProgram+"=1")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan string, 1000)
	go func() {
		defer close(lines)
		for in := bufio.NewScanner(stderr); in.Scan(); {
			lines <- in.Text()
		}
	}()
	await := func(text string) {
		t.Helper()
		for patience := time.After(time.Minute); ; {
			select {
			case line, ok := <-lines:
				if t.Log(line); !ok {
					t.Fatalf("the server ended without saying %q", text)
				}
				if strings.Contains(line, text) {
					return
				}
			case <-patience:
				t.Fatalf("the server does not say %q", text)
			}
		}
	}
	call := func(sound string) {
		t.Helper()
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		if err := agitest.Play(t.Context(), conn, "env agi_request: agi://pbxflow/main\n> STREAM FILE \""+sound+"\" \"\"\n< 200 result=0 endpos=1\n> SET VARIABLE *\n< 200 result=1\n> SET VARIABLE *\n< 200 result=1\n"); err != nil {
			t.Error(err)
		}
	}
	hup := func() {
		t.Helper()
		if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	await("serving: ")
	call("one")
	write("flows.yaml", "flows: { main: { play: two } }\n")
	hup()
	await("reloaded: ")
	call("two")
	write("flows.yaml", "flows: { main: { plya: three } }\n")
	hup()
	await("reload failed, nothing has changed")
	await("unknown-verb")
	call("two")
	write("flows.yaml", "flows: { main: { play: four } }\n")
	hup()
	await("reloaded: ")
	call("four")
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	for line := range lines {
		t.Log(line)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
}
