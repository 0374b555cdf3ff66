package ami

import "bytes"

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
