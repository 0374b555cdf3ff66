package capture

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

const (
	timeHeader = "CaptureTime"
	timeForm   = "2006-01-02T15:04:05.000000Z07:00"

	// flushAfter and flushSize bound what a killed process loses.
	flushAfter = time.Second
	flushSize  = 256 << 10
)

// Options configure a Writer. The zero value redacts secrets only.
type Options struct {
	// Server is the name of the Asterisk server, for the marks.
	Server string
	// Numbers replaces phone numbers and people's names too; see [Redactor].
	Numbers bool
	// Gzip compresses. Create decides by the file's name instead.
	Gzip bool
}

// Stats tell what a Writer has written.
type Stats struct {
	Messages int   // of Asterisk, events among them
	Events   int   // events
	Bytes    int64 // on disk
	Sessions int   // how often Asterisk greeted; each one but the first comes after a gap
}

// Writer writes a capture. All methods may be called concurrently.
type Writer struct {
	opts Options

	mu     sync.Mutex // guards what follows
	dst    io.Writer
	closer io.Closer // of the file; nil if there is none
	redact *Redactor
	buf    bytes.Buffer // not yet written
	packed bytes.Buffer // buf, compressed
	zip    *gzip.Writer
	timer  *time.Timer // flushes; nil while buf is empty
	stats  Stats
	err    error
	closed bool
}

// NewWriter returns a Writer to dst. The caller closes dst, after Close.
func NewWriter(dst io.Writer, o Options) *Writer {
	w := &Writer{opts: o, dst: dst, redact: NewRedactor(o.Numbers)}
	if o.Gzip {
		w.zip, _ = gzip.NewWriterLevel(nil, gzip.BestSpeed) // fails only for a level that is none
	}
	return w
}

// Create makes a file that only its owner may read, and returns a Writer to it, which
// compresses if the name ends in .gz. A file that exists is an error.
func Create(path string, o Options) (*Writer, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	o.Gzip = strings.HasSuffix(path, ".gz")
	w := NewWriter(f, o)
	w.closer = f
	return w, nil
}

// Write adds a record, such as one of another capture: its Raw text with its time, or
// that of now. Its numbers and names are replaced if Options says so.
func (w *Writer) Write(r Record) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	at := r.Time
	if at.IsZero() {
		at = time.Now()
	}
	w.addLocked(r.Raw, at, r.Mark != "")
	return w.err
}

// addLocked adds one message with its blank line.
func (w *Writer) addLocked(raw []byte, at time.Time, mark bool) {
	if w.err != nil || w.closed {
		return
	}
	m := w.redact.raw(raw)
	m = append(m, timeHeader+": "...)
	m = at.UTC().AppendFormat(m, timeForm)
	m = append(m, "\r\n\r\n"...)
	w.buf.Write(m)
	if !mark {
		w.stats.Messages++
		if bytes.HasPrefix(m, []byte("Event:")) {
			w.stats.Events++
		}
	}
	switch {
	case w.buf.Len() >= flushSize:
		w.flushLocked()
	case w.timer == nil:
		w.timer = time.AfterFunc(flushAfter, func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.flushLocked()
		})
	}
}

// markLocked adds a mark; pairs are names and values.
func (w *Writer) markLocked(m Mark, pairs ...string) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "Capture: %s\r\n", m)
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			fmt.Fprintf(&b, "%s: %s\r\n", pairs[i], oneLine(pairs[i+1]))
		}
	}
	b.WriteString("\r\n")
	w.addLocked(b.Bytes(), time.Now(), true)
}

func oneLine(s string) string { return strings.NewReplacer("\r", " ", "\n", " ").Replace(s) }

// flushLocked writes what is waiting, in one write: compressed, it is a whole gzip
// file, of which several in a row are one as well.
func (w *Writer) flushLocked() {
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
	if w.buf.Len() == 0 || w.err != nil {
		return
	}
	out := &w.buf
	if w.zip != nil {
		out = &w.packed
		out.Reset()
		w.zip.Reset(out)
		_, err := w.zip.Write(w.buf.Bytes())
		if w.err = errors.Join(err, w.zip.Close()); w.err != nil {
			return
		}
	}
	n, err := w.dst.Write(out.Bytes())
	w.stats.Bytes += int64(n)
	if err != nil {
		w.err = fmt.Errorf("capture: %w", err)
	}
	w.buf.Reset()
}

// Err returns why writing failed, nil as long as it has not. After a failure nothing
// more is written.
func (w *Writer) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// Stats returns what has been written so far.
func (w *Writer) Stats() Stats {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stats
}

// Close writes what is waiting, and closes the file that Create made. What comes
// later is not written.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil
	}
	w.flushLocked()
	w.closed = true
	if w.closer != nil {
		w.err = errors.Join(w.err, w.closer.Close())
	}
	return w.err
}
