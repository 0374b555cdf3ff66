package flowtest

import (
	"context"
	"slices"
	"sync"
	"time"
)

// clock is a time that passes only when everything waits. It jumps from one thing that
// happens to the next: the end of a sound, a timeout, a caller who hangs up.
type clock struct {
	start time.Time

	mu       sync.Mutex
	calm     *sync.Cond    // running became less
	since    time.Duration // since the start
	dated    bool          // somebody has read the calendar
	running  int           // goroutines that do not wait here
	seq      int
	timers   []*timer // sorted by time
	sleepers map[*sleeper]bool
}

// timer is something that happens at a time. fire is called with the clock locked.
type timer struct {
	at    time.Duration
	seq   int
	wakes bool // a goroutine, which then does something
	fire  func()
}

// sleeper is a goroutine that waits.
type sleeper struct {
	ctx   context.Context
	awake chan struct{}
}

func newClock(start time.Time) *clock {
	k := &clock{start: start, running: 1, sleepers: map[*sleeper]bool{}}
	k.calm = sync.NewCond(&k.mu)
	return k
}

// Now returns the time.
func (k *clock) Now() time.Time { return k.start.Add(k.now()) }

// Date returns the time and remembers that somebody wanted to know.
func (k *clock) Date() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.dated = true
	return k.start.Add(k.since)
}

func (k *clock) now() time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.since
}

// Running counts goroutines that may do something before the time goes on.
func (k *clock) Running(n int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.running += n
	k.jump()
}

// Sleep waits.
func (k *clock) Sleep(ctx context.Context, d time.Duration) bool {
	if ctx.Err() != nil {
		return false
	}
	k.mu.Lock()
	s := &sleeper{ctx, make(chan struct{})}
	k.sleepers[s] = true
	t := k.add(d, func() {
		close(s.awake)
		delete(k.sleepers, s)
		k.running++ // for the goroutine that will go on in a moment
	})
	t.wakes = true
	k.running--
	k.jump()
	k.mu.Unlock()
	select {
	case <-s.awake:
		return true
	case <-ctx.Done():
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.sleepers[s] {
		delete(k.sleepers, s)
		k.remove(t)
		k.running++
	}
	return false
}

// WithTimeout returns a context that ends at a time of this clock.
func (k *clock) WithTimeout(ctx context.Context, d time.Duration, cause error) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	if d <= 0 {
		cancel(cause)
		return ctx, func() {}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	t := k.add(d, func() { cancel(cause) })
	return ctx, func() {
		k.stop(t)
		cancel(nil)
	}
}

// after has f called, with the clock locked, when a time has passed.
func (k *clock) after(d time.Duration, f func()) *timer {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.add(d, f)
}

func (k *clock) stop(t *timer) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.remove(t)
}

// pass lets the time pass until end, in the goroutine that answers commands. It ends
// earlier when something else happens; awake then says that it was another goroutine
// which did something, and has done it.
func (k *clock) pass(end time.Duration) (awake bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.others()
	if len(k.timers) > 0 && k.timers[0].at < end {
		awake = k.timers[0].wakes
		k.next()
		k.others()
		return awake
	}
	k.since = max(k.since, end)
	return false
}

// others waits until all other goroutines that run steps wait for the time.
func (k *clock) others() {
	for k.running > 1 {
		k.calm.Wait()
	}
}

// due makes happen what is due by now.
func (k *clock) due() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for len(k.timers) > 0 && k.timers[0].at <= k.since {
		k.next()
	}
}

// jump goes, when nobody runs, to the next thing that happens, for as long as everybody waits. Who waits
// and whose context has ended will go on by itself.
func (k *clock) jump() {
	k.calm.Broadcast()
	for k.running == 0 && len(k.timers) > 0 {
		for s := range k.sleepers {
			if s.ctx.Err() != nil {
				return
			}
		}
		k.next()
	}
}

// next makes the first timer happen.
func (k *clock) next() {
	t := k.timers[0]
	k.timers = k.timers[1:]
	k.since = max(k.since, t.at)
	t.fire()
}

func (k *clock) add(d time.Duration, f func()) *timer {
	k.seq++
	t := &timer{at: k.since + max(d, 0), seq: k.seq, fire: f}
	i, _ := slices.BinarySearchFunc(k.timers, t, func(a, b *timer) int {
		if a.at != b.at {
			return int(min(max(a.at-b.at, -1), 1))
		}
		return a.seq - b.seq
	})
	k.timers = slices.Insert(k.timers, i, t)
	return t
}

func (k *clock) remove(t *timer) {
	k.timers = slices.DeleteFunc(k.timers, func(other *timer) bool { return other == t })
}
