package flowtest

import (
	"bufio"
	"bytes"
	"context"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/flows"
)

// realCall is one of its calls.
type realCall struct {
	test    *test
	call    *call // what is known of it
	begin   time.Time
	actions chan func(context.Context, *agi.Session) // of the caller
	done    chan struct{}
	after   sync.WaitGroup // for what goes on when it is over
	trace   *flows.Trace
	err     error
}

// result is the call when it is over.
func (c *realCall) result() *run {
	c.call.mu.Lock()
	c.call.rest()
	c.call.mu.Unlock()
	return &run{test: c.test, trace: c.trace, call: c.call, err: c.err}
}

// later has the caller do something at a time since the beginning.
func (c *realCall) later(at time.Duration, act func(context.Context, *agi.Session)) {
	time.AfterFunc(at-time.Since(c.begin), func() {
		select {
		case c.actions <- act:
		default: // the call has ended long ago
		}
	})
}

func (c *realCall) press(pressed keys, at time.Duration) {
	c.later(at, func(ctx context.Context, s *agi.Session) {
		_, _ = s.Exec(ctx, "SendDTMF", string(pressed)+",150,100") // the call may be over
	})
}

// fallSilent has the caller say nothing more in time for a recording to end when the item
// says so.
func (c *realCall) fallSilent(it *item, start, silence time.Duration) {
	if it == nil || it.media.Wait == nil {
		return
	}
	c.later(start+*it.media.Wait-silence, func(ctx context.Context, s *agi.Session) {
		_, _ = s.Exec(ctx, "Playtones", "0/1000") // the call may be over
	})
}

func (c *realCall) hangUp(at time.Duration, it *item) {
	c.later(at, func(ctx context.Context, s *agi.Session) {
		c.call.mu.Lock()
		c.call.left(it, at)
		c.call.mu.Unlock()
		c.call.dead.Store(true)
		_ = s.Hangup(ctx, "") // the call may be over
	})
}

// tap is a connection that hands the commands which a server sends to the script.
type tap struct {
	net.Conn
	suite *realSuite
	call  *realCall // nil until it is known
	env   bytes.Buffer
	known bool
}

// Read reads what Asterisk says, and finds out which call it is.
func (t *tap) Read(b []byte) (int, error) {
	n, err := t.Conn.Read(b)
	if !t.known {
		t.env.Write(b[:n])
		if bytes.Contains(t.env.Bytes(), []byte("\n\n")) {
			t.known = true
			t.find()
		}
	}
	return n, err
}

func (t *tap) find() {
	exten, path := "", ""
	for lines := bufio.NewScanner(&t.env); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "agi_extension":
			exten = value
		case "agi_network_script":
			path = value
		}
	}
	if path != "caller" {
		t.call = t.suite.calls[exten]
		t.call.begin = time.Now()
		t.call.call.over(0)
	}
}

// Write sends what the server says.
func (t *tap) Write(b []byte) (int, error) {
	line := strings.TrimSuffix(string(b), "\n")
	if t.call != nil && !strings.Contains(line, "agi-sync-") {
		t.call.sees(split(line))
	}
	return t.Conn.Write(b)
}

// sees compares a command with the script.
func (c *realCall) sees(words []string) {
	c.call.commands++
	if len(words) > 3 && words[0] == "SET" && words[1] == "VARIABLE" {
		c.call.vars[words[2]] = words[3]
	} else if len(words) > 2 && words[0] == "SET" {
		c.call.vars[words[1]] = words[2]
	}
	if c.call.dead.Load() {
		return // it was sent before HANGUP came
	}
	if strings.EqualFold(words[0], "HANGUP") {
		c.call.flowHangsUp()
		return
	}
	e, length, among := c.test.observe(words)
	if len(words) > 2 && words[1] == "PRIORITY" {
		e = &event{kind: "dialplan", what: []string{c.call.vars["CONTEXT"] + "," + c.call.vars["EXTENSION"] + "," + words[2]}}
	}
	if e == nil {
		return
	}
	e.command = c.call.commands
	for len(c.call.pressed) > 0 && c.call.pressed[0].at < c.call.now() {
		c.call.pressed = c.call.pressed[1:]
	}
	it, last := c.call.happens(e)
	if it == nil && e.isSilent() {
		return // time goes on counting from what stands in the script
	}
	if it != nil && (it.talk.Answer != nil) {
		c.call.begun(e.at + *it.talk.Answer)
		c.call.peerHangup(e.at + *it.talk.Answer)
		return
	}
	if i := slices.IndexFunc(words, func(w string) bool { return strings.HasPrefix(w, "s=") }); e.kind == "record" && i > 0 {
		c.fallSilent(it, e.at, seconds(words[i][2:]))
	}
	if e.kind == "hear" {
		length = max(length, shortest)
	}
	c.call.during(it, last, e.at, e.at+length, among)
}
