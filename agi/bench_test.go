package agi

import (
	"bytes"
	"context"
	"io"
	"testing"
)

// fakeConn answers every write with the same reply, without a socket.
type fakeConn struct {
	io.Reader
	reply   []byte
	replies chan struct{}
}

func newFakeConn(env, reply string) *fakeConn {
	c := &fakeConn{reply: []byte(reply), replies: make(chan struct{}, 1)}
	c.Reader = io.MultiReader(bytes.NewReader([]byte(env)), readerFunc(func(b []byte) (int, error) {
		if _, open := <-c.replies; !open {
			return 0, io.EOF
		}
		return copy(b, c.reply), nil
	}))
	return c
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

func (c *fakeConn) Write(b []byte) (int, error) { c.replies <- struct{}{}; return len(b), nil }
func (c *fakeConn) Close() error                { close(c.replies); return nil }

// A whole GET VARIABLE: encoding, the way to the reading goroutine and back,
// parsing.
func BenchmarkGetVariable(b *testing.B) {
	s, err := NewSession(context.Background(), newFakeConn(asteriskEnv, "200 result=1 (5550100)\n"), SessionOptions{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	ctx := s.Context()
	b.ReportAllocs()
	for b.Loop() {
		if v, ok, err := s.GetVariable(ctx, "CALLERID(num)"); v != "5550100" || !ok || err != nil {
			b.Fatal(v, ok, err)
		}
	}
}

// The same without the goroutines: what the parsing costs.
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
		if r, err := l.reply(func() {}); r.Data != "5550100" || err != nil {
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
