package agitest

import (
	"fmt"
	"strings"
)

// Mismatch tells where a server left the transcript.
type Mismatch struct {
	Line    int      // the transcript's line, from 1; 0 after its end
	Want    string   // what the line says, without its mark
	Got     string   // what the server sent instead, "" for nothing
	Problem string   // what went wrong, in words
	Said    []string // the conversation before, with ">" for the server's lines and "<" for Asterisk's
}

// saidLines is how many lines of the conversation a message shows.
const saidLines = 12

// Error returns a message of several lines, for people.
func (m *Mismatch) Error() string {
	var b strings.Builder
	b.WriteString("agitest: ")
	if m.Line > 0 {
		fmt.Fprintf(&b, "transcript line %d: ", m.Line)
	}
	b.WriteString(m.Problem)
	if m.Got != "" {
		fmt.Fprintf(&b, "\n\t got: %s", m.Got)
	}
	if m.Want != "" {
		fmt.Fprintf(&b, "\n\twant: %s", m.Want)
	}
	if m.Got != "" && m.Want != "" {
		fmt.Fprintf(&b, "\n\t      %s^", strings.Repeat(" ", commonPrefix(m.Got, m.Want)))
	}
	said := m.Said
	if len(said) == 0 {
		b.WriteString("\n\tbefore that: only the environment")
		return b.String()
	}
	b.WriteString("\n\tbefore that:")
	if n := len(said) - saidLines; n > 0 {
		fmt.Fprintf(&b, "\n\t\t(%d lines)", n)
		said = said[n:]
	}
	for _, line := range said {
		b.WriteString("\n\t\t" + line)
	}
	return b.String()
}

// commonPrefix returns how many characters two texts begin with in common.
func commonPrefix(a, b string) int {
	n := 0
	bs := []rune(b)
	for _, r := range a {
		if n >= len(bs) || bs[n] != r {
			break
		}
		n++
	}
	return n
}
