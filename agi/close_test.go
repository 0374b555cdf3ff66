package agi

import (
	"context"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// slowSource is a source whose reads end a while after it was closed.
type slowSource struct {
	fakeConn
	closed  chan struct{}
	reading atomic.Bool
}

func (s *slowSource) Read(b []byte) (int, error) {
	if len(s.env) > 0 {
		return s.fakeConn.Read(b)
	}
	s.reading.Store(true)
	defer s.reading.Store(false)
	<-s.closed
	time.Sleep(time.Second)
	return 0, io.EOF
}

func (s *slowSource) Close() error {
	close(s.closed)
	return nil
}

// Close waits for the goroutine that reads while no command runs.
func TestCloseWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := &slowSource{fakeConn: fakeConn{env: []byte(asteriskEnv)}, closed: make(chan struct{})}
		s, err := NewSession(t.Context(), src, SessionOptions{})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(idleAfter)
		synctest.Wait()
		if !src.reading.Load() {
			t.Fatal("nobody reads while no command runs")
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if src.reading.Load() {
			t.Error("Close returned before the last read did")
		}
		if got := context.Cause(s.Context()); got == nil {
			t.Error("the context goes on")
		}
	})
}
