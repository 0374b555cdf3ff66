//go:build linux

package pbxflow_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The environment tells a process that it is one of benchServers. This is not in
// TestMain, which other systems have as well.
func init() {
	name := os.Getenv("PBXFLOW_BENCH_SERVER")
	if name == "" {
		return
	}
	if err := serveBench(benchServers[name]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// serveBench serves in a process of its own until standard input ends. It says where,
// and for every line that it reads, how much CPU time it used and how large it is.
func serveBench(serve func(net.Listener) error) error {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(ln.Addr())
	failed := make(chan error, 1)
	go func() { failed <- serve(ln) }()
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var used syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
			return err
		}
		statm, err := os.ReadFile("/proc/self/statm")
		if err != nil {
			return err
		}
		fmt.Println(used.Utime.Nano()+used.Stime.Nano(), strings.Fields(string(statm))[1])
	}
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// process is a server in a process of its own.
type process struct {
	b    *testing.B
	addr string
	flow string // that is asked for
	in   io.Writer
	out  *bufio.Scanner
}

func startServer(b *testing.B, name string) *process {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), "PBXFLOW_BENCH_SERVER="+name), os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := in.Close(); err != nil {
			b.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			b.Error(err)
		}
	})
	p := &process{b: b, flow: "bench", in: in, out: bufio.NewScanner(out)}
	if !p.out.Scan() {
		b.Fatal("the server did not start")
	}
	p.addr = p.out.Text()
	return p
}

// usage returns the process's CPU time and resident memory.
func (p *process) usage() (cpu time.Duration, rss int) {
	p.b.Helper()
	fmt.Fprintln(p.in)
	p.out.Scan()
	var pages int
	if _, err := fmt.Sscan(p.out.Text(), (*int64)(&cpu), &pages); err != nil {
		p.b.Fatal(err)
	}
	return cpu, pages * os.Getpagesize()
}

// dial begins a session.
func (p *process) dial() (net.Conn, *bufio.Reader, error) {
	conn, err := net.Dial("tcp", p.addr)
	if err != nil {
		return nil, nil, err
	}
	_, err = fmt.Fprintf(conn, benchEnv, p.flow)
	return conn, bufio.NewReaderSize(conn, 256), err
}

// play is Asterisk's side of a session.
func (p *process) play() error {
	conn, in, err := p.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, want := range benchLines {
		line, err := in.ReadString('\n')
		if err != nil || line != want {
			return fmt.Errorf("got %q, %w, want %q", line, err, want)
		}
		reply := "200 result=0\n"
		switch line[0] {
		case 'G':
			reply = "200 result=1 (PJSIP/trunk-00000001)\n"
		case 'H', 'S':
			reply = "200 result=1\n"
		}
		if _, err := io.WriteString(conn, reply); err != nil {
			return err
		}
	}
	if _, err := in.ReadByte(); err == nil {
		return errors.New("the server goes on after the last command")
	}
	return nil
}

// round plays sessions, so many at once, and returns the time of one and the
// server's CPU time for it, in seconds.
func (p *process) round(calls, sessions int) (wall, cpu float64) {
	before, _ := p.usage()
	start := time.Now()
	var all sync.WaitGroup
	for range calls {
		all.Go(func() {
			for range sessions / calls {
				if err := p.play(); err != nil {
					p.b.Error(err)
				}
			}
		})
	}
	all.Wait()
	wall = time.Since(start).Seconds()
	after, _ := p.usage()
	return wall / float64(sessions), (after - before).Seconds() / float64(sessions)
}

// grows opens calls, each of which gets its first command and no reply, and returns
// by how much the process has grown.
func (p *process) grows(calls int) (bytes int) {
	p.b.Helper()
	_, before := p.usage()
	for range calls {
		conn, in, err := p.dial()
		if err != nil {
			p.b.Fatal(err)
		}
		defer conn.Close()
		if line, err := in.ReadString('\n'); err != nil || line != benchLines[0] {
			p.b.Fatal(line, err)
		}
	}
	_, after := p.usage()
	return after - before
}
