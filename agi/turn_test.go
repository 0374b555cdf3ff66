package agi_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pbxflow/pbxflow/agi"
)

// chaos is an Asterisk at its worst: replies in pieces, HANGUP at any moment,
// prompts that send their reply, or not, when they are stopped.
type chaos struct {
	conn net.Conn
	turn chan struct{} // one text after another; in a bubble a mutex would stop time
	dice sync.Mutex
	rng  *rand.Rand
}

func (c *chaos) intN(n int) int {
	c.dice.Lock()
	defer c.dice.Unlock()
	return c.rng.IntN(n)
}

// say sends text in pieces.
func (c *chaos) say(text string) {
	c.turn <- struct{}{}
	defer func() { <-c.turn }()
	for text != "" {
		n := len(text)
		if c.intN(3) == 0 {
			n = 1 + c.intN(n)
		}
		if _, err := c.conn.Write([]byte(text[:n])); err != nil {
			return // the session is over
		}
		text = text[n:]
		if text != "" {
			time.Sleep(time.Duration(c.intN(300)) * time.Microsecond)
		}
	}
}

func (c *chaos) serve(hangup time.Duration) {
	defer c.conn.Close()
	c.say("agi_network: yes\nagi_channel: PJSIP/chaos\n\n")
	defer time.AfterFunc(hangup, func() { c.say("HANGUP\n") }).Stop()
	in := bufio.NewReader(c.conn)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		name := strings.Split(line, `"`)
		switch {
		case strings.HasPrefix(line, "GET FULL VARIABLE"):
			c.say("200 result=1 (" + name[1] + ")\n")
		case strings.HasPrefix(line, "GET VARIABLE"):
			c.say("200 result=1 (" + name[1] + "\nHANGUP\n200 result=1 (x))\n")
		case strings.HasPrefix(line, "EXEC"):
			time.Sleep(time.Duration(c.intN(4000)) * time.Microsecond)
			c.say("200 result=7 (" + name[1] + ")\n")
		case strings.HasPrefix(line, "STREAM FILE"):
			c.conn.SetReadDeadline(time.Now().Add(time.Duration(c.intN(20000)) * time.Microsecond))
			_, err := in.Peek(1)
			c.conn.SetReadDeadline(time.Time{})
			if err != nil || c.intN(2) == 0 {
				c.say("200 result=0 endpos=8\n")
			}
		default:
			c.say("520-Usage\n200 result=1 (no)\n520 End of proper usage.\n")
		}
	}
}

// converse runs commands of all kinds, most of which are given up at some moment,
// and sees to it that no reply is that of another command.
func converse(ctx context.Context, s *agi.Session, rng *rand.Rand, rounds int) error {
	always := context.WithoutCancel(ctx)
	for i := range rounds {
		parent := always
		if ctx.Err() == nil && rng.IntN(2) == 0 {
			parent = ctx
		}
		limit := time.Hour
		if rng.IntN(2) == 0 {
			limit = time.Duration(rng.IntN(5000)) * time.Microsecond
		}
		run, cancel := context.WithTimeout(parent, limit)
		if limit == time.Hour && rng.IntN(2) == 0 {
			run = parent
		}
		name := fmt.Sprintf("n%d-%d", i, rng.Uint32())
		err := command(run, s, rng.IntN(5), name)
		given := run.Err() != nil
		cancel()
		if err != nil && (!given || errors.Is(err, errOutOfStep)) {
			return fmt.Errorf("command %d: %w", i, err)
		}
		switch rng.IntN(20) {
		case 0: // long enough for somebody else to read
			time.Sleep(60 * time.Millisecond)
		case 1, 2:
			time.Sleep(time.Duration(rng.IntN(1000)) * time.Microsecond)
		}
	}
	return nil
}

var errOutOfStep = errors.New("out of step")

// command runs one command and compares the reply with what it must be.
func command(ctx context.Context, s *agi.Session, kind int, name string) error {
	var err error
	var r agi.Reply
	var want string
	switch kind {
	case 0, 1:
		want = "200 " + name + "\nHANGUP\n200 result=1 (x) endpos=0"
		r, err = s.Do(ctx, "GET VARIABLE", name)
	case 2:
		want = "200 " + name + " endpos=0"
		r, err = s.Do(ctx, "EXEC", name)
	case 3:
		want = "200  endpos=8"
		r, err = s.Do(ctx, "STREAM FILE", name, "")
	case 4:
		want = "520  endpos=0"
		r, err = s.Do(ctx, "NONSENSE")
		if e := (*agi.Error)(nil); errors.As(err, &e) {
			err = nil
		}
	}
	if err != nil {
		return err
	}
	if got := fmt.Sprintf("%d %s endpos=%d", r.Code, r.Data, r.EndPos); got != want {
		return fmt.Errorf("%w: got %q, want %q", errOutOfStep, got, want)
	}
	return nil
}

// inChaos serves sessions on connections of any kind.
func inChaos(t *testing.T, connect func() (asterisk, here net.Conn, err error), seed uint64, rounds int) {
	t.Helper()
	asterisk, here, err := connect()
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	var all sync.WaitGroup
	defer all.Wait()
	c := &chaos{conn: asterisk, turn: make(chan struct{}, 1), rng: rand.New(rand.NewPCG(seed, 2))}
	hangup := time.Duration(rng.IntN(400)) * time.Millisecond
	all.Go(func() { c.serve(hangup) })
	s, err := agi.NewSession(t.Context(), here, agi.SessionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var talks sync.WaitGroup
	for who := range uint64(2) {
		talks.Go(func() {
			if err := converse(s.Context(), s, rand.New(rand.NewPCG(seed, 3+who)), rounds); err != nil {
				t.Errorf("seed %d: %v", seed, err)
			}
		})
	}
	talks.Wait()
	<-s.Context().Done() // the hangup is seen though no command runs
	wantErr(t, "cause", context.Cause(s.Context()), agi.ErrHangup)
}

func TestChaosInMemory(t *testing.T) {
	for seed := range uint64(40) {
		synctest.Test(t, func(t *testing.T) {
			inChaos(t, func() (net.Conn, net.Conn, error) {
				a, b := net.Pipe()
				return a, b, nil
			}, seed, 60)
		})
	}
}

func TestChaosTCP(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	for seed := range uint64(5) {
		inChaosTCP(t, ln, seed)
	}
}

func inChaosTCP(t *testing.T, ln net.Listener, seed uint64) {
	t.Helper()
	inChaos(t, func() (net.Conn, net.Conn, error) {
		asterisk, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			return nil, nil, err
		}
		here, err := ln.Accept()
		return asterisk, here, err
	}, seed, 10)
}
