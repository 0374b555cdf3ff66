package ami

import (
	"context"
	"crypto/md5"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"
)

// longAgo as a deadline releases whoever blocks on a connection.
var longAgo = time.Unix(1, 0)

// session is the life of one connection: dial, greet, log in, read until it ends.
// It returns how long it was logged in, and why it ended.
func (c *Client) session(ctx context.Context) (up time.Duration, err error) {
	conn, err := c.dial(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Close()

	r := NewReader(conn)
	banner, err := c.greet(ctx, conn, r)
	if err != nil {
		return 0, err
	}
	start := time.Now()
	c.log.Info("manager session up", "addr", c.opts.Addr, "banner", banner)

	l := newLink(conn)
	c.link.Store(l)
	c.setState(Connected, nil)
	err = c.serve(ctx, l, r)
	c.link.Store(nil)
	l.fail(err)
	return time.Since(start), err
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

// greet reads the banner and logs in, within ActionTimeout and not longer than ctx.
// Over its session limit Asterisk closes without a banner; that is retried like any
// other drop.
func (c *Client) greet(ctx context.Context, conn net.Conn, r *Reader) (banner string, err error) {
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
	if banner, err = r.ReadBanner(); err != nil {
		return "", fmt.Errorf("ami: banner: %w", err)
	}
	if err = c.login(conn, r); err != nil {
		return "", err
	}
	return banner, nil
}

// login proves who we are. Nothing but answers comes before it succeeds.
func (c *Client) login(conn net.Conn, r *Reader) error {
	login := Action{Name: "Login"}.With("Username", c.opts.Username)
	if c.opts.PlainLogin {
		login = login.With("Secret", c.opts.Secret)
	} else {
		resp, err := c.ask(conn, r, Action{Name: "Challenge"}.With("AuthType", "MD5"))
		if err != nil {
			return err
		}
		// Asterisk compares the digest exactly: lower case.
		key := md5.Sum([]byte(resp.Get("Challenge") + c.opts.Secret))
		login = login.With("AuthType", "MD5").With("Key", hex.EncodeToString(key[:]))
	}
	if c.opts.Events != "" {
		login = login.With("Events", c.opts.Events)
	}
	_, err := c.ask(conn, r, login)
	return err
}

// ask sends an action before the read loop runs and returns its answer.
func (c *Client) ask(conn net.Conn, r *Reader, a Action) (Response, error) {
	if err := a.Check(); err != nil {
		return Response{}, fmt.Errorf("%w: %w", ErrLoginRefused, err) // never right, so never retried
	}
	id := c.nextID()
	if _, err := conn.Write(a.append(nil, id)); err != nil {
		return Response{}, fmt.Errorf("ami: %s: %w", a.Name, err)
	}
	for {
		m, err := r.ReadMessage()
		if err != nil {
			return Response{}, fmt.Errorf("ami: %s: %w", a.Name, err)
		}
		if m.isEvent() || m.Get("ActionID") != id {
			continue
		}
		resp := Response{m}
		if resp.ok() {
			return resp, nil
		}
		refusal := &Error{Action: a.Name, Message: resp.Text()}
		if passes(refusal.Message) {
			return Response{}, refusal
		}
		return Response{}, fmt.Errorf("%w: %w", ErrLoginRefused, refusal)
	}
}

// passes reports whether a refusal of the login will go away by itself: a restart,
// or an old session of ours that Asterisk has not yet found dead.
func passes(words string) bool {
	words = strings.ToLower(words)
	return strings.Contains(words, "shutting down") || strings.Contains(words, "already in use")
}

// serve reads until the connection or ctx ends.
func (c *Client) serve(ctx context.Context, l *link, r *Reader) error {
	left := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(left)
		l.logoff(c.nextID())
	})
	alive, cancel := context.WithCancelCause(ctx)
	pinged := make(chan struct{})
	go func() {
		defer close(pinged)
		if err := c.ping(alive, l); err != nil {
			cancel(err)
			l.conn.Close() // ends the read below
		}
	}()

	err := c.read(l, r)
	if dead := context.Cause(alive); errors.Is(dead, ErrDeadPeer) {
		err = dead
	}
	cancel(err)
	<-pinged
	if !stop() {
		l.conn.Close() // frees a stuck writer
		<-left
	}
	return err
}

// read is the read loop.
func (c *Client) read(l *link, r *Reader) error {
	for {
		m, err := r.ReadMessage()
		if err != nil {
			return fmt.Errorf("ami: read: %w", err)
		}
		l.reads.Add(1)
		switch {
		case !m.isEvent():
			l.answer(Response{m})
		case !l.collect(Event{m}):
			c.publish(Event{m})
		}
	}
}

func (c *Client) publish(e Event) {
	if c.opts.Handler != nil {
		c.opts.Handler(e)
	}
	for _, s := range *c.subs.Load() {
		s.offer(e)
	}
}

// ping asks at regular times whether the peer is there, until ctx ends (nil) or the
// peer is silent (ErrDeadPeer). A link that brings anything is not dead, and one on
// which a slow action runs is silent for a good reason.
func (c *Client) ping(ctx context.Context, l *link) error {
	for sleep(ctx, c.opts.PingInterval) {
		reads := l.reads.Load()
		w, err := c.send(l, Action{Name: "Ping"}, reply)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return fmt.Errorf("%w: %w", ErrDeadPeer, err)
		}
		if err != nil {
			return nil // the read loop knows why
		}
		for answered := false; !answered; {
			timeout := time.NewTimer(c.opts.PingTimeout)
			select {
			case <-w.done:
				answered = true
			case <-ctx.Done():
				timeout.Stop()
				return nil
			case <-timeout.C:
				now := l.reads.Load()
				if now == reads && l.waiting() <= 1 {
					return ErrDeadPeer
				}
				reads = now
			}
			timeout.Stop()
		}
	}
	return nil
}
