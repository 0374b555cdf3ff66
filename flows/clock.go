package flows

import (
	"context"
	"time"
)

// Clock is the time in which steps run. The engine's own is that of the machine; tests
// have one that jumps when all that runs is waiting. Its methods are called concurrently.
type Clock interface {
	// Now returns the time, to measure with.
	Now() time.Time
	// Date returns the time as what expressions read of the calendar: hours and now().
	Date() time.Time
	// Sleep waits. It reports false when ctx ended first.
	Sleep(ctx context.Context, d time.Duration) bool
	// WithTimeout returns a context that ends after d, with that cause.
	WithTimeout(ctx context.Context, d time.Duration, cause error) (context.Context, context.CancelFunc)
	// Running says that steps run in n goroutines more, or less when n is negative. Who
	// starts a goroutine that sleeps says so before, and takes it back at its end.
	Running(n int)
}

// wall is the clock of the machine.
type wall struct{}

func (wall) Now() time.Time  { return time.Now() }
func (wall) Date() time.Time { return time.Now() }
func (wall) Running(int)     {}

func (wall) Sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (wall) WithTimeout(ctx context.Context, d time.Duration, cause error) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, d, cause)
}

// clock returns the engine's clock.
func (e *Engine) clock() Clock {
	if e.Clock != nil {
		return e.Clock
	}
	return wall{}
}

func (e *Engine) now() time.Time { return e.clock().Now() }

// Now returns the time of the engine's clock.
func (c *Call) Now() time.Time { return c.engine.now() }

// Sleep waits, by the engine's clock. It reports false when ctx ended first.
func (c *Call) Sleep(ctx context.Context, d time.Duration) bool {
	return c.engine.clock().Sleep(ctx, d)
}

// WithTimeout returns a context that ends after d, by the engine's clock. A step that
// waits for anything but Asterisk uses it in place of that of package context.
func (c *Call) WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return c.engine.clock().WithTimeout(ctx, d, context.DeadlineExceeded)
}
