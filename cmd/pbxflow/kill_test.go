package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/internal/asterisktest"
	"github.com/pbxflow/pbxflow/internal/stage"
)

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	asterisktest.Main(m)
}

// TestRealKill kills the server in the middle of 20 calls, as the kernel does when
// memory runs out. The calls must go on in the dialplan, and a new server must
// serve the next one.
func TestRealKill(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "pbxflow")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	asterisktest.Each(t, func(t *testing.T, _ asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		t.Parallel()
		const calls = 20
		agi := freeAddr(t)
		config, err := stage.Config(agi, asterisktest.Phone("patient", asterisktest.Answer(), asterisktest.Wait(time.Minute)))
		if err != nil {
			t.Fatal(err)
		}
		pbx := start(config)
		office, err := stage.OpenOffice()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := office.Close(); err != nil {
				t.Error(err)
			}
		})
		dir := t.TempDir()
		if err := stage.WriteApp(dir, stage.Addresses{
			AGI: agi, HTTP: "127.0.0.1:0", AMI: pbx.AMI, User: pbx.AMIUser, Office: office.Addr(),
		}, nil); err != nil {
			t.Fatal(err)
		}

		first := serve(t, binary, dir, pbx)
		for i := range calls {
			if _, err := pbx.Originate(t.Context(), asterisktest.Call{
				Channel: "Local/patient@phones", Context: "from-carrier", Exten: stage.Number,
				CallerID: fmt.Sprintf("<55502%02d>", i),
			}); err != nil {
				t.Fatal(err)
			}
		}
		await(t, pbx, "AGI", calls)
		first.kill()
		await(t, pbx, "Queue", calls)

		second := serve(t, binary, dir, pbx)
		if _, err := stage.Place(t.Context(), pbx, stage.Call("5550300", "1", time.Second)); err != nil {
			t.Fatal(err)
		}
		second.waitFor(`flow main caller "5550300" dialed "` + stage.Number + `"`)
		second.interrupt()
	})
}

// await waits until n channels of the example's dialplan are in an application.
func await(t *testing.T, pbx *asterisktest.Instance, application string, n int) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		out, err := pbx.Console(t.Context(), "core show channels concise")
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for line := range strings.Lines(out) {
			fields := strings.Split(line, "!") // channel, context, exten, priority, state, application, …
			if len(fields) > 5 && fields[1] == "from-carrier" && fields[5] == application {
				found++
			}
		}
		if found == n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d channels are in %s, want %d:\n%s", found, application, n, out)
		}
	}
}

// process is a running pbxflow serve.
type process struct {
	t     *testing.T
	cmd   *exec.Cmd
	lines chan string
	ended bool
}

// serve starts the server as a process of its own and waits until it serves.
func serve(t *testing.T, binary, dir string, pbx *asterisktest.Instance) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(binary, "serve", "--trace", dir), lines: make(chan string, 10_000)}
	p.cmd.Env = append(p.cmd.Environ(), "AMI_SECRET="+pbx.AMISecret)
	read, write := io.Pipe()
	p.cmd.Stdout, p.cmd.Stderr = write, write
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.lines)
		for in := bufio.NewScanner(read); in.Scan(); {
			p.lines <- in.Text()
		}
	}()
	t.Cleanup(func() {
		if !p.ended {
			p.kill()
		}
		if err := write.Close(); err != nil {
			t.Error(err)
		}
		for range p.lines { // until the reader has ended
		}
	})
	p.waitFor("serving: ")
	return p
}

// waitFor reads what the process says until a line holds text.
func (p *process) waitFor(text string) {
	p.t.Helper()
	timeout := time.After(30 * time.Second)
	for {
		select {
		case line := <-p.lines:
			p.t.Log(line)
			if strings.Contains(line, text) {
				return
			}
		case <-timeout:
			p.t.Fatalf("the server did not say %q in 30 s", text)
		}
	}
}

// kill ends the process as kill -9 does.
func (p *process) kill() {
	p.ended = true
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Error(err)
	}
	_ = p.cmd.Wait() // reports the signal that we sent
}

// interrupt asks the process to end, and expects it to end well.
func (p *process) interrupt() {
	p.t.Helper()
	p.ended = true
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		p.t.Error(err)
	}
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("the server ended with %v after an interrupt", err)
	}
}

// freeAddr returns an address on which nobody listens. A process cannot be given a
// listener, so somebody else may take it before; that has not been seen.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
