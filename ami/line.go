package ami

import (
	"bytes"
	"io"
)

// line returns the next line without its end, and whether that is CR LF; the line is
// good until the next call.
func (r *Reader) line() (line []byte, regular bool, err error) {
	searched := r.pos
	for {
		if i := bytes.IndexByte(r.buf[searched:r.end], '\n'); i >= 0 {
			end := searched + i
			line := r.buf[r.pos:end]
			r.pos = end + 1
			r.size += len(line) + 1
			if r.size > MaxMessage {
				return nil, false, ErrMessageTooLong
			}
			returns := 0
			for len(line) > 0 && line[len(line)-1] == '\r' {
				line = line[:len(line)-1]
				returns++
			}
			return line, returns == 1, nil
		}
		pending := r.end - r.pos
		if err := r.fill(); err != nil {
			r.size += r.end - r.pos // what is left shows that a message was cut
			return nil, false, err
		}
		searched = r.pos + pending
	}
}

// fill reads more behind buf[:end], making room first.
func (r *Reader) fill() error {
	if r.err != nil {
		return r.err
	}
	r.makeRoom()
	if r.end-r.pos > MaxMessage {
		return ErrMessageTooLong
	}
	for range 100 { // as bufio: a source that never gives nor fails is broken
		n, err := r.src.Read(r.buf[r.end:])
		r.end += n
		r.err = err
		if n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// makeRoom moves what is still needed to the front of buf. Only a line that does
// not fit makes buf larger: a long message moves out instead.
func (r *Reader) makeRoom() {
	if r.start == 0 && r.end == len(r.buf) {
		r.move(r.pos)
	}
	keep := r.start
	if r.moved {
		keep = r.pos
	}
	if keep > 0 {
		r.end = copy(r.buf, r.buf[keep:r.end])
		r.pos -= keep
		r.start = 0
	}
	if r.end == len(r.buf) {
		r.buf = append(r.buf, make([]byte, len(r.buf))...)
	}
}
