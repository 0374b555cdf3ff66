package agi

import (
	"bytes"
	"context"
	"io"
	"sync/atomic"
	"testing"
	"time"
)

// fakeConn is a source that answers every write with the same reply, without a
// socket.
type fakeConn struct {
	env, reply []byte
	due        int // replies that were not read yet
}

func (c *fakeConn) Write(b []byte) (int, error) { c.due++; return len(b), nil }

func (c *fakeConn) Read(b []byte) (int, error) {
	if len(c.env) > 0 {
		n := copy(b, c.env)
		c.env = c.env[n:]
		return n, nil
	}
	if c.due == 0 {
		return 0, io.EOF
	}
	c.due--
	return copy(b, c.reply), nil
}

func (c *fakeConn) Close() error                      { return nil }
func (c *fakeConn) SetReadDeadline(t time.Time) error { return nil }
func (c *fakeConn) poll([]byte) int                   { return 0 }
func (c *fakeConn) exchange(line, b []byte, _ *atomic.Bool) (int, bool, error) {
	c.due++
	n, err := c.Read(b)
	return n, true, err
}
func (c *fakeConn) pending() bool { return false }
func (c *fakeConn) acknowledge()  {}
func (c *fakeConn) stop()         {}
func (c *fakeConn) wait()         {}

// A whole GET VARIABLE: taking the turn, encoding, parsing.
func BenchmarkGetVariable(b *testing.B) {
	conn := &fakeConn{env: []byte(asteriskEnv), reply: []byte("200 result=1 (5550100)\n")}
	s, err := NewSession(context.Background(), conn, SessionOptions{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	ctx := s.Context()
	s.endWatch() // it would read an end here
	b.ReportAllocs()
	for b.Loop() {
		if v, ok, err := s.GetVariable(ctx, "CALLERID(num)"); v != "5550100" || !ok || err != nil {
			b.Fatal(v, ok, err)
		}
	}
}

// The same without the session: what the parsing costs.
func BenchmarkCommandAndReply(b *testing.B) {
	reply := []byte("200 result=1 (5550100)\n")
	src := bytes.NewReader(reply)
	l := newLineReader(src)
	var line []byte
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if line, err = appendCommand(line[:0], defaultMaxLine, "GET VARIABLE", []string{"CALLERID(num)"}); err != nil {
			b.Fatal(err)
		}
		src.Reset(reply)
		if r, err := nextReply(l, func() {}); r.Data != "5550100" || err != nil {
			b.Fatal(r, err)
		}
	}
}

func BenchmarkReadEnv(b *testing.B) {
	src := bytes.NewReader(nil)
	b.ReportAllocs()
	for b.Loop() {
		src.Reset([]byte(asteriskEnv))
		l := newLineReader(src)
		env, err := readEnv(l)
		if err != nil || env.Path() != "/main/sales" {
			b.Fatal(env, err)
		}
		l.release()
	}
}

// What a flow looks up when a call begins.
func BenchmarkEnvGet(b *testing.B) {
	env, err := readEnv(newLineReader(bytes.NewReader([]byte(asteriskEnv))))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, get := range []func() string{
			env.Path, env.DNID, env.UniqueID, env.Channel, env.CallerID, env.CallerIDName, env.Context, env.Language, env.AccountCode,
		} {
			get()
		}
	}
}
