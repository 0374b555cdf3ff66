//go:build unix

package agi_test

import (
	"bufio"
	"bytes"
	"context"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/agi"
)

// What Asterisk and the server say in one session of the benchmark.
const benchEnv = "agi_network: yes\nagi_network_script: bench\nagi_request: agi://127.0.0.1/bench\n" +
	"agi_channel: PJSIP/trunk-00000001\nagi_language: en\nagi_type: PJSIP\nagi_uniqueid: 1795228436.1\n" +
	"agi_version: 22.10.1\nagi_callerid: 15551230000\nagi_calleridname: Load Test\nagi_callingpres: 0\n" +
	"agi_callingani2: 0\nagi_callington: 0\nagi_callingtns: 0\nagi_dnid: 18005550100\nagi_rdnis: unknown\n" +
	"agi_context: from-trunk\nagi_extension: 18005550100\nagi_priority: 2\nagi_enhanced: 0.0\n" +
	"agi_accountcode: \nagi_threadid: 140670004053696\n\n"

var benchLines = slices.Concat([]string{"ANSWER\n"}, slices.Repeat([]string{"GET VARIABLE \"CHANNEL\"\n"}, 5), []string{"HANGUP\n"})

// serveRaw is the limit: the same bytes and round trips, and nothing else.
func serveRaw(conn net.Conn) {
	defer conn.Close()
	var b [2048]byte
	until := func(end string) bool {
		for n := 0; n == 0 || !bytes.HasSuffix(b[:n], []byte(end)); {
			k, err := conn.Read(b[n:])
			if err != nil {
				return false
			}
			n += k
		}
		return true
	}
	if !until("\n\n") {
		return
	}
	for _, line := range benchLines {
		if _, err := conn.Write([]byte(line)); err != nil || !until("\n") {
			return
		}
	}
}

func serveAGI(ctx context.Context, s *agi.Session) error {
	if err := s.Answer(ctx); err != nil {
		return err
	}
	for range 5 {
		if _, _, err := s.GetVariable(ctx, "CHANNEL"); err != nil {
			return err
		}
	}
	return s.Hangup(ctx, "")
}

// playBench is Asterisk's side of a session.
func playBench(b *testing.B, addr string) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		b.Error(err)
		return
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(benchEnv)); err != nil {
		b.Error(err)
		return
	}
	in := bufio.NewReaderSize(conn, 256)
	for _, want := range benchLines {
		line, err := in.ReadString('\n')
		if err != nil || line != want {
			b.Errorf("got %q, %v, want %q", line, err, want)
			return
		}
		reply := "200 result=0\n"
		if strings.HasPrefix(line, "GET") {
			reply = "200 result=1 (PJSIP/trunk-00000001)\n"
		}
		if _, err := conn.Write([]byte(reply)); err != nil {
			b.Error(err)
			return
		}
	}
	if _, err := in.ReadByte(); err == nil {
		b.Error("the server goes on after the last command")
	}
}

// listenBoth starts a raw server and an agi.Server.
func listenBoth(b *testing.B) (raw, served string) {
	b.Helper()
	lns := make([]net.Listener, 2)
	for i := range lns {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		lns[i] = ln
	}
	srv := &agi.Server{Handler: agi.HandlerFunc(serveAGI)}
	var all sync.WaitGroup
	all.Go(func() { srv.Serve(lns[1]) })
	all.Go(func() {
		for {
			conn, err := lns[0].Accept()
			if err != nil {
				return
			}
			all.Go(func() { serveRaw(conn) })
		}
	})
	b.Cleanup(func() { srv.Close(); lns[0].Close(); all.Wait() })
	return lns[0].Addr().String(), lns[1].Addr().String()
}

// BenchmarkSessions compares an agi.Server with a server that does no more than
// read and write. Every iteration is a round of sessions with each; of the ratios
// of all rounds it reports the median. The CPU time is that of both sides, as they
// share the process, so its ratio is nearer to 1 than that of the server alone.
func BenchmarkSessions(b *testing.B) {
	for _, calls := range []int{1, 100, 1000} {
		b.Run("calls="+strconv.Itoa(calls), func(b *testing.B) {
			raw, served := listenBoth(b)
			round := func(addr string) (wall, cpu float64) {
				sessions := max(2000, 2*calls)
				start, used := time.Now(), cpuTime(b)
				var all sync.WaitGroup
				for range calls {
					all.Go(func() {
						for range sessions / calls {
							playBench(b, addr)
						}
					})
				}
				all.Wait()
				return time.Since(start).Seconds() / float64(sessions), (cpuTime(b) - used).Seconds() / float64(sessions)
			}
			round(raw)
			round(served)
			var rates, speed, cpu []float64
			for b.Loop() {
				rawWall, rawCPU := round(raw)
				wall, used := round(served)
				rates = append(rates, 1/wall)
				speed = append(speed, rawWall/wall)
				cpu = append(cpu, used/rawCPU)
			}
			b.ReportMetric(median(rates), "sessions/s")
			b.ReportMetric(median(speed), "x-raw-rate")
			b.ReportMetric(median(cpu), "x-raw-cpu")
			b.ReportMetric(0, "ns/op") // a round says nothing
		})
	}
}

func median(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}

func cpuTime(b *testing.B) time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(os.NewSyscallError("getrusage", err))
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
