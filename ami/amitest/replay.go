package amitest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/pbxflow/pbxflow/ami/capture"
)

// ReplayOptions say how a capture is played. The zero value sends all of its events
// at once.
type ReplayOptions struct {
	// Speed is how fast time passes: 1 as it was, 10 ten times as fast. 0 means
	// without pauses. Messages whose time is not known come with the one before.
	Speed float64
	// From leaves out what came in that time after the first message.
	From time.Duration
	// Times is how often it is played, from From to the end; 0 means once.
	Times int
	// Gaps cuts the connections where the recording lost its own, and refuses new ones
	// until it had one again; then it waits for a client. Otherwise gaps do not show.
	Gaps bool
}

// Replay sends the events of a capture to all clients that are logged in and want
// them, to the byte as they came, and returns how many it sent, each time counted. It
// reads all of the capture first. Answers in it are left out. It blocks until the last
// event is written to the connections' buffers, or ctx ends.
func (s *Server) Replay(ctx context.Context, source io.Reader, o ReplayOptions) (events int, err error) {
	records, err := capture.ReadAll(source)
	if err != nil {
		return 0, fmt.Errorf("amitest: replay: %w", err)
	}
	records = from(records, o.From)
	for range max(o.Times, 1) {
		n, err := s.replay(ctx, records, o)
		events += n
		if err != nil {
			return events, err
		}
	}
	return events, nil
}

// from returns the records from a time after the first one.
func from(records []capture.Record, d time.Duration) []capture.Record {
	if d <= 0 {
		return records
	}
	var first time.Time
	for i, r := range records {
		if first.IsZero() {
			first = r.Time
		}
		if !first.IsZero() && !r.Time.Before(first.Add(d)) {
			return records[i:]
		}
	}
	return nil
}

func (s *Server) replay(ctx context.Context, records []capture.Record, o ReplayOptions) (events int, err error) {
	var first time.Time // of the capture
	start := time.Now() // of the replay
	cut := false
	for _, r := range records {
		if first.IsZero() {
			first = r.Time
		}
		if o.Speed > 0 && !r.Time.IsZero() {
			due := start.Add(time.Duration(float64(r.Time.Sub(first)) / o.Speed))
			if err := wait(ctx, time.Until(due)); err != nil {
				return events, err
			}
		}
		if ctx.Err() != nil {
			return events, context.Cause(ctx)
		}
		e, isEvent := r.Event()
		switch {
		case isEvent:
			s.emit(e.Message, r.Raw)
			events++
		case !o.Gaps:
		case r.Mark == capture.Disconnected:
			s.drain(ctx)
			s.Down(true)
			s.Drop()
			cut = true
		case r.Mark == capture.Connected && cut:
			s.Down(false)
			cut = false
			if err := s.awaitLogin(ctx); err != nil {
				return events, err
			}
		}
	}
	if cut {
		s.Down(false)
	}
	return events, nil
}

// awaitLogin blocks until a client is logged in.
func (s *Server) awaitLogin(ctx context.Context) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if s.Clients() > 0 {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return errors.Join(errors.New("amitest: no client came back"), context.Cause(ctx))
		}
	}
}
