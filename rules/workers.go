package rules

import (
	"context"
	"sync"
)

// Bounds on the actions of one rule. A rule whose actions are slow uses up its own
// share only.
const (
	maxRunning    = 16     // run at once
	maxWaiting    = 100    // wait for one key
	maxAllWaiting = 10_000 // wait for all keys together
)

// workers runs actions: those of one rule and key one after another, the others
// side by side. The zero value is ready.
type workers struct {
	mu    sync.Mutex
	lanes map[string]*lane // by rule; those in which something runs or waits
	idle  chan struct{}    // closed when the last lane ends; nil: nobody waits
}

// lane is what one rule has to do.
type lane struct {
	slots   chan struct{}
	keys    map[string][]func() // what waits; a key without anything has one that runs
	waiting int
}

// do runs f on another goroutine, behind what waits for the rule and key. It
// returns false when too much waits already.
func (w *workers) do(rule, key string, f func()) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := w.lanes[rule]
	if l == nil {
		l = &lane{slots: make(chan struct{}, maxRunning), keys: map[string][]func(){}}
	}
	queue, busy := l.keys[key]
	if len(queue) >= maxWaiting || l.waiting >= maxAllWaiting {
		return false
	}
	if w.lanes == nil {
		w.lanes = map[string]*lane{}
	}
	w.lanes[rule] = l
	l.keys[key] = append(queue, f)
	l.waiting++
	if !busy {
		go w.drain(rule, l, key)
	}
	return true
}

// drain runs what waits for a key until nothing does. It holds a slot only while
// it runs something, so that the keys of a rule take turns.
func (w *workers) drain(rule string, l *lane, key string) {
	for more := true; more; {
		l.slots <- struct{}{}
		w.take(l, key)()
		<-l.slots
		more = w.more(rule, l, key)
	}
}

// take returns what waits longest for a key that has something waiting.
func (w *workers) take(l *lane, key string) func() {
	w.mu.Lock()
	defer w.mu.Unlock()
	queue := l.keys[key]
	f := queue[0]
	queue[0] = nil // lets go of the event
	l.keys[key] = queue[1:]
	l.waiting--
	return f
}

// more reports whether something waits for a key. If not, the key is forgotten.
func (w *workers) more(rule string, l *lane, key string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(l.keys[key]) > 0 {
		return true
	}
	delete(l.keys, key)
	if len(l.keys) == 0 {
		delete(w.lanes, rule)
	}
	if len(w.lanes) == 0 && w.idle != nil {
		close(w.idle)
		w.idle = nil
	}
	return false
}

// wait blocks until nothing runs or waits.
func (w *workers) wait(ctx context.Context) error {
	w.mu.Lock()
	if len(w.lanes) == 0 {
		w.mu.Unlock()
		return nil
	}
	if w.idle == nil {
		w.idle = make(chan struct{})
	}
	idle := w.idle
	w.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
