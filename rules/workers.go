package rules

import (
	"context"
	"sync"
)

// Bounds on actions: how many run at once, and how many wait for one key.
const (
	maxRunning = 64
	maxWaiting = 100
)

// workers runs actions: those of one key one after another, those of different
// keys side by side. The zero value is ready.
type workers struct {
	mu      sync.Mutex
	waiting map[string][]func()
	running chan struct{}
	group   sync.WaitGroup
}

// do runs f on another goroutine, behind what waits for the key. It returns false
// when too much waits already.
func (w *workers) do(key string, f func()) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting == nil {
		w.waiting = map[string][]func(){}
		w.running = make(chan struct{}, maxRunning)
	}
	queue, busy := w.waiting[key]
	if len(queue) >= maxWaiting {
		return false
	}
	w.waiting[key] = append(queue, f)
	if !busy {
		w.group.Go(func() { w.drain(key) })
	}
	return true
}

// drain runs what waits for a key until nothing does.
func (w *workers) drain(key string) {
	for {
		w.mu.Lock()
		queue := w.waiting[key]
		if len(queue) == 0 {
			delete(w.waiting, key)
			w.mu.Unlock()
			return
		}
		f := queue[0]
		w.waiting[key] = queue[1:]
		w.mu.Unlock()
		w.running <- struct{}{}
		f()
		<-w.running
	}
}

// wait blocks until nothing runs or waits.
func (w *workers) wait(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		w.group.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
