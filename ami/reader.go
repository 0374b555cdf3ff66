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

	b        builder
	size     int    // bytes of the current message
	snapshot []byte // prefix of the channel snapshot that the lines belong to
	state
}

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
	r.size = 0
	line, err := r.line()
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
	r.b.reset()
	r.size = 0
	r.state = state{}
	for {
		line, err := r.line()
		switch {
		case errors.Is(err, io.EOF) && (len(r.b.spans) > 0 || r.size > 0):
			return Message{}, io.ErrUnexpectedEOF
		case err != nil:
			return Message{}, err
		case r.follows:
			r.output(line)
		case len(line) > 0:
			r.header(line)
		case len(r.b.spans) > 0:
			return r.b.message(), nil
		default: // a stray blank line
			r.size = 0
		}
	}
}

// header takes one line. The name ends at the first colon that a blank follows,
// for names may hold a colon themselves: ChanVariable(IAX2/10.0.0.1:4569-7). A line
// without any colon is kept under the empty name.
func (r *Reader) header(line []byte) {
	colon := bytes.IndexByte(line, ':')
	if colon >= 0 && colon+1 < len(line) && line[colon+1] != ' ' {
		if i := bytes.Index(line[colon:], []byte(": ")); i >= 0 {
			colon += i
		}
	}
	if colon < 0 {
		r.add(nil, line)
		return
	}
	name, value := line[:colon], line[colon+1:]
	if len(value) > 0 && value[0] == ' ' {
		value = value[1:]
	}
	r.add(name, value)
	if r.named {
		return
	}
	r.named = true
	switch string(name) {
	case "Event":
		r.isEvent, r.isVarSet = true, string(value) == "VarSet"
	case "Response":
		r.follows = string(value) == "Follows"
	}
}

func (r *Reader) add(name, value []byte) {
	start := len(r.b.text)
	r.b.text = append(r.b.text, name...)
	r.b.spans = append(r.b.spans, span{uint32(start), uint32(len(r.b.text))})
	if r.isEvent && len(name) > 0 {
		switch name[len(name)-1] { // cheap, and decides nearly always
		case 'c':
			if prefix, ok := snapshotPrefix(name); ok {
				r.snapshot, r.inShot = append(r.snapshot[:0], prefix...), true
			}
		case 'e':
			if r.escaped(name) && bytes.IndexByte(value, '\\') >= 0 {
				r.b.text = appendUnescaped(r.b.text, value)
				return
			}
		}
	}
	r.b.text = append(r.b.text, value...)
}

// escaped reports whether Asterisk escapes the value of this header of an event.
func (r *Reader) escaped(name []byte) bool {
	return r.inShot && escapedInSnapshot(name, r.snapshot) || r.isVarSet && string(name) == "Value"
}

// output takes a line of a Command's answer in the old format: after Privilege and
// ActionID come the bare lines, blank ones too, up to --END COMMAND--, which
// stands behind the last line without an end of its own when that had none.
func (r *Reader) output(line []byte) {
	const end = "--END COMMAND--"
	if !r.inOutput {
		for _, name := range []string{"Privilege: ", "ActionID: ", "Message: "} {
			if bytes.HasPrefix(line, []byte(name)) {
				r.header(line)
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
		r.add([]byte("Output"), last)
	}
}

// line returns the next line without its end; it is good until the next call.
func (r *Reader) line() ([]byte, error) {
	searched := r.pos
	for {
		if i := bytes.IndexByte(r.buf[searched:r.end], '\n'); i >= 0 {
			end := searched + i
			line := r.buf[r.pos:end]
			r.pos = end + 1
			r.size += len(line) + 1
			if r.size > MaxMessage {
				return nil, ErrMessageTooLong
			}
			for len(line) > 0 && line[len(line)-1] == '\r' {
				line = line[:len(line)-1]
			}
			return line, nil
		}
		pending := r.end - r.pos
		if err := r.fill(); err != nil {
			r.size += r.end - r.pos // what is left shows that a message was cut
			return nil, err
		}
		searched = r.pos + pending
	}
}

// fill reads more behind buf[pos:end], making room first.
func (r *Reader) fill() error {
	if r.err != nil {
		return r.err
	}
	if r.pos > 0 {
		r.end = copy(r.buf, r.buf[r.pos:r.end])
		r.pos = 0
	}
	if r.end == len(r.buf) {
		if len(r.buf) > MaxMessage {
			return ErrMessageTooLong
		}
		r.buf = append(r.buf, make([]byte, len(r.buf))...)
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
			events = append(events, Event{m})
		}
	}
}
