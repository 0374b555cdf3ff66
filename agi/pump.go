package agi

import (
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// pump is a source for connections that are no sockets and may know neither
// deadlines nor reading without waiting: TLS, a pipe, stdin. It has a goroutine
// that reads all the time.
type pump struct {
	conn io.ReadWriter
	done chan struct{} // closed when run has ended

	mu      sync.Mutex
	changed *sync.Cond
	buf     []byte // came and was not read
	err     error  // what ended run
	expired bool   // the deadline is over
	stopped bool   // nobody reads any more
	timer   *time.Timer
}

// pumpSize is how much a pump reads ahead: the reply with a function's value, which
// has up to 1023 bytes, in one piece.
const pumpSize = 1280

func newPump(conn io.ReadWriter) *pump {
	p := &pump{conn: conn, done: make(chan struct{})}
	p.changed = sync.NewCond(&p.mu)
	go p.run()
	return p
}

func (p *pump) run() {
	defer close(p.done)
	b := make([]byte, pumpSize)
	for {
		n, err := p.conn.Read(b)
		p.mu.Lock()
		p.buf = append(p.buf, b[:n]...)
		p.err = err
		p.changed.Broadcast()
		for len(p.buf) >= pumpSize && err == nil && !p.stopped {
			p.changed.Wait()
		}
		stopped := p.stopped
		p.mu.Unlock()
		if err != nil || stopped {
			return
		}
	}
}

func (p *pump) Read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.expired && len(p.buf) == 0 && p.err == nil {
		p.changed.Wait()
	}
	switch {
	case p.expired:
		return 0, os.ErrDeadlineExceeded
	case len(p.buf) == 0:
		return 0, p.err
	}
	return p.take(b), nil
}

func (p *pump) poll(b []byte) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.take(b)
}

func (p *pump) exchange(line, b []byte, _ *atomic.Bool) (n int, wrote bool, err error) {
	if n = p.poll(b); n > 0 {
		return n, false, nil
	}
	_, err = p.conn.Write(line)
	return 0, err == nil, err
}

func (p *pump) pending() bool { return false } // it always wakes who waits

func (p *pump) take(b []byte) int {
	n := copy(b, p.buf)
	p.buf = p.buf[:copy(p.buf, p.buf[n:])]
	p.changed.Broadcast()
	return n
}

func (p *pump) SetReadDeadline(t time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	p.expired = false
	if t.IsZero() {
		return nil
	}
	wait := time.Until(t)
	if wait <= 0 {
		p.expired = true
		p.changed.Broadcast()
		return nil
	}
	var timer *time.Timer
	timer = time.AfterFunc(wait, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.timer == timer { // or else it was too late to stop it
			p.expired = true
			p.changed.Broadcast()
		}
	})
	p.timer = timer
	return nil
}

func (p *pump) acknowledge() {}

func (p *pump) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
	p.changed.Broadcast()
}

func (p *pump) wait() { <-p.done }
