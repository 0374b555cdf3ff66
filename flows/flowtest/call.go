package flowtest

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/pbxflow/pbxflow/agi"
)

// call is a simulated channel: what Asterisk knows of it, and what its caller does.
type call struct {
	*stage
	conn    *conn
	session *agi.Session
	chaos   chaos

	vars    map[string]string
	db      map[string]string
	up      bool        // the call was answered
	pressed []press     // keys that no command has taken yet, by time
	dead    atomic.Bool // the caller has hung up, or the flow has
	byFlow  bool
	told    bool // Asterisk has said HANGUP
	// commanding says that a command runs, which will tell of a hangup itself.
	commanding atomic.Bool
	held       time.Duration // until when a command that was given up goes on
	commands   int
}

// press is a key that is pressed at a time.
type press struct {
	at  time.Duration
	key byte
}

// keyEvery is the time between two keys.
const keyEvery = 250 * time.Millisecond

func newCall(s *stage, chaos chaos) *call {
	c := &call{stage: s, chaos: chaos, vars: map[string]string{}, db: map[string]string{}}
	for name, value := range s.test.Variables {
		c.vars[name] = value
	}
	for name, value := range s.test.Given.DB {
		c.db[name] = value
	}
	c.conn = newConn(c.command)
	s.onPress, s.onHangup = c.pressKeys, c.hangUpAfter
	return c
}

// pressKeys has the caller press keys, one after the other, from a time on.
func (c *call) pressKeys(pressed keys, at time.Duration) {
	if c.chaos.noInput {
		return
	}
	for i := range len(pressed) {
		c.pressed = append(c.pressed, press{at + time.Duration(i)*keyEvery, pressed[i]})
	}
	slices.SortStableFunc(c.pressed, func(a, b press) int { return int(min(max(a.at-b.at, -1), 1)) })
}

// hangUpAfter has the caller hang up at a time. it is the item that says so.
func (c *call) hangUpAfter(at time.Duration, it *item) {
	c.clock.after(at-c.clock.now(), func() {
		if c.dead.Load() {
			return
		}
		c.dead.Store(true)
		c.done(it)
		if !c.commanding.Load() {
			c.tellHangup()
		}
	})
}

// tellHangup says HANGUP in between, and waits until the session has seen it.
func (c *call) tellHangup() {
	c.told = true
	c.conn.say("HANGUP\n")
	if c.session != nil {
		<-c.session.Context().Done()
	}
}

// stopped reports whether the command that runs has to end.
func (c *call) stopped() bool { return true }

// wait lets the time pass until end, or until something comes between: then it reports
// false.
func (c *call) wait(end time.Duration) bool {
	c.clock.pass(end, c.stopped)
	return !c.dead.Load() && c.clock.now() >= end
}

// listen lets the time pass until end, or until the caller presses one of keys. Other
// keys are lost. ok is false when something came between.
func (c *call) listen(end time.Duration, among string) (key byte, ok bool) {
	key, at := c.firstKey(end, among)
	if !c.wait(at) {
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

// firstKey returns the first key among those that count until end, and when it comes;
// no key comes at end.
func (c *call) firstKey(end time.Duration, among string) (byte, time.Duration) {
	for _, p := range c.pressed {
		if p.at > end {
			break
		}
		if slices.Contains([]byte(among), p.key) {
			return p.key, max(p.at, c.clock.now())
		}
	}
	return 0, end
}

const allKeys = "0123456789*#ABCD"
