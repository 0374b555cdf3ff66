package ami

import "bytes"

// Asterisk writes some values with the escapes of C, so that a caller's name
// cannot forge a line: \a \b \f \n \r \t \v \\ \' \" \?. They are taken off in
// channel snapshots (CallerIDName, ConnectedLineName, ChanVariable) and in the
// Value of VarSet. The same names elsewhere are not escaped: QueueEntry and
// OriginateResponse hold the plain CallerIDName, and events raised through the
// older path write ChanVariable(channel).

// snapshotPrefix returns the prefix of the snapshot that the header begins and
// whether it begins one: "Dest" for DestChannelStateDesc, "" for ChannelStateDesc.
// That header stands before the escaped ones in each snapshot, and in no other place.
func snapshotPrefix(name []byte) (prefix []byte, ok bool) {
	const mark = "ChannelStateDesc"
	n := len(name) - len(mark)
	if n < 0 || string(name[n:]) != mark {
		return nil, false
	}
	return name[:n], true
}

// escapedInSnapshot reports whether a header of the snapshot with that prefix has
// a value with escapes.
func escapedInSnapshot(name, prefix []byte) bool {
	rest, ok := bytes.CutPrefix(name, prefix)
	if !ok {
		return false
	}
	switch string(rest) {
	case "CallerIDName", "ConnectedLineName", "ChanVariable":
		return true
	}
	return false
}

// appendUnescaped appends value without its escapes. A backslash before any other
// character stays, as does a last one.
func appendUnescaped(dst, value []byte) []byte {
	for i := 0; i < len(value); i++ {
		c := value[i]
		if c == '\\' && i+1 < len(value) {
			if plain, ok := unescape(value[i+1]); ok {
				c = plain
				i++
			}
		}
		dst = append(dst, c)
	}
	return dst
}

func unescape(c byte) (byte, bool) {
	switch c {
	case 'a':
		return '\a', true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'v':
		return '\v', true
	case '\\', '\'', '"', '?':
		return c, true
	}
	return 0, false
}
