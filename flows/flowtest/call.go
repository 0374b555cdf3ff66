package flowtest

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/pbxflow/pbxflow/agi"
)

// call is a simulated channel: what Asterisk knows of it, and what its caller does.
type call struct {
	*performer
	clock   *clock
	conn    *conn
	session *agi.Session
	chaos   chaos

	vars   map[string]string
	db     map[string]string
	up     bool        // the call was answered
	dead   atomic.Bool // the caller has hung up, or the flow has
	byFlow bool
	told   bool // Asterisk has said HANGUP
	// commanding says that a command runs, which will tell of a hangup itself.
	commanding atomic.Bool
	held       time.Duration // until when a command that was given up goes on
	commands   int
}

func newCall(s *stage, clock *clock, chaos chaos) *call {
	c := &call{performer: &performer{stage: s}, clock: clock, chaos: chaos, vars: map[string]string{}, db: map[string]string{}}
	for name, value := range s.test.Variables {
		c.vars[name] = value
	}
	for name, value := range s.test.Given.DB {
		c.db[name] = value
	}
	c.conn = newConn(c.command)
	c.hangUp = c.hangUpAfter
	c.perform(!chaos.noInput)
	return c
}

// hangUpAfter has the caller hang up at a time. it is the item that says so.
func (c *call) hangUpAfter(at time.Duration, it *item) {
	c.clock.after(at-c.clock.now(), func() {
		if c.dead.Load() {
			return
		}
		c.dead.Store(true)
		c.left(it, c.clock.since)
		if !c.commanding.Load() {
			c.tellHangup()
		}
	})
}

// tellHangup says HANGUP in between, and waits until the session has seen it, and all who
// wait with a context that derives from its.
func (c *call) tellHangup() {
	c.told = true
	c.conn.say("HANGUP\n")
	if c.session != nil {
		<-c.session.Context().Done()
		// A context ends a moment before those that derive from it. Cause takes the lock that
		// is held until they have; the clock, which asks only them, would go on too soon.
		_ = context.Cause(c.session.Context())
	}
}

// listen lets the time pass until end, or until the caller presses one of keys. Other
// keys are lost. ok is false when something came between.
func (c *call) listen(end time.Duration, among string) (key byte, ok bool) {
	at := end
	for again := true; again; {
		key, at = c.firstKey(end, among)
		again = c.clock.pass(at)
	}
	if c.dead.Load() || c.clock.now() < at {
		return 0, false
	}
	for len(c.pressed) > 0 && c.pressed[0].at <= at {
		last := c.pressed[0]
		c.pressed = c.pressed[1:]
		if key != 0 && last.key == key {
			break
		}
	}
	return key, true
}

const allKeys = "0123456789*#ABCD"
