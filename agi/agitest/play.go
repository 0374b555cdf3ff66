package agitest

import (
	"bufio"
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"time"
)

// Patience is how long a transcript waits for what the server must send next. Put
// a silence before a line that may take longer.
const Patience = time.Minute

// Play plays Asterisk's side of a call to a FastAGI server at the other end of
// conn: in tests over net.Pipe, or over a connection that was dialled to a server
// that listens. It blocks until the call is over, and closes conn.
//
// The error is a [*Mismatch] when the server did something else than the
// transcript says, the cause of ctx when that ended first, or says what is wrong
// with the transcript.
func Play(ctx context.Context, conn net.Conn, transcript string) error {
	defer conn.Close()
	t, err := parse(transcript)
	if err != nil {
		return err
	}
	p := &player{
		steps:    t.steps,
		split:    t.split,
		conn:     conn,
		out:      make(chan []byte, len(t.steps)+2), // all there can be: sending never blocks
		received: make(chan string),
		quit:     make(chan struct{}),
		written:  make(chan struct{}),
		read:     make(chan struct{}),
	}
	go p.write()
	go p.readLines()
	defer p.stop()
	p.out <- t.env.block()
	return p.play(ctx)
}

// player is one call being played. It has two goroutines, which stop ends: one
// writes, because over net.Pipe a write waits for the reader, and one reads.
type player struct {
	steps    []step
	split    bool
	conn     net.Conn
	out      chan []byte   // what is to be written; closed at the end
	received chan string   // the lines that came; closed when the server closed
	early    []string      // at most one line that ended a silence
	quit     chan struct{} // closed when nobody receives any more
	written  chan struct{} // closed when write has ended
	read     chan struct{} // closed when readLines has ended
	said     []string      // the conversation so far, for messages
}

func (p *player) play(ctx context.Context) error {
	for len(p.steps) > 0 {
		s := p.steps[0]
		p.steps = p.steps[1:]
		var err error
		switch s.kind {
		case expect:
			err = p.expect(ctx, s)
		case silence:
			err = p.silence(ctx, s)
		case closing:
			p.flush(ctx)
			return ctx.Err()
		case stall:
			return p.stall(ctx, s)
		default:
			p.say(s)
		}
		if err != nil {
			return err
		}
	}
	if p.failed() {
		return nil
	}
	line, err := p.receive(ctx, Patience)
	switch {
	case errors.Is(err, errClosed):
		return nil
	case errors.Is(err, errLate):
		return p.mismatch(step{}, "the server keeps the connection after the transcript's end", "")
	case err != nil:
		return err
	}
	return p.mismatch(step{}, "the server goes on after the transcript's end", line)
}

// say sends an answer, and what follows it without a pause, in one piece.
func (p *player) say(s step) {
	var b []byte
	for {
		switch s.kind {
		case hangup:
			p.said = append(p.said, "< HANGUP")
			b = append(b, "HANGUP\n"...)
		case piece:
			p.said = append(p.said, "<- "+s.text)
			b = append(b, s.text...)
		default:
			p.said = append(p.said, "< "+s.text)
			b = append(append(b, s.text...), '\n')
		}
		if len(p.steps) == 0 || !p.steps[0].kind.said() {
			break
		}
		s, p.steps = p.steps[0], p.steps[1:]
	}
	p.out <- b
}

// expect waits for the line that the server must send.
func (p *player) expect(ctx context.Context, s step) error {
	line, err := p.receive(ctx, Patience)
	switch {
	case errors.Is(err, errClosed):
		return p.mismatch(s, "the server closed the connection", "")
	case errors.Is(err, errLate):
		return p.mismatch(s, "the server sent nothing for "+Patience.String(), "")
	case err != nil:
		return err
	case !matches(s.text, line):
		return p.mismatch(s, "the server sent something else", line)
	}
	p.said = append(p.said, "> "+line)
	if !p.failed() {
		return nil
	}
	p.out <- []byte("HANGUP\n")
	p.flush(ctx)
	if len(p.steps) > 0 {
		return p.mismatch(p.steps[0], "Asterisk closes at FAILURE", "")
	}
	return nil
}

// failed reports whether the last thing said is the line that ends a session.
func (p *player) failed() bool {
	line, ok := "", false
	if n := len(p.said); n > 0 {
		line, ok = strings.CutPrefix(p.said[n-1], "> ")
	}
	return ok && isFailure(line)
}

// isFailure reports whether Asterisk ends the session at a line from the server.
func isFailure(line string) bool { return strings.HasPrefix(strings.ToLower(line), "failure") }

// silence waits for the time of the step, or until the server speaks if that is
// what comes next.
func (p *player) silence(ctx context.Context, s step) error {
	line, err := p.receive(ctx, s.wait)
	switch {
	case errors.Is(err, errLate):
		return nil
	case errors.Is(err, errClosed):
		if len(p.steps) == 0 || p.steps[0].kind == stall {
			p.steps = nil
			return nil
		}
		return p.mismatch(s, "the server closed the connection", "")
	case err != nil:
		return err
	}
	for i, next := range p.steps {
		switch next.kind {
		case silence:
			continue
		case expect:
			p.steps = p.steps[i:]
			p.early = append(p.early, line)
			return nil
		}
		break
	}
	return p.mismatch(s, "the server spoke while Asterisk was busy", line)
}

// stall lets the server say what it likes, until it closes.
func (p *player) stall(ctx context.Context, s step) error {
	for {
		line, err := p.receive(ctx, Patience)
		switch {
		case errors.Is(err, errClosed):
			return nil
		case errors.Is(err, errLate):
			return p.mismatch(s, "the server did nothing for "+Patience.String()+" and keeps the connection", "")
		case err != nil:
			return err
		}
		p.said = append(p.said, "> "+line)
	}
}

// What receive returns besides the context's cause.
var (
	errClosed = errors.New("agitest: the server closed the connection")
	errLate   = errors.New("agitest: nothing came")
)

// receive returns the server's next line.
func (p *player) receive(ctx context.Context, wait time.Duration) (string, error) {
	if len(p.early) > 0 {
		line := p.early[0]
		p.early = nil
		return line, nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case line, ok := <-p.received:
		if !ok {
			return "", errClosed
		}
		return line, nil
	case <-timer.C:
		return "", errLate
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

func (p *player) mismatch(s step, problem, got string) error {
	return &Mismatch{Line: s.line, Want: s.text, Got: got, Problem: problem, Said: slices.Clone(p.said)}
}

// flush waits until everything is written and closes the connection.
func (p *player) flush(ctx context.Context) {
	close(p.out)
	select {
	case <-p.written:
	case <-ctx.Done():
	}
	p.out = nil
	p.conn.Close()
}

// stop closes the connection and waits for the goroutines.
func (p *player) stop() {
	if p.out != nil {
		close(p.out)
	}
	close(p.quit)
	p.conn.Close()
	<-p.written
	<-p.read
}

func (p *player) write() {
	defer close(p.written)
	for b := range p.out {
		size := len(b)
		if p.split {
			size = 1
		}
		for part := range slices.Chunk(b, max(size, 1)) {
			// A server that has closed already is noticed by reading.
			if _, err := p.conn.Write(part); err != nil {
				return
			}
		}
	}
}

func (p *player) readLines() {
	defer close(p.read)
	defer close(p.received)
	lines := bufio.NewScanner(p.conn)
	for lines.Scan() {
		select {
		case p.received <- lines.Text():
		case <-p.quit:
			return
		}
	}
}
