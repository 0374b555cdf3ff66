package live_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/ami/live"
)

// bell wakes those who wait for something to change. Its zero value is ready.
type bell struct {
	mu   sync.Mutex
	next chan struct{} // closed at the next ring; nil when nobody waits
}

// ring says that something has changed.
func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next != nil {
		close(b.next)
		b.next = nil
	}
}

// rung returns a channel that the next ring closes.
func (b *bell) rung() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == nil {
		b.next = make(chan struct{})
	}
	return b.next
}

// until blocks until something holds, which is asked at once and after each ring.
func (b *bell) until(ctx context.Context, holds func() bool) error {
	for {
		rung := b.rung()
		if holds() {
			return nil
		}
		select {
		case <-rung:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// waitFor blocks until something holds in a picture, which is asked at once and after each
// event of Asterisk's with one of the names.
func waitFor(t *testing.T, m *live.Model, holds func() bool, names ...string) {
	t.Helper()
	sub := m.Subscribe(10_000, names...)
	defer sub.Close()
	limit := time.After(time.Minute)
	for !holds() {
		select {
		case <-sub.C():
		case <-limit:
			t.Fatalf("it does not come to be within a minute: %+v", m.Snapshot())
		}
	}
}
