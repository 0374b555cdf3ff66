package agi

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// Codes of replies, as res_agi.c writes them.
const (
	codeSuccess     = 200
	codeDeadChannel = 511
	codeUsage       = 520
)

// Reply is Asterisk's answer to one command. The zero Reply is no answer.
// A Reply is a value of its own and may be kept.
type Reply struct {
	// Code is 200 for every command that ran, whether it succeeded or not.
	Code int

	// Result is what stands after "result=", as text: "0", "-1", for GET DATA the
	// digits themselves ("0123", "1*2", ""). Empty for codes other than 200.
	Result string

	// Data is the text in parentheses: a variable's value, "timeout", "hangup".
	// It may hold several lines.
	Data string

	// HasData tells an empty value, "()", from none.
	HasData bool

	// EndPos is where the playing or recording stopped: samples, but milliseconds
	// for CONTROL STREAM FILE. Zero when the reply has no position.
	EndPos int64

	// Text is the whole reply after the code. For code 520 it is the usage.
	Text string
}

// Int returns the result as a number. The error names the result that is none.
func (r Reply) Int() (int, error) {
	n, err := strconv.Atoi(r.Result)
	if err != nil {
		return 0, fmt.Errorf("agi: result %q is not a number", r.Result)
	}
	return n, nil
}

// failed reports whether the result is the -1 by which Asterisk tells a hangup
// or an error.
func (r Reply) failed() bool { return r.Result == "-1" }

// replyCode returns the code at the start of a line and whether the line looks
// like a reply at all: three digits and then a space, a dash or the end.
func replyCode(line []byte) (code int, ok bool) {
	if len(line) < 3 || len(line) > 3 && line[3] != ' ' && line[3] != '-' {
		return 0, false
	}
	for _, c := range line[:3] {
		if c < '0' || c > '9' {
			return 0, false
		}
		code = code*10 + int(c-'0')
	}
	return code, code >= 100
}

// valueOpen reports whether a line of code 200 begins a value that goes on in
// the next line: Asterisk writes values raw, so `200 result=1 (a` may be followed
// by `b)`.
func valueOpen(line []byte) bool {
	const start = "200 result="
	if len(line) < len(start) || string(line[4:len(start)]) != start[4:] {
		return false
	}
	space := bytes.IndexByte(line[len(start):], ' ')
	rest := line[len(start)+space+1:]
	if space < 0 || len(rest) == 0 || rest[0] != '(' {
		return false
	}
	return rest[len(rest)-1] != ')' && !bytes.Contains(rest, []byte(") endpos=")) &&
		!bytes.HasPrefix(rest, []byte("(digit) digit=")) // SPEECH RECOGNIZE, ended by a key
}

// parse reads the forms
//
//	200 result=N
//	200 result=N (text)
//	200 result=N endpos=S
//	200 result=N (text) endpos=S
//	200 result=N (digit) digit=D endpos=S
//	200 result=N free text
//
// and for other codes keeps the text. The line has no newline at its end.
func (r *Reply) parse(code int, line string) {
	*r = Reply{Code: code}
	if len(line) > 4 {
		r.Text = line[4:]
	}
	rest, ok := strings.CutPrefix(r.Text, "result=")
	if !ok || code != codeSuccess {
		return
	}
	r.Result, rest, _ = strings.Cut(rest, " ")
	if strings.HasPrefix(rest, "(") {
		// A value may contain anything, so a line that ends with a parenthesis
		// is all value. Otherwise a word of Asterisk's own comes first.
		if strings.HasSuffix(rest, ")") {
			r.Data, rest = rest[1:len(rest)-1], ""
		} else if data, after, found := strings.Cut(rest[1:], ") "); found {
			r.Data, rest = data, after
		} else {
			r.Data, rest = rest[1:], ""
		}
		r.HasData = true
	}
	if pos, found := strings.CutPrefix(rest, "endpos="); found {
		pos, _, _ = strings.Cut(pos, " ")
		// A position that is no number is as good as none.
		r.EndPos, _ = strconv.ParseInt(pos, 10, 64)
	}
}
