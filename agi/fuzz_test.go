package agi

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// Whatever comes, reading replies ends, and finds the same in one piece and byte
// by byte.
func FuzzReadReply(f *testing.F) {
	for _, seed := range []string{
		"200 result=1 (a)\n", "200 result=1 (a\nb)\n", "HANGUP\n200 result=-1\nHANGUP\n",
		"520-Usage\nx\n520 End of proper usage.\n", "100 result=0 Trying...\n200 result=0 Gosub complete\n",
		"200 result= (timeout)\n510 Invalid or unknown command\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		type outcome struct {
			replies []Reply
			hangups int
		}
		read := func(l *lineReader) (o outcome) {
			defer l.release()
			for {
				r, err := nextReply(l, func() { o.hangups++ })
				if err != nil {
					return o
				}
				if r.Code < codeSuccess || r.Code > 999 {
					t.Fatalf("got code %d", r.Code)
				}
				o.replies = append(o.replies, r)
			}
		}
		whole := read(newLineReader(bytes.NewReader(in)))
		pieces := read(newLineReader(iotest.OneByteReader(bytes.NewReader(in))))
		if whole.hangups != pieces.hangups || !slices.Equal(whole.replies, pieces.replies) {
			t.Errorf("got %+v in one piece, %+v in bytes", whole, pieces)
		}
	})
}

// Whatever comes, an environment is read or refused, and every name that it lists
// can be looked up.
func FuzzReadEnv(f *testing.F) {
	for _, seed := range []string{asteriskEnv, "a: \n\n", "agi_a\n\n", "agi_network_script: a%zz?b=%zz;\n\n", "agi_arg_1: a\nb\n\n", "agi_a: 1\nagi_a: 2\nagi_b\nc: d\n\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		l := newLineReader(bytes.NewReader(in))
		defer l.release()
		env, err := readEnv(l)
		if err != nil {
			return
		}
		values := make(map[string][]string)
		for name, value := range env.All() {
			if !strings.HasPrefix(name, envPrefix) {
				t.Errorf("got name %q", name)
			}
			values[name] = append(values[name], value)
		}
		for name, of := range values {
			if got := env.Get(name); !slices.Contains(of, got) {
				t.Errorf("%q: got %q, want one of %q", name, got, of)
			}
		}
		if !strings.HasPrefix(env.Path(), "/") {
			t.Errorf("got path %q", env.Path())
		}
		if env.Query() == nil {
			t.Error("got no query")
		}
	})
}

// Whatever the arguments are, Asterisk reads one line with the words that were
// meant, or the command is refused.
func FuzzEncodeCommand(f *testing.F) {
	f.Add("welcome", `"\`)
	f.Add("a\nHANGUP", "")
	f.Add("\r", "\x00")
	f.Fuzz(func(t *testing.T, a, b string) {
		line, err := appendCommand(nil, defaultMaxLine, "SET VARIABLE", []string{a, b})
		if err != nil {
			return
		}
		if len(line) > defaultMaxLine || bytes.Count(line, []byte("\n")) != 1 || line[len(line)-1] != '\n' {
			t.Fatalf("got %q, not one line that Asterisk reads", line)
		}
		got := splitWords(string(line[:len(line)-1]))
		if want := []string{"SET", "VARIABLE", a, b}; !slices.Equal(got, want) {
			t.Errorf("Asterisk reads %q, want %q", got, want)
		}
	})
}
