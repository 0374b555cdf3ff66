package capture

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// Dialer opens a connection, like that of ami.Options.
type Dialer = func(ctx context.Context, network, addr string) (net.Conn, error)

// Dial returns a Dialer for ami.Options that records all that comes in on the
// connections that dial opens; nil means a net.Dialer. With TLS, dial must do that
// itself and ami.Options.TLS be nil, or the capture holds what is encrypted.
//
// When the capture cannot be written any more, reading goes on: see Err.
func (w *Writer) Dial(dial Dialer) Dialer {
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		nc, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &conn{Conn: nc, w: w}, nil
	}
}

// conn is a connection that is recorded.
type conn struct {
	net.Conn
	w *Writer

	mu      sync.Mutex // guards what follows: Close may come during Read
	split   splitter
	greeted bool
	ended   bool
}

// Read reads, and records what it read.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	if n > 0 && !c.ended {
		c.take(p[:n], time.Now())
	}
	var timeout net.Error
	if err != nil && !(errors.As(err, &timeout) && timeout.Timeout()) {
		c.end(err)
	}
	return n, err
}

// Close closes, and records that.
func (c *conn) Close() error {
	err := c.Conn.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.end(net.ErrClosed)
	return err
}

func (c *conn) take(p []byte, now time.Time) {
	w := c.w
	w.mu.Lock()
	defer w.mu.Unlock()
	c.split.add(p)
	if !c.greeted {
		line, known := c.split.takeBanner()
		if !known {
			return
		}
		c.greeted = true
		w.stats.Sessions++
		w.markLocked(Connected, "Server", w.opts.Server, "Banner", line, "Redacted", w.redact.String())
	}
	for {
		raw, err := c.split.next()
		if err != nil || raw == nil {
			return // what reads the connection gives it up too
		}
		w.addLocked(raw, now, false)
	}
}

// end adds the mark once, for a session that was greeted.
func (c *conn) end(why error) {
	if c.ended || !c.greeted {
		return
	}
	c.ended = true
	reason := why.Error()
	switch {
	case errors.Is(why, io.EOF):
		reason = "closed by Asterisk"
	case errors.Is(why, net.ErrClosed):
		reason = "closed"
	}
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	c.w.markLocked(Disconnected, "Server", c.w.opts.Server, "Reason", reason)
}
