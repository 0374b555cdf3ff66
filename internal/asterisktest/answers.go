package asterisktest

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Answers asks for some lists by their actions, one after another, as the user AMIUser but on
// a connection of its own, and blocks until they are complete, or refused, which is an answer
// too. An error says which one is not by the end of ctx: parts of Asterisk may hang while
// others go on.
func (i *Instance) Answers(ctx context.Context, actions ...string) (err error) {
	m, err := dialManager(ctx, i.AMI, i.AMIUser, i.AMISecret)
	if err != nil {
		return fmt.Errorf("asterisktest: %w", err)
	}
	defer func() { err = errors.Join(err, m.close()) }()
	for _, action := range actions {
		if err := m.list(ctx, action); err != nil {
			return fmt.Errorf("asterisktest: %s: %w", action, err)
		}
	}
	return nil
}

// list sends an action and reads until its list is complete.
func (m *manager) list(ctx context.Context, action string) error {
	defer m.until(ctx)()
	if _, err := fmt.Fprintf(m.conn, "Action: %s\r\n\r\n", action); err != nil {
		return err
	}
	for {
		msg, err := m.read(ctx)
		if err != nil {
			return err
		}
		whole := msg["EventList"] == "Complete"
		refused := msg["Response"] != "" && !strings.EqualFold(msg["EventList"], "start")
		if whole || refused {
			return nil
		}
	}
}
