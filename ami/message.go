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
	text  string // every name and value, one behind the other
	spans []span
}

// span says where a field's name and value start in Message.text; the value ends
// where the next field's name starts.
type span struct{ name, value uint32 }

// NewMessage makes a message from names and values in turn; a last name without
// a value has the empty one. It is meant for tests and simulators.
func NewMessage(pairs ...string) Message {
	var b builder
	for i := 0; i < len(pairs); i += 2 {
		b.text = append(b.text, pairs[i]...)
		value := ""
		if i+1 < len(pairs) {
			value = pairs[i+1]
		}
		b.spans = append(b.spans, span{uint32(len(b.text) - len(pairs[i])), uint32(len(b.text))})
		b.text = append(b.text, value...)
	}
	return b.message()
}

// builder collects a message. Its memory is used again for the next one.
type builder struct {
	text  []byte
	spans []span
}

func (b *builder) reset() { b.text, b.spans = b.text[:0], b.spans[:0] }

// message copies what was collected: one allocation for the text, one for the spans.
func (b *builder) message() Message {
	spans := make([]span, len(b.spans))
	copy(spans, b.spans)
	return Message{string(b.text), spans}
}

// Len returns the number of fields.
func (m Message) Len() int { return len(m.spans) }

// At returns field i, from 0 to Len()-1.
func (m Message) At(i int) Field {
	s := m.spans[i]
	return Field{m.text[s.name:s.value], m.text[s.value:m.end(i)]}
}

func (m Message) end(i int) int {
	if i+1 < len(m.spans) {
		return int(m.spans[i+1].name)
	}
	return len(m.text)
}

// All iterates over names and values in the order in which they came.
func (m Message) All() iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for i := range m.spans {
			if f := m.At(i); !yield(f.Name, f.Value) {
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
	for i, s := range m.spans {
		if int(s.value-s.name) == len(name) && equalFold(m.text[s.name:s.value], name) {
			return m.text[s.value:m.end(i)], true
		}
	}
	return "", false
}

// Values returns the values of all fields of that name in order; nil when there
// are none.
func (m Message) Values(name string) []string {
	var values []string
	for i, s := range m.spans {
		if int(s.value-s.name) == len(name) && equalFold(m.text[s.name:s.value], name) {
			values = append(values, m.text[s.value:m.end(i)])
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
	for _, s := range m.spans {
		switch name := m.text[s.name:s.value]; {
		case len(name) == len("Event") && equalFold(name, "Event"):
			return true
		case len(name) == len("Response") && equalFold(name, "Response"):
			return false
		}
	}
	return false
}

// Event is something that happened, told by Asterisk unasked, or an item of a list.
type Event struct{ Message }

// NewEvent makes an event from its name, then names and values in turn. It is
// meant for tests and simulators.
func NewEvent(name string, pairs ...string) Event {
	return Event{NewMessage(append([]string{"Event", name}, pairs...)...)}
}

// Name returns the event's name as Asterisk spells it ("QueueCallerJoin").
func (e Event) Name() string { return e.Get("Event") }

// Response is Asterisk's answer to an action.
type Response struct{ Message }

// Text returns the answer's Message header: words for people, and different from
// version to version.
func (r Response) Text() string { return r.Get("Message") }

// Output returns the lines that a Command action printed, also those of
// Asterisk 13 and older.
func (r Response) Output() []string { return r.Values("Output") }

// ok reports whether the action succeeded. Versions before 13 answer some actions
// with words of their own (Pong, Follows), Logoff is answered by Goodbye.
func (r Response) ok() bool { return !strings.EqualFold(r.Get("Response"), "Error") }
