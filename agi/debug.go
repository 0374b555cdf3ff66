package agi

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// debugLog writes down what is read and written. Methods are safe for concurrent use.
type debugLog struct {
	out io.Writer

	mu      sync.Mutex
	mask    mask
	channel string // "" while Asterisk has not said
	early   []string
}

func newDebugLog(out io.Writer, secret func(string) bool) *debugLog {
	if out == nil {
		return nil
	}
	if secret == nil {
		secret = LooksSecret
	}
	return &debugLog{out: out, mask: mask{secret: secret}}
}

// wrote tells of one line that was written, with its newline.
func (d *debugLog) wrote(line []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.log(">", d.mask.command(strings.TrimSuffix(string(line), "\n")))
}

// read tells of lines that were read, without the newline of the last.
func (d *debugLog) read(lines []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for line := range bytes.SplitSeq(lines, []byte("\n")) {
		d.log("<", d.mask.reply(string(line)))
		if d.channel != "" {
			continue
		}
		if name, known := strings.CutPrefix(string(line), "agi_channel: "); known {
			d.begin(name)
		}
	}
}

// end tells of what came in the end without a newline.
func (d *debugLog) end(rest []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.channel == "" {
		d.begin("-")
	}
	if len(rest) > 0 {
		d.log("<", d.mask.reply(string(rest))+" (no newline)")
	}
}

// begin writes what came before the channel was known, so that every line has it.
func (d *debugLog) begin(channel string) {
	d.channel = channel
	for _, line := range d.early {
		d.write(line)
	}
	d.early = nil
}

func (d *debugLog) log(direction, line string) {
	text := time.Now().Format("2006-01-02T15:04:05.000000Z07:00") + " %s " + direction + " " + visible(line) + "\n"
	if d.channel == "" {
		d.early = append(d.early, text)
		return
	}
	d.write(text)
}

func (d *debugLog) write(text string) {
	// Who watches the call must not disturb it, so an error is no reason to stop.
	_, _ = io.WriteString(d.out, strings.Replace(text, "%s", visible(d.channel), 1))
}

// visible escapes what would not be seen, or would make a line of its own.
func visible(text string) string {
	plain := func(r rune) bool { return unicode.IsPrint(r) && r != utf8.RuneError }
	if strings.IndexFunc(text, func(r rune) bool { return !plain(r) }) < 0 {
		return text
	}
	const hex = "0123456789abcdef"
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		if plain(r) {
			b.WriteString(text[:size])
		} else {
			for _, c := range []byte(text[:size]) {
				b.WriteString(`\x`)
				b.WriteByte(hex[c>>4])
				b.WriteByte(hex[c&15])
			}
		}
		text = text[size:]
	}
	return b.String()
}

// lockedWriter is the writer of a server's sessions, one of which writes at a time.
type lockedWriter struct {
	mu  *sync.Mutex
	out io.Writer
}

// lockedBy returns out for sessions that share it, nil if that is nil.
func lockedBy(mu *sync.Mutex, out io.Writer) io.Writer {
	if out == nil {
		return nil
	}
	return lockedWriter{mu, out}
}

func (w lockedWriter) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.Write(b)
}
