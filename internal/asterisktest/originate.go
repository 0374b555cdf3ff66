package asterisktest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"
)

// A Call is one to start from inside Asterisk.
type Call struct {
	// Channel is who is called first, "Local/caller1@phones" for a far leg made by Phone.
	Channel string

	// Context and Exten are the dialplan under test: it runs once Channel has answered,
	// and sees Channel as its caller.
	Context, Exten string

	CallerID  string            // "Ann" <5550100>; empty: none
	Variables map[string]string // channel variables of both legs
	Timeout   time.Duration     // for the answer; 0 means 30 s
}

// Originate starts a call and blocks until the channel has answered, or has not within
// the timeout, which is an error. It returns the call's uniqueid, which is its linkedid too.
func (i *Instance) Originate(ctx context.Context, c Call) (id string, err error) {
	if c.Timeout == 0 {
		c.Timeout = 30 * time.Second
	}
	id = "test-" + rand.Text()[:12]
	fields := []string{
		"Channel", c.Channel, "Context", c.Context, "Exten", c.Exten, "Priority", "1",
		"Timeout", fmt.Sprint(c.Timeout.Milliseconds()), "ChannelId", id, "OtherChannelId", id + "-2",
	}
	if c.CallerID != "" {
		fields = append(fields, "CallerID", c.CallerID)
	}
	for name, value := range c.Variables {
		fields = append(fields, "Variable", name+"="+value)
	}
	m, err := i.dialHarness(ctx)
	if err != nil {
		return "", fmt.Errorf("asterisktest: originate: %w", err)
	}
	err = m.do(ctx, "Originate", fields...)
	if err = errors.Join(err, m.close()); err != nil {
		return "", fmt.Errorf("asterisktest: originate %s: %w", c.Channel, err)
	}
	return id, nil
}
