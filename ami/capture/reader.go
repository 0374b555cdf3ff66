package capture

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// Mark says what a record tells of the recording itself.
type Mark string

// Marks of a capture. A message of Asterisk has the empty one.
const (
	Connected    Mark = "connected"
	Disconnected Mark = "disconnected"
)

// Record is one message of a capture.
type Record struct {
	// Time is when the message came; zero if the capture does not say.
	Time time.Time
	// Mark is what happened to the recording; empty for a message of Asterisk.
	Mark Mark
	// Message is the message as ami.Reader reads it, without the time of the capture.
	Message ami.Message
	// Raw is the text that Asterisk sent, with the blank line at its end; for a mark
	// that of the mark. It belongs to the caller.
	Raw []byte
}

// Event returns the event that the record holds, and whether it holds one.
func (r Record) Event() (ami.Event, bool) {
	if r.Mark != "" {
		return ami.Event{}, false
	}
	for name := range r.Message.All() {
		switch {
		case strings.EqualFold(name, "Event"):
			return ami.Event{Message: r.Message}, true
		case strings.EqualFold(name, "Response"):
			return ami.Event{}, false
		}
	}
	return ami.Event{}, false
}

// Reader reads a capture. It is for one goroutine.
type Reader struct {
	src       io.Reader
	chunk     []byte
	split     splitter
	begun     bool
	err       error // of src
	raw       feed
	messages  *ami.Reader // of raw
	truncated bool
}

// feed gives an ami.Reader one message after the other.
type feed struct{ bytes.Buffer }

// NewReader returns a Reader of a capture, compressed or not. It reads ahead.
func NewReader(src io.Reader) *Reader {
	r := &Reader{src: Text(src), chunk: make([]byte, 32<<10)}
	r.messages = ami.NewReader(&r.raw)
	return r
}

// Text returns the text of a capture, compressed or not, for example for ami.ReadAll.
func Text(src io.Reader) io.Reader { return &text{src: src} }

// text decides at its first read, so that making one cannot fail.
type text struct{ src, plain io.Reader }

func (t *text) Read(p []byte) (int, error) {
	if t.plain == nil {
		b := bufio.NewReader(t.src)
		t.plain = b
		if magic, _ := b.Peek(2); string(magic) == "\x1f\x8b" { // an error comes again below
			z, err := gzip.NewReader(b)
			if err != nil {
				return 0, err
			}
			t.plain = z
		}
	}
	return t.plain.Read(p)
}

// Next returns the next record, and io.EOF at the end. Half a message at the end, as
// a recording leaves it that was cut off, is no error; see Truncated.
func (r *Reader) Next() (Record, error) {
	if !r.begun {
		if err := r.skipBanner(); err != nil {
			return Record{}, err
		}
	}
	for {
		raw, err := r.split.next()
		if err != nil {
			return Record{}, fmt.Errorf("capture: %w", err)
		}
		if raw != nil {
			return r.record(raw)
		}
		if err := r.fill(); err != nil {
			r.truncated = r.truncated || len(r.split.buf) > 0
			return Record{}, err
		}
	}
}

// Truncated reports, after io.EOF, whether the capture ends within a message.
func (r *Reader) Truncated() bool { return r.truncated }

// skipBanner leaves out the greeting of a stream that was saved as it came.
func (r *Reader) skipBanner() error {
	for {
		_, known := r.split.takeBanner()
		if known && (len(r.split.buf) > 0 || r.err != nil) {
			r.begun = true
			return nil
		}
		if err := r.fill(); errors.Is(err, io.EOF) {
			r.begun = true
			return nil
		} else if err != nil {
			return err
		}
	}
}

func (r *Reader) fill() error {
	if r.err != nil {
		return r.err
	}
	n, err := r.src.Read(r.chunk)
	r.split.add(r.chunk[:n])
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF): // of a compressed file that was cut
		r.truncated = true
		r.err = io.EOF
	case errors.Is(err, io.EOF):
		r.err = io.EOF
	case err != nil:
		r.err = fmt.Errorf("capture: %w", err)
	}
	if n > 0 {
		return nil
	}
	return r.err
}

func (r *Reader) record(raw []byte) (Record, error) {
	raw, at := takeTime(raw)
	r.raw.Write(raw) // never fails
	m, err := r.messages.ReadMessage()
	if err != nil {
		return Record{}, fmt.Errorf("capture: %w", err)
	}
	rec := Record{Time: at, Message: m, Raw: bytes.Clone(raw)}
	if first := m.At(0); first.Name == "Capture" {
		rec.Mark = Mark(first.Value)
	}
	if _, ok := rec.Event(); ok && at.IsZero() {
		rec.Time = timestamp(m.Get("Timestamp"))
	}
	return rec, nil
}

// takeTime takes the line with the time off the end of a message.
func takeTime(raw []byte) ([]byte, time.Time) {
	lines := bytes.TrimRight(raw, "\r\n")
	start := bytes.LastIndexByte(lines, '\n') + 1
	value, ok := bytes.CutPrefix(lines[start:], []byte(timeHeader+": "))
	if !ok || start == 0 {
		return raw, time.Time{}
	}
	at, err := time.Parse(timeForm, string(value))
	if err != nil {
		return raw, time.Time{} // somebody else's
	}
	return append(raw[:start:start], "\r\n"...), at
}

// timestamp reads Asterisk's own time of an event, "1795229978.373316".
func timestamp(text string) time.Time {
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || !(seconds >= 1 && seconds <= 1e11) { // NaN neither
		return time.Time{}
	}
	return time.UnixMicro(int64(seconds * 1e6)).UTC()
}

// ReadAll reads all records of a capture. After an error it returns those before it.
func ReadAll(src io.Reader) ([]Record, error) {
	r := NewReader(src)
	var records []Record
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return records, nil
		}
		if err != nil {
			return records, err
		}
		records = append(records, rec)
	}
}

// ReadFile is ReadAll for a file.
func ReadFile(path string) ([]Record, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	records, err := ReadAll(f)
	return records, errors.Join(err, f.Close())
}
