package capture

import (
	"bytes"

	"github.com/pbxflow/pbxflow/ami"
)

const banner = "Asterisk Call Manager"

// splitter cuts a stream into messages at the same places as ami.Reader, which has no
// memory of their bytes. The bytes matter: Asterisk escapes some values.
type splitter struct {
	buf     []byte // begins with the current message
	lines   int    // its whole lines end here
	seen    int    // no line ends between lines and here
	headers bool   // it has a line
	named   bool   // it has a line with a name
	follows bool   // the output format of Asterisk 13 and older
	output  bool   // and its first bare line was seen
}

// add takes more of the stream.
func (s *splitter) add(p []byte) { s.buf = append(s.buf, p...) }

// next returns the next whole message with its blank line, nil when it needs more. The
// bytes are good until the next call of add.
func (s *splitter) next() ([]byte, error) {
	for {
		start := s.lines
		i := bytes.IndexByte(s.buf[s.seen:], '\n')
		if i < 0 {
			s.seen = len(s.buf)
			if s.seen > ami.MaxMessage {
				return nil, ami.ErrMessageTooLong
			}
			return nil, nil
		}
		s.lines = s.seen + i + 1
		s.seen = s.lines
		line := bytes.TrimRight(s.buf[start:s.lines-1], "\r")
		switch {
		case s.follows:
			s.bare(line)
		case len(line) > 0:
			s.header(line)
		default:
			message := s.buf[:s.lines]
			whole := s.headers
			*s = splitter{buf: s.buf[s.lines:]}
			if whole {
				return message, nil
			}
		}
	}
}

func (s *splitter) header(line []byte) {
	s.headers = true
	name, value, ok := cut(line)
	if ok && !s.named {
		s.named = true
		s.follows = string(name) == "Response" && string(value) == "Follows"
	}
}

// bare takes a line behind "Response: Follows".
func (s *splitter) bare(line []byte) {
	if !s.output {
		for _, name := range []string{"Privilege: ", "ActionID: ", "Message: "} {
			if bytes.HasPrefix(line, []byte(name)) {
				return
			}
		}
	}
	s.output = true
	s.follows = !bytes.HasSuffix(line, []byte("--END COMMAND--"))
}

// takeBanner returns the greeting if the stream begins with one. It is false for the
// second value as long as that cannot be told.
func (s *splitter) takeBanner() (line string, known bool) {
	n := min(len(s.buf), len(banner))
	if string(s.buf[:n]) != banner[:n] {
		return "", true
	}
	i := bytes.IndexByte(s.buf, '\n')
	if i < 0 {
		return "", len(s.buf) > ami.MaxLine
	}
	line = string(bytes.TrimRight(s.buf[:i], "\r"))
	s.buf = s.buf[i+1:]
	return line, true
}

// cut splits a line as ami.Reader does: the name ends at the first colon that a blank
// follows, or else at the first.
func cut(line []byte) (name, value []byte, ok bool) {
	colon := bytes.IndexByte(line, ':')
	if colon < 0 {
		return nil, line, false
	}
	if colon+1 < len(line) && line[colon+1] != ' ' {
		if i := bytes.Index(line[colon:], []byte(": ")); i >= 0 {
			colon += i
		}
	}
	return line[:colon], bytes.TrimPrefix(line[colon+1:], []byte(" ")), true
}
