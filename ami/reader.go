package ami

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// MaxMessage is the size, in bytes, at which a message without an end is given up.
// The longest honest ones are outputs of Command ("dialplan show").
const MaxMessage = 64 << 20

// Reader reads the messages of a manager stream: a connection, or a capture of
// one. It takes what real servers send: lines that end with a bare LF, stray blank
// lines, any header name, any bytes, any split of the stream into reads. A Reader
// is for one goroutine.
type Reader struct {
	src io.Reader
	buf []byte // buf[pos:end] is read and not yet used
	pos int
	end int
	err error // of src, told once buf is used up

	// The current message. Its lines are left in buf, from start on, as long as they
	// are as Asterisk writes them: "name: value" CR LF. With the first other line the
	// message moves to b.text, which holds only such lines.
	start    int
	moved    bool
	b        builder
	size     int    // bytes read of it
	snapshot []byte // prefix of the channel snapshot that the lines belong to
	state
}

// bigText is the size above which the memory of a message is not kept for the next.
const bigText = 1 << 20

// state is what a Reader knows of the message so far.
type state struct {
	named    bool // a header was read
	isEvent  bool // the first header is Event
	isVarSet bool // Event: VarSet
	inShot   bool // the lines belong to a channel snapshot
	follows  bool // Response: Follows, the output format of Asterisk 13 and older
	inOutput bool // and its first bare line was read
}

// NewReader returns a Reader of src. It reads ahead.
func NewReader(src io.Reader) *Reader {
	return &Reader{src: src, buf: make([]byte, 64<<10)}
}

// ReadBanner reads the line with which Asterisk greets, such as
// "Asterisk Call Manager/11.0.0". A capture may begin with one as well.
func (r *Reader) ReadBanner() (string, error) {
	r.begin()
	line, _, err := r.line()
	if err != nil {
		return "", err
	}
	if !bytes.HasPrefix(line, []byte("Asterisk Call Manager")) {
		return "", fmt.Errorf("ami: not a manager: greeted by %.40q", line)
	}
	return string(line), nil
}

// ReadMessage reads the next message. At the end of the stream it returns io.EOF,
// or io.ErrUnexpectedEOF when the stream ends within a message: half a message is
// never returned.
func (r *Reader) ReadMessage() (Message, error) {
	r.begin()
	for {
		if r.named && !r.moved && !r.follows {
			r.usual()
		}
		at := r.pos - r.start // fill may move what is in buf
		line, regular, err := r.line()
		switch {
		case errors.Is(err, io.EOF) && (len(r.b.spans) > 0 || r.size > 0):
			return Message{}, io.ErrUnexpectedEOF
		case err != nil:
			return Message{}, err
		case r.follows:
			r.output(at, line)
		case len(line) > 0:
			r.header(at, line, regular)
		case len(r.b.spans) > 0:
			return r.message(at), nil
		default: // a stray blank line
			r.begin()
		}
	}
}

// begin makes ready for a message.
func (r *Reader) begin() {
	if cap(r.b.text) > bigText {
		r.b.text = nil
	}
	r.b.text, r.b.spans = r.b.text[:0], r.b.spans[:0]
	r.start, r.moved, r.size = r.pos, false, 0
	r.state = state{}
}

// message returns a copy of the message that ends at that offset.
func (r *Reader) message(at int) Message {
	if r.moved {
		return newMessage(string(r.b.text), r.b.spans)
	}
	return newMessage(string(r.buf[r.start:r.start+at]), r.b.spans)
}

// move copies what there is of the message, the first n bytes, out of buf.
func (r *Reader) move(n int) {
	if !r.moved {
		r.b.text = append(r.b.text[:0], r.buf[r.start:r.start+n]...)
		r.moved = true
	}
}

// ReadAll reads every event of a capture, skipping the banner and the answers.
func ReadAll(capture io.Reader) ([]Event, error) {
	r := NewReader(capture)
	var events []Event
	for {
		m, err := r.ReadMessage()
		if errors.Is(err, io.EOF) {
			return events, nil
		}
		if err != nil {
			return events, err
		}
		if m.isEvent() {
			events = append(events, Event{Message: m})
		}
	}
}
