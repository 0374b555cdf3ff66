package ami

import (
	"iter"
	"strings"
)

// Field is one "Name: value" line.
type Field struct{ Name, Value string }

// Message is one block of lines as Asterisk sent it: ordered, with repeated
// names kept. Names are compared without regard to case. The zero Message is
// empty. A Message is immutable and may be copied and shared freely.
type Message struct {
	text  string // the fields, each as "name: value\r\n"
	spans []span
}

// span says where a field's name and value start in Message.text. Between them
// stands ": ", and "\r\n" between the value and the next field's name.
type span struct{ name, value uint32 }

const (
	separator = ": "
	lineEnd   = "\r\n"
)

// NewMessage makes a message from names and values in turn; a last name without
// a value has the empty one. It is meant for tests and simulators.
func NewMessage(pairs ...string) Message {
	var b builder
	for i := 0; i < len(pairs); i += 2 {
		b.begin([]byte(pairs[i]))
		if i+1 < len(pairs) {
			b.text = append(b.text, pairs[i+1]...)
		}
		b.text = append(b.text, lineEnd...)
	}
	return newMessage(string(b.text), b.spans)
}

// newMessage makes a message of a text and a copy of spans.
func newMessage(text string, spans []span) Message {
	kept := make([]span, len(spans))
	copy(kept, spans)
	return Message{text, kept}
}

// builder writes a message field by field.
type builder struct {
	text  []byte
	spans []span
}

// begin begins a field. The value, then lineEnd, are appended to text by the caller.
func (b *builder) begin(name []byte) {
	start := len(b.text)
	b.text = append(append(b.text, name...), separator...)
	b.spans = append(b.spans, span{uint32(start), uint32(len(b.text))})
}

// Len returns the number of fields.
func (m Message) Len() int { return len(m.spans) }

// At returns field i, from 0 to Len()-1.
func (m Message) At(i int) Field { return Field{m.name(i), m.value(i)} }

func (m Message) name(i int) string {
	return m.text[m.spans[i].name : int(m.spans[i].value)-len(separator)]
}

func (m Message) value(i int) string {
	end := len(m.text)
	if i+1 < len(m.spans) {
		end = int(m.spans[i+1].name)
	}
	return m.text[m.spans[i].value : end-len(lineEnd)]
}

// named reports whether field i has that name.
func (m Message) named(i int, name string) bool {
	s := m.spans[i]
	return int(s.value-s.name)-len(separator) == len(name) && equalFold(m.name(i), name)
}

// All iterates over names and values in the order in which they came.
func (m Message) All() iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for i := range m.spans {
			if !yield(m.name(i), m.value(i)) {
				return
			}
		}
	}
}

// Get returns the value of the first field of that name, or "".
func (m Message) Get(name string) string {
	value, _ := m.Lookup(name)
	return value
}

// Lookup returns the value of the first field of that name and whether there is one.
func (m Message) Lookup(name string) (string, bool) {
	for i := range m.spans {
		if m.named(i, name) {
			return m.value(i), true
		}
	}
	return "", false
}

// Values returns the values of all fields of that name in order; nil when there
// are none.
func (m Message) Values(name string) []string {
	var values []string
	for i := range m.spans {
		if m.named(i, name) {
			values = append(values, m.value(i))
		}
	}
	return values
}

// String returns the message as "Name: value" lines, for logs and diffs.
func (m Message) String() string {
	var b strings.Builder
	for name, value := range m.All() {
		b.WriteString(name)
		b.WriteString(": ")
		b.WriteString(value)
		b.WriteByte('\n')
	}
	return b.String()
}

// equalFold compares two texts of equal length, ignoring the case of ASCII
// letters, as Asterisk does.
func equalFold(a, b string) bool {
	if a == b {
		return true
	}
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}

// isEvent reports whether the message is an event: Event stands before any
// Response. Events such as OriginateResponse hold both.
func (m Message) isEvent() bool {
	for i := range m.spans {
		switch {
		case m.named(i, "Event"):
			return true
		case m.named(i, "Response"):
			return false
		}
	}
	return false
}
