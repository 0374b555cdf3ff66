package ami

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// longAgo as a deadline releases whoever blocks on a connection.
var longAgo = time.Unix(1, 0)

// link is one connection, after its login.
type link struct {
	conn   net.Conn
	reader *Reader
	ids    *ids
	banner string
	early  []Event       // that came before the read loop
	reads  atomic.Uint64 // messages read by it

	mu      sync.Mutex // guards what follows; not held while writing
	out     []byte     // actions to be written
	spare   []byte     // memory for out
	writing bool       // somebody writes, and will take out along
	broken  error      // why writing ended

	writers sync.WaitGroup // who writes, for as long as there is something
}

// connect dials, reads the banner and logs in, within ActionTimeout each for the
// dial and the rest, and not longer than ctx. Then it calls prepare, if not nil.
func (c *Client) connect(ctx context.Context, events string, prepare func(*link) error) (l *link, err error) {
	conn, err := c.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			conn.Close()
		}
	}()
	conn.SetDeadline(time.Now().Add(c.opts.ActionTimeout))
	released := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		conn.SetDeadline(longAgo)
		close(released)
	})
	defer func() {
		if !stop() {
			<-released
			err = context.Cause(ctx)
			return
		}
		conn.SetDeadline(time.Time{})
	}()
	l = &link{conn: conn, reader: NewReader(conn), ids: c.ids}
	// Over its session limit Asterisk closes without a banner; that is retried like
	// any other drop.
	if l.banner, err = l.reader.ReadBanner(); err != nil {
		return nil, fmt.Errorf("ami: banner: %w", err)
	}
	if err = c.login(l, events); err != nil {
		return nil, err
	}
	if prepare != nil {
		if err = prepare(l); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (c *Client) dial(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, c.opts.ActionTimeout)
	defer cancel()
	conn, err := c.opts.Dial(ctx, "tcp", c.opts.Addr)
	if err != nil {
		return nil, fmt.Errorf("ami: dial: %w", err)
	}
	if c.opts.TLS == nil {
		return conn, nil
	}
	cfg := c.opts.TLS
	if cfg.ServerName == "" && !cfg.InsecureSkipVerify {
		host, _, err := net.SplitHostPort(c.opts.Addr)
		if err != nil {
			host = c.opts.Addr
		}
		cfg = cfg.Clone()
		cfg.ServerName = host
	}
	secure := tls.Client(conn, cfg)
	if err := secure.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, fmt.Errorf("ami: dial: %w", err)
	}
	return secure, nil
}

// write leaves an action to the goroutine that writes: many actions at once need few
// writes, and nobody waits longer than he wants for a peer that takes nothing. An error
// says that the action is not sent.
func (l *link) write(a *Action, number uint64, crowd bool, timeout time.Duration) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken != nil {
		return l.broken
	}
	l.out = a.append(l.out, l.ids, number)
	if !l.writing {
		l.writing = true
		l.writers.Go(func() { l.flush(crowd, timeout) })
	}
	return nil
}

// flush writes until nothing is left. In a crowd it lets the others go first, so that
// theirs come along. When a write fails the stream is out of step, and flush closes the
// connection.
func (l *link) flush(crowd bool, timeout time.Duration) {
	if crowd {
		runtime.Gosched()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.out) > 0 && l.broken == nil {
		batch := l.out
		l.out = l.spare[:0]
		l.conn.SetWriteDeadline(time.Now().Add(timeout))
		l.mu.Unlock()
		_, err := l.conn.Write(batch)
		l.mu.Lock()
		l.spare = batch
		if errors.Is(err, os.ErrDeadlineExceeded) {
			err = fmt.Errorf("%w: %w", ErrDeadPeer, err)
		}
		if err != nil {
			l.breakLocked(err)
			l.conn.Close()
		}
	}
	l.writing = false
}

// breakLocked says why nothing is written any more.
func (l *link) breakLocked(why error) {
	if l.broken == nil {
		l.broken, l.out = why, nil
	}
}

// close ends the connection.
func (l *link) close() {
	l.mu.Lock()
	l.breakLocked(net.ErrClosed)
	l.mu.Unlock()
	l.conn.Close()
}

// read reads a message.
func (l *link) read() (Message, error) {
	m, err := l.reader.ReadMessage()
	if err != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.broken != nil {
			err = l.broken
		}
		return m, fmt.Errorf("ami: read: %w", err)
	}
	l.reads.Add(1)
	return m, nil
}

// logoff says goodbye and gives Asterisk a second to say so too and close.
func (l *link) logoff() {
	const patience = time.Second
	l.conn.SetDeadline(time.Now().Add(patience)) // also frees a stuck writer
	// If it cannot be written, the connection is closed.
	_ = l.write(&Action{Name: "Logoff"}, l.ids.next(), false, patience)
}
