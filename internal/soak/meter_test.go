package soak

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"runtime/pprof"
	"testing"
	"time"
)

// reading is what the process uses at a moment.
type reading struct {
	heap       uint64 // bytes that are in use after a collection
	goroutines int
}

func measure() reading {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return reading{m.HeapAlloc, runtime.NumGoroutine()}
}

// String is for the report.
func (r reading) String() string {
	return fmt.Sprintf("%.1f MB of live heap and %d goroutines", float64(r.heap)/1e6, r.goroutines)
}

// meter measures every now and then.
type meter struct {
	readings []reading
	resident uint64 // most, in bytes
}

// watch measures until ctx ends.
func (m *meter) watch(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			m.sample()
		case <-ctx.Done():
			return
		}
	}
}

func (m *meter) sample() {
	m.readings = append(m.readings, measure())
	var pages, total uint64
	if text, err := os.ReadFile("/proc/self/statm"); err == nil {
		if _, err := fmt.Sscan(string(text), &total, &pages); err == nil {
			m.resident = max(m.resident, pages*uint64(os.Getpagesize()))
		}
	}
}

// peak returns the highest of some readings.
func peak(readings []reading) (p reading) {
	for _, r := range readings {
		p.heap, p.goroutines = max(p.heap, r.heap), max(p.goroutines, r.goroutines)
	}
	return p
}

// String is for the report.
func (m *meter) String() string {
	return fmt.Sprintf("at most %v, %.1f MB resident; at the end %v", peak(m.readings), float64(m.resident)/1e6, m.readings[len(m.readings)-1])
}

// What a hundred calls may take: more means that something grows. A kept trace has some
// kilobytes, and 200 of calls and of rules are kept.
const (
	mostHeap       = 64 << 20
	mostGoroutines = 1500
)

// check fails the test when the process took too much, or more and more.
func (m *meter) check(t *testing.T, lasted time.Duration) {
	t.Helper()
	if p := peak(m.readings); p.heap > mostHeap || p.goroutines > mostGoroutines {
		t.Errorf("at most %v, want no more than %v", p, reading{mostHeap, mostGoroutines})
	}
	if lasted < time.Minute {
		return // too short to tell growth from a beginning
	}
	third := len(m.readings) / 3
	early, late := peak(m.readings[third:2*third]), peak(m.readings[2*third:])
	if late.heap > early.heap+early.heap/4 || late.goroutines > early.goroutines+early.goroutines/4 {
		t.Errorf("in the last third of the time at most %v, in the one before %v: it grows", late, early)
	}
}

// held is what the process holds.
type held struct {
	goroutines, descriptors int
	stacks                  string
}

func holdings(t *testing.T) held {
	t.Helper()
	// Notices go by the client that all of a program share, which keeps connections.
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	var stacks bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&stacks, 1); err != nil {
		t.Fatal(err)
	}
	return held{runtime.NumGoroutine(), len(files), stacks.String()}
}

// within tells whether it is no more than there was before.
func (h held) within(before held) bool {
	return h.goroutines <= before.goroutines && h.descriptors <= before.descriptors
}
