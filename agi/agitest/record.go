package agitest

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"time"
)

// Pause is the shortest silence that a [Recording] writes down.
const Pause = 20 * time.Millisecond

// Record returns a connection that does what conn does and writes the conversation
// down. Conn is the server's end of a call, as it came from Asterisk:
//
//	call := agitest.Record(conn)
//	srv.ServeConn(ctx, call)
//	fmt.Println(call.Transcript())
//
// [Play] plays the transcript to the same handler. It writes down all that was said:
// names, numbers and secrets too.
func Record(conn net.Conn) *Recording { return &Recording{Conn: conn, last: time.Now()} }

// Recording is a connection whose conversation is written down. Its methods are safe
// for concurrent use, as far as those of the connection are.
type Recording struct {
	net.Conn

	mu       sync.Mutex
	asterisk []byte // a line of Asterisk's that has not ended yet
	server   []byte // a line of the server's that has not ended yet
	env      recordedEnv
	text     strings.Builder // what followed the environment
	last     time.Time       // when somebody last spoke
	over     bool            // nothing more is written down
}

// Transcript returns the conversation so far. It has all of it after the
// connection was closed.
func (r *Recording) Transcript() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.env.String() + r.text.String()
}

// Read reads what Asterisk says and writes it down.
func (r *Recording) Read(b []byte) (int, error) {
	n, err := r.Conn.Read(b)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return n, err
	}
	if n > 0 {
		r.hear(b[:n])
	}
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		r.end("! close")
	}
	return n, err
}

// hear writes down what came from Asterisk.
func (r *Recording) hear(b []byte) {
	if r.env.done {
		r.pause()
	}
	r.last = time.Now()
	r.asterisk = append(r.asterisk, b...)
	for {
		line, rest, ok := bytes.Cut(r.asterisk, []byte("\n"))
		if !ok {
			return
		}
		switch {
		case !r.env.done:
			r.env.add(string(line))
		case string(line) == "HANGUP":
			r.text.WriteString("! hangup\n")
		default:
			r.write("<", string(line))
		}
		r.asterisk = rest
	}
}

// Write sends what the server says and writes it down. It does so first: the answer
// must not come before the question.
func (r *Recording) Write(b []byte) (int, error) {
	r.mu.Lock()
	if !r.over {
		r.speak(b)
	}
	r.mu.Unlock()
	return r.Conn.Write(b)
}

// speak writes down what the server says.
func (r *Recording) speak(b []byte) {
	r.pause()
	r.server = append(r.server, b...)
	for {
		line, rest, ok := bytes.Cut(r.server, []byte("\n"))
		if !ok {
			return
		}
		r.write(">", string(line))
		r.server = rest
		if isFailure(string(line)) {
			r.over = true // the player knows how that goes on
			return
		}
	}
}

// Close closes the connection and ends the transcript.
func (r *Recording) Close() error {
	r.mu.Lock()
	if !r.over {
		r.end("")
	}
	r.mu.Unlock()
	return r.Conn.Close()
}

// end writes the transcript's last lines.
func (r *Recording) end(mark string) {
	r.over = true
	if !r.env.done {
		r.env.cut = true
	}
	if len(r.asterisk) > 0 {
		r.write("<-", string(r.asterisk))
	}
	r.pause()
	if mark != "" {
		r.text.WriteString(mark + "\n")
	}
}

// pause writes down that nobody spoke for a while, if so.
func (r *Recording) pause() {
	now := time.Now()
	if d := now.Sub(r.last); d >= Pause {
		fmt.Fprintf(&r.text, ". %v\n", d.Round(time.Millisecond))
	}
	r.last = now
}

func (r *Recording) write(mark, text string) {
	fmt.Fprintf(&r.text, "%s %s\n", mark, quote(text))
}

// recordedEnv is the environment as it comes.
type recordedEnv struct {
	lines []string
	size  int  // of the lines, in bytes
	done  bool // the empty line came
	cut   bool // it will not come
}

func (e *recordedEnv) add(line string) {
	e.size += len(line) + 1
	if line == "" {
		e.done = true
		return
	}
	e.lines = append(e.lines, line)
}

// String returns the lines of a transcript that make the usual environment this
// one.
func (e *recordedEnv) String() string {
	var b strings.Builder
	like := newEnvironment()
	set := func(line string) {
		// A line that is no line of an environment is not one of a transcript either.
		if like.set(line) == nil {
			b.WriteString("env " + line + "\n")
		}
	}
	came := make(map[string]string)
	for _, line := range e.lines {
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		came[name] = value
		if usual, known := like.values[name]; name != scriptName && (!known || usual != value) {
			set(name + ": " + value)
		}
	}
	// It comes before agi_request, which it follows from.
	if script := came[scriptName]; script != like.values[scriptName] {
		set(scriptName + ": " + script)
	}
	if e.cut {
		set(fmt.Sprintf("cut %d", e.size))
		return b.String()
	}
	for _, u := range usual {
		if _, ok := came[u[0]]; !ok && e.done && u[0] != scriptName {
			set("-" + u[0])
		}
	}
	return b.String()
}
