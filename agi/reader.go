package agi

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
)

// maxReply bounds one reply, with all its lines. Asterisk cuts function values at
// 1 KiB and plain variables come from command lines of 8 KiB, so this is far off.
const maxReply = 256 << 10

// errLineTooLong says that what connected sends more than any Asterisk would.
var errLineTooLong = errors.New("agi: line too long")

// readers are kept for later sessions: most of a session's memory is this buffer.
var readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, 2048) }}

// lineReader reads the lines that Asterisk writes.
type lineReader struct {
	br   *bufio.Reader
	long []byte // holds a line that did not fit in br
}

func newLineReader(r io.Reader) *lineReader {
	br := readers.Get().(*bufio.Reader)
	br.Reset(r)
	return &lineReader{br: br}
}

// release gives the buffer back. The lineReader must not be used afterwards.
func (l *lineReader) release() {
	l.br.Reset(nil)
	readers.Put(l.br)
	l.br = nil
}

// line returns the next line without its newline. It is valid until the next
// call. More than max bytes without a newline are an error, and not kept.
func (l *lineReader) line(max int) ([]byte, error) {
	l.long = l.long[:0]
	for {
		part, err := l.br.ReadSlice('\n')
		if len(l.long)+len(part) > max+1 {
			return nil, fmt.Errorf("%w: no end after %d bytes", errLineTooLong, max)
		}
		if err == nil && len(l.long) == 0 {
			return part[:len(part)-1], nil
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
		l.long = append(l.long, part...)
		if err == nil {
			return l.long[:len(l.long)-1], nil
		}
	}
}

// lineBuffered reports whether line would return without reading.
func (l *lineReader) lineBuffered() bool {
	n := l.br.Buffered()
	if n == 0 {
		return false
	}
	// Peek of what is buffered cannot fail.
	buffered, _ := l.br.Peek(n)
	return bytes.IndexByte(buffered, '\n') >= 0
}

// reply returns the next reply, and calls hangup for each HANGUP line before it.
// Lines that are no reply are the rest of a value and are left out, as is code
// 100, by which GOSUB says that its reply will come.
func (l *lineReader) reply(hangup func()) (Reply, error) {
	for {
		line, err := l.line(maxReply)
		if err != nil {
			return Reply{}, err
		}
		if isHangup(line) {
			hangup()
			continue
		}
		code, ok := replyCode(line)
		switch {
		case !ok || code < codeSuccess:
			continue
		case code == codeUsage && len(line) > 3 && line[3] == '-':
			return l.usage(line)
		case code == codeSuccess && valueOpen(line):
			return l.value(line)
		}
		return parseReply(code, string(line)), nil
	}
}

// usage reads a block that began with "520-" to its last line, "520 End of
// proper usage.". Lines in between may look like replies, as GET VARIABLE's do.
func (l *lineReader) usage(first []byte) (Reply, error) {
	text := bytes.Clone(first[4:])
	for {
		line, err := l.line(maxReply - len(text))
		if err != nil {
			return Reply{}, err
		}
		if bytes.HasPrefix(line, []byte("520 ")) {
			return Reply{Code: codeUsage, Text: string(text)}, nil
		}
		text = append(append(text, '\n'), line...)
	}
}

// value reads the rest of a value of several lines.
func (l *lineReader) value(first []byte) (Reply, error) {
	text := bytes.Clone(first)
	for {
		line, err := l.line(maxReply - len(text))
		if err != nil {
			return Reply{}, err
		}
		text = append(append(text, '\n'), line...)
		if !valueOpen(text) {
			return parseReply(codeSuccess, string(text)), nil
		}
	}
}

// isHangup reports whether the line is the one by which Asterisk tells a hangup.
func isHangup(line []byte) bool { return string(line) == "HANGUP" }

// drain reads the lines that already came and calls hangup for those that tell
// one. It never blocks.
func (l *lineReader) drain(hangup func()) {
	for l.lineBuffered() {
		// What is buffered with its newline cannot fail to be read.
		if line, err := l.line(maxReply); err == nil && isHangup(line) {
			hangup()
		}
	}
}
