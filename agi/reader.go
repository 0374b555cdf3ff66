package agi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
)

// maxReply bounds one reply, with all its lines. Asterisk cuts function values at
// 1 KiB and plain variables come from command lines of 8 KiB, so this is far off.
const maxReply = 256 << 10

// errLineTooLong says that what connected sends more than any Asterisk would.
var errLineTooLong = errors.New("agi: line too long")

// envBuffer has room for the common environment while it is read. Replies are
// shorter.
type envBuffer struct{ buf, block [2048]byte }

var envBuffers = sync.Pool{New: func() any { return new(envBuffer) }}

// lineReader reads the lines that Asterisk writes. A read that fails, at a deadline
// for instance, loses nothing: the next call goes on where that one stopped.
type lineReader struct {
	src   io.Reader
	live  source    // src, unless that is but a text
	debug *debugLog // what was read is told to it, unless it is nil

	buf  []byte           // holds what came: next to end is still to be read
	next int              //
	seen int              // there is no newline between next and seen
	end  int              //
	env  *envBuffer       // buf's memory at first, from envBuffers
	less [idleBuffer]byte // buf's memory between replies

	block   []byte // the lines so far of a reply of several lines, nil when none is open
	partial bool   // more of the reply or environment is on its way
	skipped int    // bytes of lines that were left out since the last reply
	nowait  bool   // fail with os.ErrDeadlineExceeded where reading would wait
}

// idleBuffer is enough for most replies, and is what every session keeps.
const idleBuffer = 256

func (l *lineReader) init(r io.Reader) {
	l.src, l.env = r, envBuffers.Get().(*envBuffer)
	l.live, _ = r.(source)
	l.buf = l.env.buf[:]
}

// release gives large buffers back, but keeps what was not read yet.
func (l *lineReader) release() {
	l.partial = false
	rest := l.buf[l.next:l.end]
	if len(rest) > len(l.less) {
		rest = bytes.Clone(rest)
		l.buf = rest
	} else {
		l.buf = l.less[:]
		copy(l.buf, rest)
	}
	l.next, l.seen, l.end = 0, 0, len(rest)
	if l.env != nil {
		envBuffers.Put(l.env)
		l.env = nil
	}
}

// finish tells of what is left, for which no line is read any more.
func (l *lineReader) finish() {
	if l.debug != nil {
		l.debug.end(l.buf[l.next:l.end])
	}
}

// line returns the next line without its newline. It is valid until the next
// call. More than max bytes without a newline are an error.
func (l *lineReader) line(max int) ([]byte, error) {
	for {
		if i := bytes.IndexByte(l.buf[l.seen:l.end], '\n'); i >= 0 {
			line := l.buf[l.next : l.seen+i]
			if len(line) > max {
				return nil, fmt.Errorf("%w: %d bytes, more than %d", errLineTooLong, len(line), max)
			}
			l.seen += i + 1
			l.next = l.seen
			if l.debug != nil {
				l.debug.read(line)
			}
			return line, nil
		}
		l.seen = l.end
		if l.end-l.next > max {
			return nil, fmt.Errorf("%w: no end after %d bytes", errLineTooLong, max)
		}
		if err := l.fill(); err != nil {
			return nil, err
		}
	}
}

// fill reads once.
func (l *lineReader) fill() error {
	if l.live != nil && (l.partial || l.next < l.end) {
		l.live.acknowledge()
	}
	if l.nowait {
		if !l.poll() {
			return os.ErrDeadlineExceeded
		}
		return nil
	}
	l.room()
	n, err := l.src.Read(l.buf[l.end:])
	l.end += n
	if n > 0 {
		return nil
	}
	return err
}

// poll reads what has come by now and reports whether that was anything.
func (l *lineReader) poll() bool {
	if l.live == nil {
		return false
	}
	l.room()
	n := l.live.poll(l.buf[l.end:])
	l.end += n
	return n > 0
}

// room makes room at the end of the buffer.
func (l *lineReader) room() {
	switch {
	case l.next == l.end:
		if l.env == nil {
			l.buf = l.less[:] // lets go of what a long reply needed
		}
		l.next, l.seen, l.end = 0, 0, 0
		return
	case l.end < len(l.buf):
		return
	case l.next == 0:
		l.buf = append(make([]byte, 0, 2*len(l.buf)), l.buf...)
		l.buf = l.buf[:cap(l.buf)]
		return
	}
	copy(l.buf, l.buf[l.next:l.end])
	l.next, l.seen, l.end = 0, l.seen-l.next, l.end-l.next
}

// lineBuffered reports whether line would return without reading.
func (l *lineReader) lineBuffered() bool {
	return bytes.IndexByte(l.buf[l.next:l.end], '\n') >= 0
}

// reply reads the next reply into r, and calls hangup for each HANGUP line before it.
// Lines that are no reply are the rest of a value and are left out, as is code
// 100, by which GOSUB says that its reply will come.
//
// It and those that call it have r of the caller, as the stack of a call then stays
// within 4 KiB: growing it costs as much as a command.
func (l *lineReader) reply(r *Reply, hangup func()) error {
	l.partial = l.block != nil
	for {
		line, err := l.line(maxReply - len(l.block))
		if err != nil {
			return err
		}
		if l.block != nil {
			if l.endBlock(r, line, hangup) {
				l.partial, l.skipped = false, 0
				return nil
			}
			continue
		}
		l.partial = true
		if isHangup(line) {
			hangup()
		}
		code, ok := replyCode(line)
		switch {
		case !ok || code < codeSuccess:
			if err := l.skip(line); err != nil {
				return err
			}
			continue
		case code == codeUsage && len(line) > 3 && line[3] == '-', code == codeSuccess && valueOpen(line):
			l.block = bytes.Clone(line)
			continue
		}
		l.partial, l.skipped = false, 0
		r.parse(code, string(line))
		return nil
	}
}

// skip counts a line that is left out. Too many of them without a reply are an error.
func (l *lineReader) skip(line []byte) error {
	l.skipped += len(line) + 1
	if l.skipped > maxReply {
		return fmt.Errorf("%w: %d bytes without a reply", errLineTooLong, l.skipped)
	}
	return nil
}

// endBlock adds a line to the reply of several lines that is being read, and makes
// that r and reports true if the line is its last. The usage of code 520 began with "520-" and
// ends with "520 End of proper usage."; lines in between may look like replies, as
// GET VARIABLE's do, but no usage has a line that is but HANGUP. Anything else is a
// value that ends with its parenthesis.
func (l *lineReader) endBlock(r *Reply, line []byte, hangup func()) bool {
	usage := bytes.HasPrefix(l.block, []byte("520-"))
	switch {
	case usage && isHangup(line):
		hangup()
		return false
	case usage && bytes.HasPrefix(line, []byte("520 ")):
		*r = Reply{Code: codeUsage, Text: string(l.block[4:])}
		l.block = nil
		return true
	}
	l.block = append(append(l.block, '\n'), line...)
	if usage || valueOpen(l.block) {
		return false
	}
	r.parse(codeSuccess, string(l.block))
	l.block = nil
	return true
}

// rest takes what came together with a reply. Asterisk writes a reply at once and no
// second one before the next command, so what follows a value is a HANGUP, or, if it
// ends with a parenthesis, the rest of the value: one of its lines did, too. Taking a
// HANGUP now means that the hangup is known when the command returns.
func (l *lineReader) rest(r *Reply, hangup func()) {
	if l.next == l.end && l.end < len(l.buf) {
		return
	}
	if r.Code == codeSuccess && r.HasData {
		// What was read ended where the buffer did, and may go on.
		for full := l.end == len(l.buf); full && l.end < maxReply; {
			full = l.poll() && l.end == len(l.buf)
		}
		more := l.buf[l.next:l.end]
		for bytes.HasSuffix(more, []byte("\nHANGUP\n")) {
			more = more[:len(more)-len("HANGUP\n")]
		}
		if value, whole := bytes.CutSuffix(more, []byte(")\n")); whole {
			r.parse(r.Code, "200 "+r.Text+"\n"+string(value)+")")
			if l.debug != nil {
				l.debug.read(more[:len(more)-1])
			}
			l.next += len(more)
			l.seen = l.next
		}
	}
	l.drain(hangup)
}

// isHangup reports whether the line is the one by which Asterisk tells a hangup.
func isHangup(line []byte) bool { return string(line) == "HANGUP" }

// exchange reads once what came unasked. If nothing did, it writes a line, may wait for
// the answer, and reports true. An error of reading then comes again. It fails with
// errLineTooLong when too much came without a newline.
func (l *lineReader) exchange(line []byte, late *atomic.Bool) (wrote bool, err error) {
	if l.end-l.next > maxReply {
		return false, fmt.Errorf("%w: no end after %d bytes", errLineTooLong, maxReply)
	}
	l.room()
	n, wrote, err := l.live.exchange(line, l.buf[l.end:], late)
	l.end += n
	return wrote, err
}

// discard takes the lines that came while no reply was due: HANGUP, and the late rest
// of a value, however it looks.
func (l *lineReader) discard(hangup func()) {
	l.block = nil
	l.drain(hangup)
}

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
