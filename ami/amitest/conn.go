package amitest

import (
	"context"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// conn is a client's connection. What is written is queued, and flush sends it.
type conn struct {
	net.Conn
	server     *Server
	leaving    bool // answer's goroutine only
	challenged bool // answer's goroutine only
	actions    chan ami.Message

	user    *User    // nil until it is logged in; guarded by Server.mu, as are the next
	mask    rights   // of events that it may read and wants
	filters []filter // in the order in which they came

	mu      sync.Mutex
	out     []byte
	writing bool          // some of it is on its way
	written chan struct{} // closed and replaced after each write
	stalled bool
	last    bool // close when out is empty
	dice    *rand.Rand
	wake    chan struct{}
	once    sync.Once
	gone    chan struct{}
}

func (c *conn) write(p []byte) {
	c.mu.Lock()
	c.out = append(c.out, p...)
	c.mu.Unlock()
	c.poke()
}

func (c *conn) poke() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// finish closes once all is written, and waits for that.
func (c *conn) finish() {
	c.mu.Lock()
	c.last = true
	c.mu.Unlock()
	c.poke()
	<-c.gone
}

func (c *conn) drop() {
	c.once.Do(func() { close(c.gone) })
	c.Close()
}

// flush is the write goroutine.
func (c *conn) flush() {
	defer c.drop()
	for {
		pace := c.server.currentPace()
		p, last := c.take(pace)
		if len(p) > 0 {
			if _, err := c.Write(p); err != nil {
				return
			}
			c.wrote()
			if pace.bytes == 0 || c.sleep(pace.every) {
				continue
			}
			return
		}
		if last {
			return
		}
		select {
		case <-c.wake:
		case <-c.gone:
			return
		}
	}
}

// take returns what is to be written next, and whether the connection ends with it.
func (c *conn) take(pace pace) (p []byte, last bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stalled {
		return nil, false
	}
	n := len(c.out)
	if pace.bytes > 0 {
		n = min(n, pace.bytes)
	}
	if pace.split && n > 1 {
		if c.dice == nil {
			c.dice = rand.New(rand.NewPCG(pace.seed, 0))
		}
		n = 1 + c.dice.IntN(min(n, 64))
	}
	p, c.out = c.out[:n:n], c.out[n:]
	c.writing = n > 0
	return p, c.last && len(p) == 0
}

func (c *conn) wrote() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writing = false
	close(c.written)
	c.written = make(chan struct{})
}

// drain blocks until all is written that can be.
func (c *conn) drain(ctx context.Context) {
	for {
		c.mu.Lock()
		done, written := c.stalled || len(c.out) == 0 && !c.writing, c.written
		c.mu.Unlock()
		if done {
			return
		}
		select {
		case <-written:
		case <-c.gone:
			return
		case <-ctx.Done():
			return
		}
	}
}

// drain lets the clients have what was written for them.
func (s *Server) drain(ctx context.Context) {
	for _, c := range s.clients() {
		c.drain(ctx)
	}
}

// sleep reports false when the connection is gone.
func (c *conn) sleep(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-c.gone:
		return false
	}
}

// pace is how connections write.
type pace struct {
	bytes int // at once; 0: all there is
	every time.Duration
	split bool
	seed  uint64
}

func (s *Server) currentPace() pace {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pace
}

// Trickle makes the server write only so many bytes at a time, with a pause behind
// each, as over a bad line; 0 bytes ends that. What was written already is gone.
func (s *Server) Trickle(bytes int, pause time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pace.bytes, s.pace.every = bytes, pause
}

// Split cuts all that the server writes into pieces of 1 to 64 bytes, each a write of
// its own. The sizes follow from the seed, for each connection from its beginning.
func (s *Server) Split(seed uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pace.split, s.pace.seed = true, seed
}
