package asterisktest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

var errLoginRefused = errors.New("the manager refused the login")

// A manager is one AMI session of the harness itself, just enough to see that Asterisk
// is up and to start calls. It is not safe for concurrent use.
type manager struct {
	conn net.Conn
	r    *bufio.Reader
}

// dialHarness connects and logs in as the harness.
func (i *Instance) dialHarness(ctx context.Context) (*manager, error) {
	return dialManager(ctx, i.AMI, "harness", i.settings.HarnessSecret)
}

func dialManager(ctx context.Context, addr, user, secret string) (*manager, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	m := &manager{conn: conn, r: bufio.NewReader(conn)}
	defer m.until(ctx)()
	if err := m.login(ctx, user, secret); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, errors.Join(err, conn.Close())
	}
	return m, nil
}

func (m *manager) login(ctx context.Context, user, secret string) error {
	banner, err := m.r.ReadString('\n')
	if err != nil {
		return err
	}
	if !strings.HasPrefix(banner, "Asterisk Call Manager/") {
		return fmt.Errorf("%w: the banner is %q", errLoginRefused, banner)
	}
	if err := m.do(ctx, "Login", "Username", user, "Secret", secret); err != nil {
		return fmt.Errorf("%w: %w", errLoginRefused, err)
	}
	return nil
}

// do sends an action and waits for its response; pairs are field names and values.
func (m *manager) do(ctx context.Context, action string, pairs ...string) error {
	defer m.until(ctx)()
	var b strings.Builder
	fmt.Fprintf(&b, "Action: %s\r\n", action)
	for i := 0; i+1 < len(pairs); i += 2 {
		if strings.ContainsAny(pairs[i]+pairs[i+1], "\r\n") {
			return fmt.Errorf("asterisktest: line break in %s", pairs[i])
		}
		fmt.Fprintf(&b, "%s: %s\r\n", pairs[i], pairs[i+1])
	}
	b.WriteString("\r\n")
	if _, err := m.conn.Write([]byte(b.String())); err != nil {
		return err
	}
	for {
		msg, err := m.read(ctx)
		if err != nil {
			return err
		}
		switch msg["Response"] {
		case "": // an event
		case "Error":
			return fmt.Errorf("asterisktest: %s: %s", action, msg["Message"])
		default:
			return nil
		}
	}
}

// waitEvent reads until an event of that name.
func (m *manager) waitEvent(ctx context.Context, name string) error {
	defer m.until(ctx)()
	for {
		msg, err := m.read(ctx)
		if err != nil {
			return err
		}
		if msg["Event"] == name {
			return nil
		}
	}
}

// read returns the next message; of a repeated field it keeps the last.
func (m *manager) read(ctx context.Context) (map[string]string, error) {
	msg := make(map[string]string)
	for {
		line, err := m.r.ReadString('\n')
		if err != nil {
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			return nil, err
		}
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			return msg, nil
		}
		name, value, _ := strings.Cut(line, ": ")
		msg[name] = value
	}
}

// until makes reads and writes fail when ctx ends. The caller runs the function it
// returns when it is done.
func (m *manager) until(ctx context.Context) (stop func()) {
	undo := context.AfterFunc(ctx, func() { _ = m.conn.SetDeadline(time.Unix(1, 0)) })
	return func() { undo() }
}

func (m *manager) close() error { return m.conn.Close() }
