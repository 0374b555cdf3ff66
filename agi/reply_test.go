package agi

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestReply(t *testing.T) {
	usage := "520-Invalid command syntax.  Proper usage follows:\n" +
		"Usage: GET VARIABLE <variablename>\n" +
		"200 result=1 (testvariable)\n\n" +
		"520 End of proper usage.\n"
	tests := []struct {
		name, in string
		want     Reply
		hangups  int
	}{
		{"plain", "200 result=0\n", Reply{Code: 200, Result: "0", Text: "result=0"}, 0},
		{"value", "200 result=1 (abc)\n", Reply{Code: 200, Result: "1", Data: "abc", HasData: true, Text: "result=1 (abc)"}, 0},
		{"empty value", "200 result=1 ()\n", Reply{Code: 200, Result: "1", HasData: true, Text: "result=1 ()"}, 0},
		{"parentheses in a value", "200 result=1 (a) endpos=(b)\n", Reply{Code: 200, Result: "1", Data: "a) endpos=(b", HasData: true, Text: "result=1 (a) endpos=(b)"}, 0},
		{"value not in UTF-8", "200 result=1 (J\xfcrgen)\n", Reply{Code: 200, Result: "1", Data: "J\xfcrgen", HasData: true, Text: "result=1 (J\xfcrgen)"}, 0},
		{"position", "200 result=49 endpos=8000\n", Reply{Code: 200, Result: "49", EndPos: 8000, Text: "result=49 endpos=8000"}, 0},
		{"text and position", "200 result=35 (dtmf) endpos=1200\n", Reply{Code: 200, Result: "35", Data: "dtmf", HasData: true, EndPos: 1200, Text: "result=35 (dtmf) endpos=1200"}, 0},
		{"digits", "200 result=0123\n", Reply{Code: 200, Result: "0123", Text: "result=0123"}, 0},
		{"star", "200 result=1*2\n", Reply{Code: 200, Result: "1*2", Text: "result=1*2"}, 0},
		{"only #", "200 result=\n", Reply{Code: 200, Text: "result="}, 0},
		{"timeout without digits", "200 result= (timeout)\n", Reply{Code: 200, Data: "timeout", HasData: true, Text: "result= (timeout)"}, 0},
		{"timeout with digits", "200 result=01 (timeout)\n", Reply{Code: 200, Result: "01", Data: "timeout", HasData: true, Text: "result=01 (timeout)"}, 0},
		{
			"a key in speech", "200 result=1 (digit) digit=5 endpos=0\n",
			Reply{Code: 200, Result: "1", Data: "digit", HasData: true, EndPos: 0, Text: "result=1 (digit) digit=5 endpos=0"},
			0,
		},
		{
			"speech", "200 result=1 (speech) endpos=7 results=1 score0=800 text0=\"yes\" grammar0=g\n",
			Reply{Code: 200, Result: "1", Data: "speech", HasData: true, EndPos: 7, Text: `result=1 (speech) endpos=7 results=1 score0=800 text0="yes" grammar0=g`},
			0,
		},
		{"gosub", "100 result=0 Trying...\n200 result=0 Gosub complete\n", Reply{Code: 200, Result: "0", Text: "result=0 Gosub complete"}, 0},
		{"unknown command", "510 Invalid or unknown command\n", Reply{Code: 510, Text: "Invalid or unknown command"}, 0},
		{"dead channel", "511 Command Not Permitted on a dead channel or intercept routine\n", Reply{Code: 511, Text: "Command Not Permitted on a dead channel or intercept routine"}, 0},
		{"usage", usage, Reply{Code: 520, Text: "Invalid command syntax.  Proper usage follows:\nUsage: GET VARIABLE <variablename>\n200 result=1 (testvariable)\n"}, 0},
		{
			"hangup in usage", strings.Replace(usage, "\n200", "\nHANGUP\n200", 1),
			Reply{Code: 520, Text: "Invalid command syntax.  Proper usage follows:\nUsage: GET VARIABLE <variablename>\n200 result=1 (testvariable)\n"},
			1,
		},
		{"usage of one line", "520 Invalid command syntax.  Proper usage not available.\n", Reply{Code: 520, Text: "Invalid command syntax.  Proper usage not available."}, 0},
		{"code alone", "503\n", Reply{Code: 503}, 0},
		{"hangup first", "HANGUP\n200 result=0\n", Reply{Code: 200, Result: "0", Text: "result=0"}, 1},
		{"two hangups first", "HANGUP\nHANGUP\n200 result=0\n", Reply{Code: 200, Result: "0", Text: "result=0"}, 2},
		{"value of two lines", "200 result=1 (a\nb)\n", Reply{Code: 200, Result: "1", Data: "a\nb", HasData: true, Text: "result=1 (a\nb)"}, 0},
		{"value that ends with a newline", "200 result=1 (a\n\n)\n", Reply{Code: 200, Result: "1", Data: "a\n\n", HasData: true, Text: "result=1 (a\n\n)"}, 0},
		{"rest of a value", "b)\n20\n200 result=2\n", Reply{Code: 200, Result: "2", Text: "result=2"}, 0},
		{"long value", "200 result=1 (" + strings.Repeat("x", 9000) + ")\n", Reply{Code: 200, Result: "1", Data: strings.Repeat("x", 9000), HasData: true, Text: "result=1 (" + strings.Repeat("x", 9000) + ")"}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// Every reply is read whole and byte by byte, and what follows stays.
			for _, r := range []io.Reader{strings.NewReader(tt.in + "200 result=7\n"), iotest.OneByteReader(strings.NewReader(tt.in + "200 result=7\n"))} {
				l := newLineReader(r)
				hangups := 0
				got, err := nextReply(l, func() { hangups++ })
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(got, tt.want); d != "" {
					t.Errorf("got - want +\n%s", d)
				}
				if hangups != tt.hangups {
					t.Errorf("got %d hangups, want %d", hangups, tt.hangups)
				}
				if next, err := nextReply(l, func() {}); err != nil || next.Result != "7" {
					t.Errorf("got %+v, %v for the next reply, want result 7", next, err)
				}
				l.release()
			}
		})
	}
}

func TestReplyWithoutEnd(t *testing.T) {
	for _, in := range []string{
		"", "200 result=0", "520-a\nb\n", "200 result=1 (a\n",
		strings.Repeat("x", maxReply+1) + "\n",
		"520-" + strings.Repeat("usage\n", maxReply/6),
		"200 result=1 (" + strings.Repeat("value\n", maxReply/6),
	} {
		l := newLineReader(strings.NewReader(in))
		if r, err := nextReply(l, func() {}); err == nil {
			t.Errorf("%.20q: got %+v, want an error", in, r)
		}
		if cap(l.buf) > 2*maxReply {
			t.Errorf("%.20q: %d bytes kept", in, cap(l.buf))
		}
		l.release()
	}
}

func TestReplyInt(t *testing.T) {
	if n, err := (Reply{Result: "-2"}).Int(); n != -2 || err != nil {
		t.Errorf("got %d, %v, want -2", n, err)
	}
	if _, err := (Reply{Result: "1*2"}).Int(); err == nil {
		t.Error("got no error for 1*2")
	}
}
