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

// usual takes the lines that Asterisk writes nearly always, as far as they are in buf:
// they stay where they are, so their places are all there is to note. It does nothing
// that header would not do, only faster.
func (r *Reader) usual() {
	buf := r.buf[r.start:r.end]
	at := r.pos - r.start
	spans := r.b.spans
	for {
		end := bytes.IndexByte(buf[at:], '\n') - len("\r")
		if end < 1 || buf[at+end] != '\r' || buf[at+end-1] == '\r' {
			break
		}
		line := buf[at : at+end]
		colon := bytes.IndexByte(line, ':')
		if colon < 0 || colon+1 >= end || line[colon+1] != ' ' {
			break
		}
		if r.isEvent && r.escaped(line[:colon]) && bytes.IndexByte(line, '\\') >= 0 {
			break
		}
		spans = append(spans, span{uint32(at), uint32(at + colon + len(separator))})
		at += end + len(lineEnd)
	}
	r.size += at - (r.pos - r.start)
	r.pos = r.start + at
	r.b.spans = spans
}

// header takes one line, which begins at that offset of the message. The name ends
// at the first colon that a blank follows, for names may hold a colon themselves:
// ChanVariable(IAX2/10.0.0.1:4569-7). A line without any colon is kept under the
// empty name.
func (r *Reader) header(at int, line []byte, regular bool) {
	colon := bytes.IndexByte(line, ':')
	if colon >= 0 && colon+1 < len(line) && line[colon+1] != ' ' {
		if i := bytes.Index(line[colon:], []byte(separator)); i >= 0 {
			colon += i
		}
	}
	if colon < 0 {
		r.rewrite(at, nil, line, false)
		return
	}
	name, value := line[:colon], line[colon+1:]
	if len(value) > 0 && value[0] == ' ' {
		value = value[1:]
	} else {
		regular = false
	}
	switch escaped := r.isEvent && r.escaped(name) && bytes.IndexByte(value, '\\') >= 0; {
	case regular && !escaped && !r.moved:
		r.b.spans = append(r.b.spans, span{uint32(at), uint32(at + colon + len(separator))})
	default:
		r.rewrite(at, name, value, escaped)
	}
	if !r.named {
		r.first(name, value)
	}
}

// first takes the first header, which says what the message is.
func (r *Reader) first(name, value []byte) {
	r.named = true
	switch string(name) {
	case "Event":
		r.isEvent, r.isVarSet = true, string(value) == "VarSet"
	case "Response":
		r.follows = string(value) == "Follows"
	}
}

// rewrite adds a field whose line cannot stay as it is, or that comes behind one.
func (r *Reader) rewrite(at int, name, value []byte, escaped bool) {
	r.move(at)
	r.b.begin(name)
	if escaped {
		r.b.text = appendUnescaped(r.b.text, value)
	} else {
		r.b.text = append(r.b.text, value...)
	}
	r.b.text = append(r.b.text, lineEnd...)
}

// escaped reports whether Asterisk escapes the value of this header of an event. It
// also takes note of the headers that begin a channel snapshot.
func (r *Reader) escaped(name []byte) bool {
	if len(name) == 0 {
		return false
	}
	switch name[len(name)-1] { // cheap, and decides nearly always
	case 'c':
		if prefix, ok := snapshotPrefix(name); ok {
			r.snapshot, r.inShot = append(r.snapshot[:0], prefix...), true
		}
	case 'e':
		return r.inShot && escapedInSnapshot(name, r.snapshot) || r.isVarSet && string(name) == "Value"
	}
	return false
}

// output takes a line of a Command's answer in the old format: after Privilege and
// ActionID come the bare lines, blank ones too, up to --END COMMAND--, which
// stands behind the last line without an end of its own when that had none.
func (r *Reader) output(at int, line []byte) {
	const end = "--END COMMAND--"
	if !r.inOutput {
		for _, name := range []string{"Privilege: ", "ActionID: ", "Message: "} {
			if bytes.HasPrefix(line, []byte(name)) {
				r.header(at, line, false)
				return
			}
		}
	}
	r.inOutput = true
	last, found := bytes.CutSuffix(line, []byte(end))
	if found {
		r.follows = false // what is left is the blank line behind
	}
	if !found || len(last) > 0 {
		r.rewrite(at, []byte("Output"), last, false)
	}
}

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
