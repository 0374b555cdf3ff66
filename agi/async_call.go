package agi

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"
)

// asyncBreak is the command that ends a stay.
const asyncBreak = "ASYNCAGI BREAK"

// Times of asyncCall.
const (
	// asyncEndWait is how long the event that ends a call may come after a command
	// was refused because of it. What Asterisk still does afterwards takes no longer.
	asyncEndWait = time.Second

	asyncSendTimeout = 30 * time.Second

	// After the link was lost, leaving is tried as often as that.
	asyncLeaveTries = 20
	asyncLeavePause = 3 * time.Second
)

// asyncCall is one stay of a channel in AGI(agi:async), as a connection: lines that
// are written become actions, and events become lines to read.
type asyncCall struct {
	link   AsyncLink
	id     string        // the channel's unique id
	prefix string        // of command ids: unlike any other call's or process's
	over   chan struct{} // closed when Asterisk takes no more commands

	adopted bool // found in a list, and AsyncAGIStart may still come; guarded by the server's mu

	sending sync.Mutex // keeps commands in order

	mu      sync.Mutex
	changed *sync.Cond
	channel string
	buf     []byte          // to be read
	err     error           // of Read, once buf is empty
	ids     int             // commands so far
	waiting map[string]bool // ids of commands without a result
	leaving bool            // nothing may be sent but asyncBreak
	left    bool            // asyncBreak is queued
	ended   bool            // over is closed
	lost    bool            // the link dropped and may return
	cut     bool            // the rest of the last result is still in Asterisk, see clear
	rest    chan string     // gets the result of clear's command, whose id restID is
	restID  string
	gone    chan struct{} // closed once err is set
}

func newAsyncCall(link AsyncLink, start AsyncEvent) *asyncCall {
	c := &asyncCall{
		link:    link,
		id:      start.Get("Uniqueid"),
		prefix:  "agi-" + rand.Text()[:16] + "-",
		over:    make(chan struct{}),
		channel: start.Get("Channel"),
		buf:     asyncEnv(start),
		waiting: make(map[string]bool),
		rest:    make(chan string, 1),
		gone:    make(chan struct{}),
	}
	c.changed = sync.NewCond(&c.mu)
	return c
}

// Read blocks until a line has come, the call is over or closed, or the link is lost.
func (c *asyncCall) Read(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.buf) == 0 && c.err == nil {
		c.changed.Wait()
	}
	if len(c.buf) == 0 {
		return 0, c.err
	}
	n := copy(b, c.buf)
	c.buf = c.buf[n:]
	return n, nil
}

// Write sends every line as a command. To a call that is over it writes nothing:
// reading tells about the end, and why.
func (c *asyncCall) Write(lines []byte) (int, error) {
	for line := range bytes.Lines(lines) {
		err := c.command(strings.TrimSuffix(string(line), "\n"))
		switch {
		case err == nil:
			continue
		case errors.Is(err, io.ErrClosedPipe):
			return 0, err
		}
		select {
		case <-c.over:
		case <-time.After(asyncEndWait):
			return 0, err
		}
	}
	return len(lines), nil
}

// command sends one command and waits until Asterisk has queued it. One that came
// behind asyncBreak would run in the channel's next stay.
func (c *asyncCall) command(line string) error {
	c.sending.Lock()
	defer c.sending.Unlock()
	if line != asyncBreak { // which ends all that is left
		if err := c.clear(); err != nil {
			return err
		}
	}
	return c.queue(line, false)
}

// queue has Asterisk queue a command. The result of one that is to clear goes to rest.
func (c *asyncCall) queue(line string, clears bool) error {
	c.mu.Lock()
	switch {
	case c.ended:
		c.mu.Unlock()
		return nil
	case c.leaving && line != asyncBreak:
		c.mu.Unlock()
		return io.ErrClosedPipe
	}
	c.ids++
	id, channel := c.prefix+strconv.Itoa(c.ids), c.channel
	if clears {
		c.restID = id
	} else {
		c.waiting[id] = true
	}
	c.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), asyncSendTimeout)
	defer cancel()
	return c.link.Send(ctx, "AGI", AsyncField{"Channel", channel}, AsyncField{"Command", line}, AsyncField{"CommandID", id})
}

// clear takes out of Asterisk what is left of a result that was too long, lest it come in
// front of the next reply or push that out. All of it is dropped, up to a text of our own.
func (c *asyncCall) clear() error {
	for n := 1; c.isCut(); n++ {
		text := syncText + strconv.Itoa(n)
		if err := c.queue(`GET FULL VARIABLE "`+text+`"`, true); err != nil {
			return err
		}
		select {
		case rest := <-c.rest:
			c.mu.Lock()
			c.cut = !bytes.Contains(asyncDecode(rest), []byte(" ("+text+")\n"))
			c.mu.Unlock()
		case <-c.gone:
			return nil // reading tells why
		case <-time.After(asyncSendTimeout):
			return errAsyncStuck
		}
	}
	return nil
}

var errAsyncStuck = errors.New("agi: the rest of a long result does not come")

func (c *asyncCall) isCut() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cut
}

// Close ends reading. The channel stays where it is, see leave.
func (c *asyncCall) Close() error {
	c.finish(io.ErrClosedPipe)
	return nil
}

// leave gives the channel back to the dialplan, if it is still ours and that was not
// begun already. The command is queued like any other, so a prompt that runs is played
// to its end.
func (c *asyncCall) leave() error {
	c.mu.Lock()
	begun := c.leaving
	c.leaving = true
	c.mu.Unlock()
	if begun {
		return nil
	}
	for try := 1; ; try++ {
		err := c.command(asyncBreak)
		c.mu.Lock()
		c.left = err == nil
		lost := c.lost
		c.mu.Unlock()
		if err == nil {
			return nil
		}
		pause := asyncEndWait
		if lost {
			pause = asyncLeavePause
		}
		select {
		case <-c.over:
			return nil // the caller hung up meanwhile
		case <-time.After(pause):
		}
		if !lost || try == asyncLeaveTries {
			return fmt.Errorf("agi: %s: %w", asyncBreak, err)
		}
	}
}

// reply takes a result. One of a command that this stay did not send is the late
// result of an earlier stay, or somebody else's.
func (c *asyncCall) reply(id, result string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if id == c.restID && id != "" {
		c.restID = ""
		c.rest <- result // which never blocks: one is asked for at a time
		return
	}
	if !c.waiting[id] {
		return
	}
	delete(c.waiting, id)
	c.cut = asyncCut(result)
	c.buf = append(c.buf, asyncResult(result)...)
	c.changed.Broadcast()
}

// end says that the channel has left AGI(agi:async). If that was not by leave, it was
// hung up.
func (c *asyncCall) end() {
	c.mu.Lock()
	if !c.ended {
		c.ended = true
		close(c.over)
		c.buf = append(c.buf, "HANGUP\n"...)
	}
	c.mu.Unlock()
	c.finish(io.EOF)
}

// lose says that replies may have got lost, and whether the link may return.
func (c *asyncCall) lose(err error, returns bool) {
	c.mu.Lock()
	c.lost = returns
	c.mu.Unlock()
	c.finish(fmt.Errorf("manager link lost: %w", err))
}

// found says that the link is back: what fails now fails for another reason.
func (c *asyncCall) found() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lost = false
}

func (c *asyncCall) finish(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
		close(c.gone)
	}
	c.changed.Broadcast()
}

func (c *asyncCall) rename(channel string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.channel = channel
}

func (c *asyncCall) name() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.channel
}

// hasLeft reports whether only Asterisk has to do something for the end of the stay.
func (c *asyncCall) hasLeft() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.left
}
