package agi_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/agi"
)

// resets are faults that only TCP has.
var resets = []fault{
	{"reset", "! reset\n", true, agi.ErrClosed},
	{"reset in a line", "<- 200 resu\n! reset\n", true, agi.ErrClosed},
}

// TestFaultsOverTCP is TestFaults with sockets. Time is real there, so that nothing waits
// but for what must happen.
func TestFaultsOverTCP(t *testing.T) {
	before := running()
	t.Run("all", func(t *testing.T) {
		for _, p := range faultPoints {
			for _, f := range slices.Concat(faults, resets) {
				t.Run(p.name+"/"+f.name, func(t *testing.T) { f.overTCP(t, p) })
			}
		}
	})
	before.wantAgain(t)
}

func (f fault) overTCP(t *testing.T, p faultPoint) {
	told, tell := context.WithCancel(context.Background())
	defer tell()
	pace := pace{idle: time.Minute, limit: time.Minute, told: told}
	switch {
	case f.want == nil: // nothing will end the waiting
		pace.idle = 0
	case errors.Is(f.want, errStalled):
		pace.idle, pace.limit = 0, 100*time.Millisecond
	}
	srv := &agi.Server{
		BaseContext: func(net.Listener) context.Context { return context.WithValue(context.Background(), paceKey{}, pace) },
		Handler: handle(func(_ context.Context, s *agi.Session) error {
			f.check(t, s, p.run)
			return nil
		}),
	}
	addr := overTCP(t, srv)
	opened := descriptors()
	transcript := p.before + f.lines
	if !f.last {
		transcript += p.after + inStep
	}
	peer := &tcpPeer{TCPConn: dialTCP(t, addr), tell: tell}
	peer.in = bufio.NewReader(peer)
	if err := peer.play(transcript); err != nil {
		t.Errorf("%v\nthe transcript:\n%s", err, transcript)
	}
	if err := srv.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if got := descriptors(); got > opened {
		t.Errorf("got %d descriptors, want %d", got, opened)
	}
}

// pace is how fast a faulty call goes: in fake time, or in real time, where the peer tells
// when to cancel.
type pace struct {
	idle, limit time.Duration
	told        context.Context // ends when a command is to be cancelled; nil: in five seconds
}

type paceKey struct{}

func paceOf(ctx context.Context) pace {
	if p, ok := ctx.Value(paceKey{}).(pace); ok {
		return p
	}
	return pace{idle: 10 * time.Second, limit: 20 * time.Second}
}

// cancelled is a context for a command that is given up in the middle.
func cancelled(ctx context.Context) (context.Context, func()) {
	told := paceOf(ctx).told
	if told == nil {
		return context.WithTimeout(ctx, 5*time.Second)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(told, func() { cancel(context.DeadlineExceeded) })
	return ctx, func() { stop(); cancel(nil) }
}

// tcpPeer plays the transcripts of faults without their silences.
type tcpPeer struct {
	*net.TCPConn
	in    *bufio.Reader
	tell  func() // a prompt plays, and may be cancelled
	split bool
}

func (p *tcpPeer) play(transcript string) error {
	defer p.Close()
	p.split = strings.Contains(transcript, "! split")
	err := p.say("agi_network: yes\n\n")
	for line := range strings.Lines(transcript) {
		if err != nil {
			return err
		}
		mark, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		if plain, err := strconv.Unquote(text); err == nil {
			text = plain
		}
		switch mark + " " + text {
		case "! hangup":
			err = p.say("HANGUP\n")
			continue
		case "! close":
			return nil
		case "! reset":
			return p.SetLinger(0)
		case "! stall":
			_, err = io.Copy(io.Discard, p.in)
			return err
		}
		switch mark {
		case ">":
			err = p.hear(text)
		case "<":
			err = p.say(text + "\n")
		case "<-":
			err = p.say(text)
		}
	}
	if err != nil {
		return err
	}
	rest, err := io.ReadAll(p.in)
	if len(rest) > 0 {
		err = fmt.Errorf("the server goes on with %q", rest)
	}
	return err
}

func (p *tcpPeer) say(text string) error {
	for i := range text {
		if p.split {
			if _, err := io.WriteString(p, text[i:i+1]); err != nil {
				return err
			}
		}
	}
	if p.split {
		return nil
	}
	_, err := io.WriteString(p, text)
	return err
}

// hear wants a line. On a slow machine the nonce of a cancelled command may come twice.
func (p *tcpPeer) hear(want string) error {
	for {
		line, err := p.in.ReadString('\n')
		line = strings.TrimSuffix(line, "\n")
		nonce, again := strings.CutPrefix(line, `GET FULL VARIABLE "`)
		switch {
		case err != nil:
			return fmt.Errorf("%w instead of %s", err, want)
		case line == want:
			if strings.HasPrefix(line, "STREAM FILE") {
				p.tell()
			}
			return nil
		case !again:
			return fmt.Errorf("got %s, want %s", line, want)
		}
		if err := p.say("200 result=1 (" + strings.TrimSuffix(nonce, `"`) + ")\n"); err != nil {
			return err
		}
	}
}
