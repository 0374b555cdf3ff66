package soak

import (
	"context"
	"errors"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

func TestMain(m *testing.M) { asterisktest.Main(m) }

// atOnce is how many calls there are at a time.
const atOnce = 100

// form is how a soak is run.
type form struct {
	lasts  time.Duration // as long new calls are made
	reload time.Duration // the app is changed that often
	hold   time.Duration // the longest that a caller stays
	seed   uint64
}

// formOf reads the form from the environment; long says that it is not the short one.
func formOf(t *testing.T) (f form, long bool) {
	t.Helper()
	f = form{lasts: 6 * time.Second, reload: 500 * time.Millisecond, hold: 6 * time.Second, seed: 1}
	if text := os.Getenv("PBXFLOW_SOAK"); text != "" {
		d, err := time.ParseDuration(text)
		if err != nil {
			t.Fatalf("PBXFLOW_SOAK is a time such as 5m: %v", err)
		}
		f, long = form{lasts: d, reload: 5 * time.Second, hold: time.Minute, seed: 1}, true
	}
	if text := os.Getenv("PBXFLOW_SOAK_SEED"); text != "" {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatalf("PBXFLOW_SOAK_SEED is a number: %v", err)
		}
		f.seed = seed
	}
	return f, long
}

// TestRealSoak is the short form on the newest Asterisk, and the long one on each.
func TestRealSoak(t *testing.T) {
	f, long := formOf(t)
	if !long {
		soak(t, f, func(c asterisktest.Config) *asterisktest.Instance { return asterisktest.Start(t, c) })
		return
	}
	asterisktest.Each(t, func(t *testing.T, _ asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		soak(t, f, start)
	})
}

func soak(t *testing.T, f form, start func(asterisktest.Config) *asterisktest.Instance) {
	s := setScene(t, f, start)
	before := holdings(t)
	s.serve()
	idle := measure()

	ctx, over := context.WithTimeout(t.Context(), f.lasts)
	defer over()
	var busy sync.WaitGroup
	busy.Go(func() { s.author.change(ctx, t) })
	busy.Go(func() { s.meter.watch(ctx) })
	placed := s.placeCalls(ctx)
	busy.Wait()
	s.quiet()
	s.meter.sample()
	s.stop()

	verdict := s.judge(placed)
	s.nothingLeft(before)
	s.meter.check(t, f.lasts)
	t.Logf("seed %d: %v; %d reloads, %d of them broken; before the first call %v; %v", f.seed, verdict, s.author.good+s.author.broken, s.author.broken, idle, s.meter)
}

// nothingLeft waits until the process holds no more than it did before the server.
func (s *scene) nothingLeft(before held) {
	s.t.Helper()
	patience := time.After(10 * time.Second)
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		left := holdings(s.t)
		if left.within(before) {
			return
		}
		select {
		case <-ticker.C:
		case <-patience:
			s.t.Errorf("the server leaves behind %d goroutines and %d descriptors, there were %d and %d:\n%s",
				left.goroutines, left.descriptors, before.goroutines, before.descriptors, left.stacks)
			return
		}
	}
}

// quiet waits until nothing is left over: no channel in Asterisk, no call in the server.
func (s *scene) quiet() {
	s.t.Helper()
	ctx, cancel := context.WithTimeoutCause(s.t.Context(), 30*time.Second, errors.New("channels are left over"))
	defer cancel()
	if err := s.pbx.WaitIdle(ctx); err != nil {
		channels, _ := s.pbx.Console(s.t.Context(), "core show channels concise")
		s.t.Errorf("%v:\n%s", err, channels)
	}
	s.await(ctx, "no call in the server", func() bool { status := s.status(); return status.Calls == 0 && len(status.Revisions) == 0 })
	s.await(ctx, "no call in the picture", func() bool { return len(s.status().Asterisk) == 1 && s.status().Asterisk[0].Calls == 0 })
	if status := s.status(); status.Refused != 0 || status.Asterisk[0].Lost != 0 {
		s.t.Errorf("%d calls were refused and %d events lost, want none", status.Refused, status.Asterisk[0].Lost)
	}
}
