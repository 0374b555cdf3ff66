package ami_test

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/ami"
)

// FuzzReadMessage: no panic, the same result however the stream is split, and no
// field lost: each line of what is no escaped value is found again.
func FuzzReadMessage(f *testing.F) {
	f.Add([]byte("Event: A\r\nChannelStateDesc: Up\r\nCallerIDName: O\\'B\r\n\r\n"))
	f.Add([]byte("Response: Follows\r\nActionID: 1\r\nx\n\n--END COMMAND--\r\n\r\n"))
	f.Add([]byte("Event: A\r\nTight:x\r\n\r\nEvent: B\nChanVariable(IAX2/1:2): a=b\n\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		whole, err := readAll(bytes.NewReader(in))
		bytewise, err2 := readAll(iotest.OneByteReader(bytes.NewReader(in)))
		if err != err2 || !cmp.Equal(whole, bytewise) {
			t.Fatalf("split changes the result: %v, %v\n%s", err, err2, cmp.Diff(whole, bytewise))
		}
		for _, m := range whole {
			if len(m) == 0 {
				t.Fatal("an empty message")
			}
			for _, field := range m {
				if strings.Contains(field[0], "\n") {
					t.Fatalf("a name with a line end: %q", field)
				}
			}
		}
	})
}

// FuzzMessage: a message is what it was made of, and what is written as Asterisk does
// reads back the same.
func FuzzMessage(f *testing.F) {
	f.Add("Event", "A", "ChanVariable(PJSIP/x)", "a=b", "_", "")
	f.Fuzz(func(t *testing.T, n1, v1, n2, v2, n3, v3 string) {
		want := [][2]string{{n1, v1}, {n2, v2}, {n3, v3}}
		m := ami.NewMessage(n1, v1, n2, v2, n3, v3)
		if got := fields(m); !slices.Equal(got, want) {
			t.Fatalf("got %q, want %q", got, want)
		}
		if got := m.Get(n1); got != v1 {
			t.Fatalf("Get(%q) %q, want %q", n1, got, v1)
		}
		if strings.EqualFold(n1, "Event") || strings.EqualFold(n1, "Response") || m.Len() != 3 {
			return // escapes, and the old output of commands, have their own rules
		}
		var wire strings.Builder
		for _, field := range want {
			if field[0] == "" || strings.ContainsAny(field[0], ":\r\n") || strings.ContainsAny(field[1], "\r\n") {
				return
			}
			wire.WriteString(field[0] + ": " + field[1] + "\r\n")
		}
		got, err := readAll(strings.NewReader(wire.String() + "\r\n"))
		if err != io.EOF || len(got) != 1 || !slices.Equal(got[0], want) {
			t.Fatalf("read back %q, %v, want %q", got, err, want)
		}
	})
}

// FuzzVariable: what EscapeVariable wrote arrives whole at a parser that does as
// Asterisk's, and Check counts one variable.
func FuzzVariable(f *testing.F) {
	f.Add("A", `a,b"c'd\e\(f[`)
	f.Add("CALLERID(name)", `"x, y"`)
	f.Fuzz(func(t *testing.T, name, value string) {
		a := ami.Action{Name: "Originate"}.WithVariable(name, value)
		if a.Check() != nil {
			return
		}
		parts := separate(a.Fields[0].Value)
		if want := name + "=" + value; len(parts) != 1 || parts[0] != want {
			t.Fatalf("arrives as %q, want %q", parts, want)
		}
	})
}

// separate takes a line apart as Asterisk does.
func separate(line string) []string {
	parts := []string{""}
	var parens, brackets int
	var quoted bool
	add := func(c byte) { parts[len(parts)-1] += string([]byte{c}) }
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\':
			if i++; i < len(line) {
				add(line[i])
			}
		case c == '"':
			quoted = !quoted
		case c == ',' && parens == 0 && brackets == 0 && !quoted:
			parts = append(parts, "")
		default:
			switch c {
			case '(':
				parens++
			case ')':
				parens = max(0, parens-1)
			case '[':
				brackets++
			case ']':
				brackets = max(0, brackets-1)
			}
			add(c)
		}
	}
	return parts
}
