package flowtest

import (
	"io"
	"strings"
	"sync"
)

// conn is the server's end of a connection with the simulated Asterisk: what the server
// writes is answered at once, in the goroutine that writes it.
type conn struct {
	command func(line string) (answer string)

	mu     sync.Mutex
	came   *sync.Cond
	buf    []byte
	closed bool
}

func newConn(command func(string) string) *conn {
	c := &conn{command: command}
	c.came = sync.NewCond(&c.mu)
	return c
}

// Read reads what Asterisk says.
func (c *conn) Read(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.buf) == 0 && !c.closed {
		c.came.Wait()
	}
	if len(c.buf) == 0 {
		return 0, io.EOF
	}
	n := copy(b, c.buf)
	c.buf = c.buf[n:]
	return n, nil
}

// Write hands Asterisk one or more whole lines.
func (c *conn) Write(b []byte) (int, error) {
	for line := range strings.Lines(string(b)) {
		if answer := c.command(strings.TrimSuffix(line, "\n")); answer != "" {
			c.say(answer)
		}
	}
	return len(b), nil
}

// say makes Asterisk say something.
func (c *conn) say(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.buf = append(c.buf, text...)
	c.came.Broadcast()
}

// Close ends reading.
func (c *conn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.came.Broadcast()
	return nil
}
