package ami_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/apart"
)

func BenchmarkReadMessage(b *testing.B) {
	stream, events, err := load(3000)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(stream) / events))
	b.ReportAllocs()
	src := bytes.NewReader(stream)
	r := ami.NewReader(src)
	for b.Loop() {
		_, err := r.ReadMessage()
		if err == io.EOF {
			src.Reset(stream)
			r = ami.NewReader(src)
		} else if err != nil {
			b.Fatal(err)
		}
	}
}

// cost is what a round took.
type cost struct {
	wall, cpu     time.Duration
	allocs, bytes int64
}

// rounds are the costs of all rounds, of which the median counts.
type rounds []cost

func (r rounds) median() cost {
	of := func(f func(cost) int64) int64 {
		var all []int64
		for _, c := range r {
			all = append(all, f(c))
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	return cost{
		wall:   time.Duration(of(func(c cost) int64 { return int64(c.wall) })),
		cpu:    time.Duration(of(func(c cost) int64 { return int64(c.cpu) })),
		allocs: of(func(c cost) int64 { return c.allocs }),
		bytes:  of(func(c cost) int64 { return c.bytes }),
	}
}

// measure runs f and returns what it cost this process.
func measure(b *testing.B, f func()) cost {
	b.Helper()
	runtime.GC()
	var before, after runtime.MemStats
	var used, total syscall.Rusage
	runtime.ReadMemStats(&before)
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	f()
	wall := time.Since(start)
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &total); err != nil {
		b.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	cpu := time.Duration(total.Utime.Nano() + total.Stime.Nano() - used.Utime.Nano() - used.Stime.Nano())
	return cost{wall, cpu, int64(after.Mallocs - before.Mallocs), int64(after.TotalAlloc - before.TotalAlloc)}
}

// BenchmarkEvents reads real events over TCP, in writes of 64 KiB and in one write for
// each, and compares, in alternating rounds, with a program that only finds the ends
// of messages. What counts is x-raw, and cpu-s for 200,000 events.
func BenchmarkEvents(b *testing.B) {
	const n = 200_000
	addr := apart.Start(b)
	for _, mode := range []string{"block", "event"} {
		user := fmt.Sprintf("%s %d", mode, n)
		for name, read := range map[string]func(*testing.B, string, string) int{"handler": readHandler, "subscriber": readSubscriber} {
			b.Run(mode+"/"+name, func(b *testing.B) {
				readRaw(b, addr, user) // makes the server's load
				var raws, clients rounds
				events := 0
				for b.Loop() {
					raws = append(raws, measure(b, func() { readRaw(b, addr, user) }))
					clients = append(clients, measure(b, func() { events = read(b, addr, user) }))
				}
				raw, client := raws.median(), clients.median()
				b.ReportMetric(float64(raw.wall)/float64(client.wall), "x-raw")
				b.ReportMetric(float64(events)/client.wall.Seconds(), "events/s")
				b.ReportMetric(client.cpu.Seconds()/float64(events)*200_000, "cpu-s/200k")
				b.ReportMetric(float64(client.allocs)/float64(events), "allocs/event")
				b.ReportMetric(float64(client.bytes)/float64(events), "B/event")
				b.ReportMetric(float64(raw.cpu)/float64(client.cpu), "x-raw-cpu")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// readRaw is the bound: it logs in and finds ends of messages until the last.
func readRaw(b *testing.B, addr, user string) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "Action: Login\r\nUsername: %s\r\nActionID: 1\r\n\r\n", user)
	buf := make([]byte, 64<<10)
	kept := 0
	for {
		n, err := conn.Read(buf[kept:])
		if err != nil {
			b.Fatal(err)
		}
		rest := buf[:kept+n]
		for {
			i := bytes.Index(rest, []byte("\r\n\r\n"))
			if i < 0 {
				break
			}
			if i+4 == len(endOfLoad) && string(rest[:i+4]) == endOfLoad {
				return
			}
			rest = rest[i+4:]
		}
		kept = copy(buf, rest)
	}
}

// runBench runs a client until f returns.
func runBench(b *testing.B, o ami.Options, f func(*ami.Client)) {
	c := ami.New(o)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- c.Run(ctx) }()
	f(c)
	stop()
	if err := <-done; err != context.Canceled {
		b.Error(err)
	}
}

func readHandler(b *testing.B, addr, user string) (events int) {
	last := make(chan struct{})
	runBench(b, ami.Options{Addr: addr, Username: user, PlainLogin: true, Handler: func(e ami.Event) {
		events++
		if e.Name() == "EndOfLoad" {
			close(last)
		}
	}}, func(*ami.Client) { <-last })
	return events
}

func readSubscriber(b *testing.B, addr, user string) (events int) {
	c := ami.New(ami.Options{Addr: addr, Username: user, PlainLogin: true})
	s := c.Subscribe(nil, 1<<18)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- c.Run(ctx) }()
	for e := range s.C() {
		events++
		if e.Name() == "EndOfLoad" {
			break
		}
	}
	s.Close()
	stop()
	<-done
	if s.Lost() > 0 {
		b.Errorf("%d events lost", s.Lost())
	}
	return events
}

// BenchmarkActions has 1,000 Pings under way at once, and compares, in alternating
// rounds, with a program that sends the same bytes and finds the ends of 1,000 answers.
func BenchmarkActions(b *testing.B) {
	const n = 1000
	addr := apart.Start(b)
	up := make(chan struct{})
	options := ami.Options{Addr: addr, Username: "nothing", PlainLogin: true, PingInterval: time.Hour, OnState: func(s ami.State, _ error) {
		if s == ami.Connected {
			close(up)
		}
	}}
	runBench(b, options, func(c *ami.Client) {
		<-up
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			b.Fatal(err)
		}
		defer conn.Close()
		if _, err := ami.NewReader(conn).ReadBanner(); err != nil {
			b.Fatal(err)
		}
		var raws, clients rounds
		for b.Loop() {
			raws = append(raws, measure(b, func() { pingRaw(b, conn, n) }))
			clients = append(clients, measure(b, func() {
				var all sync.WaitGroup
				for range n {
					all.Go(func() {
						if _, err := c.Do(context.Background(), ami.Action{Name: "Ping"}); err != nil {
							b.Error(err)
						}
					})
				}
				all.Wait()
			}))
		}
		raw, client := raws.median(), clients.median()
		b.ReportMetric(float64(client.wall)/float64(raw.wall), "x-raw")
		b.ReportMetric(float64(client.allocs)/n, "allocs/action")
		b.ReportMetric(float64(client.wall.Microseconds()), "µs/1000")
		b.ReportMetric(float64(raw.cpu)/float64(client.cpu), "x-raw-cpu")
	})
}

func pingRaw(b *testing.B, conn net.Conn, n int) {
	go func() {
		for i := range n {
			fmt.Fprintf(conn, "Action: Ping\r\nActionID: pbxflow-0123456789abcdef-%d\r\n\r\n", i)
		}
	}()
	buf := make([]byte, 64<<10)
	kept := 0
	for n > 0 {
		got, err := conn.Read(buf[kept:])
		if err != nil {
			b.Fatal(err)
		}
		n -= bytes.Count(buf[:kept+got], []byte("\r\n\r\n"))
		kept = copy(buf, buf[max(0, kept+got-3):kept+got])
	}
}

// BenchmarkSlowSubscriber has a subscriber that takes 1 ms for each of 10,000 events a
// second, and after a thousand none until the handler has seen the last. A client that
// waited for it would come to no end.
func BenchmarkSlowSubscriber(b *testing.B) {
	const n = 20_000
	addr := apart.Start(b)
	var handled, taken, lost uint64
	for b.Loop() {
		var seen atomic.Uint64
		last := make(chan struct{})
		runBench(b, ami.Options{Addr: addr, Username: fmt.Sprint("paced ", n), PlainLogin: true, Handler: func(e ami.Event) {
			if e.Name() == "EndOfLoad" {
				close(last)
				return
			}
			seen.Add(1)
		}}, func(c *ami.Client) {
			s := c.Subscribe(func(e ami.Event) bool { return e.Name() != "EndOfLoad" }, 1000)
			gone := make(chan struct{})
			go func() {
				defer close(gone)
				for e := range s.C() {
					if _, gap := e.Gap(); !gap {
						if taken++; taken%1000 == 0 {
							<-last
						}
						time.Sleep(time.Millisecond)
					}
				}
			}()
			<-last
			s.Close()
			<-gone
			lost += s.Lost()
		})
		handled += seen.Load()
	}
	if all := uint64(n * b.N); handled != all || taken+lost != all {
		b.Errorf("of %d events the handler got %d; the subscriber got %d and lost %d", all, handled, taken, lost)
	}
	b.ReportMetric(float64(handled)/float64(b.N), "handled")
	b.ReportMetric(float64(lost)/float64(b.N), "lost")
}
