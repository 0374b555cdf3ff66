package flowtest

import (
	"context"
	"testing"

	"github.com/pbxflow/pbxflow/agi"
)

// When a hangup has been told, all has ended that derives from the context of the session,
// also where that is much: else the clock goes on for those who wait with it.
func TestTellHangup(t *testing.T) {
	c := &call{conn: newConn(func(string) string { return "" })}
	c.conn.say("agi_channel: PJSIP/1\n\n")
	var err error
	if c.session, err = agi.NewSession(t.Context(), c.conn, agi.SessionOptions{}); err != nil {
		t.Fatal(err)
	}
	waits := make([]context.Context, 50_000)
	for i := range waits {
		var cancel context.CancelFunc
		waits[i], cancel = context.WithCancel(c.session.Context())
		defer cancel()
	}
	c.tellHangup()
	on := 0
	for _, ctx := range waits {
		if ctx.Err() == nil {
			on++
		}
	}
	if on > 0 {
		t.Errorf("%d of %d go on", on, len(waits))
	}
	if err := c.session.Close(); err != nil {
		t.Error(err)
	}
}
