package flows

import (
	"context"
	"sync"
	"sync/atomic"
)

// Background runs what no call waits for: notices of flows, and callbacks. Make one with
// NewBackground. All methods are safe for concurrent use.
type Background struct {
	// AtOnce has notices sent before their steps end, in the order of the steps, as tests
	// want it. What becomes of them is told to the log all the same.
	AtOnce bool

	ctx     context.Context
	running sync.WaitGroup
	sending chan struct{} // a place for each notice that is being sent

	mu      sync.Mutex
	jobs    int // notices among them
	notices int
	idle    chan struct{} // closed when the last notice is sent; nil: nobody waits
}

// Bounds on what goes on in the background.
const (
	maxJobs    = 1000
	maxSending = 16
)

// NewBackground returns a Background whose jobs have to end when ctx does.
func NewBackground(ctx context.Context) *Background {
	return &Background{ctx: ctx, sending: make(chan struct{}, maxSending)}
}

// do runs f on a goroutine of its own; false means that too much goes on already.
func (b *Background) do(f func(ctx context.Context)) bool { return b.begin(f, 0) }

// send is do for notices, of which few are sent at once and the others wait.
func (b *Background) send(f func(ctx context.Context)) bool {
	if b.AtOnce {
		f(b.ctx)
		return true
	}
	return b.begin(func(ctx context.Context) {
		select {
		case b.sending <- struct{}{}:
			defer func() { <-b.sending }()
			f(ctx)
		case <-ctx.Done():
		}
	}, 1)
}

func (b *Background) begin(f func(ctx context.Context), notices int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.jobs >= maxJobs || b.ctx.Err() != nil {
		return false
	}
	b.jobs++
	b.notices += notices
	b.running.Go(func() {
		defer b.end(notices)
		f(b.ctx)
	})
	return true
}

func (b *Background) end(notices int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.jobs--
	b.notices -= notices
	if b.notices == 0 && b.idle != nil {
		close(b.idle)
		b.idle = nil
	}
}

// Wait blocks until no notice is being sent, or ctx ends; then it returns the cause. It
// does not wait for callbacks.
func (b *Background) Wait(ctx context.Context) error {
	b.mu.Lock()
	if b.notices == 0 {
		b.mu.Unlock()
		return nil
	}
	if b.idle == nil {
		b.idle = make(chan struct{})
	}
	idle := b.idle
	b.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Settle blocks until all that goes on has come to its own end. Nothing may be begun
// meanwhile.
func (b *Background) Settle() { b.running.Wait() }

// Close waits for all that goes on, once the context that NewBackground got has ended.
func (b *Background) Close() {
	<-b.ctx.Done()
	b.running.Wait()
}

// callEnd is the end of a call, for which jobs wait.
type callEnd struct {
	over chan struct{}
	jobs atomic.Int64
}

func newCallEnd() *callEnd { return &callEnd{over: make(chan struct{})} }

// come lets the jobs begin. The clock hears of all at once, so that none begins later than
// another.
func (e *callEnd) come(clock Clock) {
	clock.Running(int(e.jobs.Load()))
	close(e.over)
}

// afterwards runs f in the background when the call is over, in a rule now. False means
// that too much goes on there already.
func (c *Call) afterwards(f func(ctx context.Context)) bool {
	clock, end := c.engine.clock(), c.end
	if end == nil {
		end = newCallEnd()
		defer end.come(clock)
	}
	end.jobs.Add(1)
	begun := c.engine.Background.do(func(ctx context.Context) {
		select {
		case <-end.over:
			defer clock.Running(-1)
		case <-ctx.Done():
		}
		f(ctx)
	})
	if !begun {
		end.jobs.Add(-1)
	}
	return begun
}
