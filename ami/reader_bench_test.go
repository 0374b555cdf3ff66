package ami_test

import (
	"bytes"
	"io"
	"os"
	"testing"

	"github.com/pbxflow/pbxflow/ami"
)

// load returns at least n real messages without the banner, and their number.
func load(tb testing.TB, n int) (stream []byte, messages int) {
	tb.Helper()
	capture, err := os.ReadFile("testdata/stream.ami")
	if err != nil {
		tb.Fatal(err)
	}
	_, capture, _ = bytes.Cut(capture, []byte("\r\n"))
	each := bytes.Count(capture, []byte("\r\n\r\n"))
	times := (n + each - 1) / each
	return bytes.Repeat(capture, times), times * each
}

func BenchmarkReadMessage(b *testing.B) {
	stream, messages := load(b, 3000)
	b.SetBytes(int64(len(stream) / messages))
	b.ReportAllocs()
	src := bytes.NewReader(stream)
	r := ami.NewReader(src)
	for b.Loop() {
		_, err := r.ReadMessage()
		if err == io.EOF {
			src.Reset(stream)
			r = ami.NewReader(src)
		} else if err != nil {
			b.Fatal(err)
		}
	}
}
