package live_test

import (
	"context"
	"sync"
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
