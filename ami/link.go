package ami

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"sync/atomic"
	"time"
)

// longAgo as a deadline releases whoever blocks on a connection.
var longAgo = time.Unix(1, 0)

// link is one connection, after its login.
type link struct {
	conn   net.Conn
	reader *Reader
	banner string
	early  []Event       // that came before the read loop
	reads  atomic.Uint64 // messages read by it

	writing chan struct{} // full while an action is written; unlike a mutex, seen by synctest
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
	l = &link{conn: conn, reader: NewReader(conn), writing: make(chan struct{}, 1)}
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

// write puts one whole action on the wire.
func (l *link) write(p []byte, timeout time.Duration) error {
	l.writing <- struct{}{}
	defer func() { <-l.writing }()
	l.conn.SetWriteDeadline(time.Now().Add(timeout))
	_, err := l.conn.Write(p)
	return err
}

// logoff says goodbye and gives Asterisk a second to say so too and close.
func (l *link) logoff(id string) {
	const patience = time.Second
	l.conn.SetDeadline(time.Now().Add(patience)) // also frees a stuck writer
	if l.write(Action{Name: "Logoff"}.append(nil, id), patience) != nil {
		l.conn.Close()
	}
}
