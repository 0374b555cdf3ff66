package ami

import (
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// login proves who we are.
func (c *Client) login(l *link, events string) error {
	login := Action{Name: "Login"}.With("Username", c.opts.Username)
	if c.opts.PlainLogin {
		login = login.With("Secret", c.opts.Secret)
	} else {
		resp, err := c.ask(l, Action{Name: "Challenge"}.With("AuthType", "MD5"))
		if err != nil {
			return refused(err)
		}
		// Asterisk compares the digest exactly: lower case.
		key := md5.Sum([]byte(resp.Get("Challenge") + c.opts.Secret))
		login = login.With("AuthType", "MD5").With("Key", hex.EncodeToString(key[:]))
	}
	if events != "" {
		login = login.With("Events", events)
	}
	_, err := c.ask(l, login)
	return refused(err)
}

// refused tells a login that will never be accepted from one that will: Asterisk
// restarts, or has not yet found an old session of ours dead.
func refused(err error) error {
	refusal, ok := errors.AsType[*Error](err)
	switch {
	case !ok && !errors.Is(err, ErrInvalidAction):
		return err // nil, or the connection broke
	case ok && strings.Contains(refusal.Message, "shutting down"), inUse(err):
		return err
	}
	return fmt.Errorf("%w: %w", ErrLoginRefused, err)
}

// inUse reports whether the user is logged in already and may be so only once.
func inUse(err error) bool {
	refusal, ok := errors.AsType[*Error](err)
	return ok && strings.EqualFold(refusal.Message, "Login Already In Use")
}

// ask sends an action before the read loop runs and returns its answer. Events that
// come meanwhile are kept for the loop.
func (c *Client) ask(l *link, a Action) (Response, error) {
	if err := a.Check(); err != nil {
		return Response{}, err
	}
	number := l.ids.next()
	if _, err := l.conn.Write(a.append(nil, l.ids, number)); err != nil {
		return Response{}, fmt.Errorf("ami: %s: %w", a.Name, err)
	}
	for {
		m, err := l.reader.ReadMessage()
		switch {
		case err != nil:
			return Response{}, fmt.Errorf("ami: %s: %w", a.Name, err)
		case m.isEvent():
			l.early = append(l.early, Event{m, c.origin})
		case l.ids.of(m) == number:
			resp := Response{m}
			if !resp.ok() {
				return resp, newError(a.Name, resp)
			}
			return resp, nil
		}
	}
}
