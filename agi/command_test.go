package agi

import (
	"errors"
	"strings"
	"testing"
)

func TestAppendCommand(t *testing.T) {
	long := strings.Repeat("x", 2048)
	many := make([]string, 127)
	tests := []struct {
		name, command string
		args          []string
		want          string
		err           error
	}{
		{"no arguments", "ANSWER", nil, "ANSWER\n", nil},
		{"arguments", "STREAM FILE", []string{"welcome", "12"}, `STREAM FILE "welcome" "12"` + "\n", nil},
		{"empty argument", "STREAM FILE", []string{"welcome", ""}, `STREAM FILE "welcome" ""` + "\n", nil},
		{"quotes and backslashes", "VERBOSE", []string{`say "hi" \n`}, `VERBOSE "say \"hi\" \\n"` + "\n", nil},
		{"backslash last", "NOOP", []string{`a\`}, `NOOP "a\\"` + "\n", nil},
		{"tab, comma, UTF-8", "SET VARIABLE", []string{"A", "a\tb,č\u00a0'c'"}, "SET VARIABLE \"A\" \"a\tb,č\u00a0'c'\"\n", nil},
		{"raw words", "EXEC Dial PJSIP/100", nil, "EXEC Dial PJSIP/100\n", nil},
		{"line feed", "VERBOSE", []string{"a\nHANGUP"}, "", ErrBadArgument},
		{"carriage return", "VERBOSE", []string{"a\r"}, "", ErrBadArgument},
		{"NUL", "VERBOSE", []string{"a\x00"}, "", ErrBadArgument},
		{"line feed in the command", "NOOP\nHANGUP", nil, "", ErrBadArgument},
		{"nothing", "", nil, "", ErrBadArgument},
		{"blank", "  ", nil, "", ErrBadArgument},
		{"failure", "Failure", nil, "", ErrBadArgument},
		{"failure with a tail", "FAILURES", nil, "", ErrBadArgument},
		{"failure, indented", " failure", nil, " failure\n", nil},
		{"too long", "NOOP", []string{long}, "", ErrTooLong},
		{"as long as can be", "NOOP", []string{long[:2047-8]}, `NOOP "` + long[:2047-8] + "\"\n", nil},
		{"one more", "NOOP", []string{long[:2047-7]}, "", ErrTooLong},
		{"too many words", "NOOP", many, "", ErrTooLong},
		{"as many words as can be", "NOOP", many[:126], "NOOP" + strings.Repeat(` ""`, 126) + "\n", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := appendCommand(nil, defaultMaxLine, tt.command, tt.args)
			if !errors.Is(err, tt.err) {
				t.Fatalf("got error %v, want %v", err, tt.err)
			}
			if err == nil && string(got) != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// splitWords reads a line as res_agi.c does: quotes group, a backslash takes the
// next character for itself.
func splitWords(line string) []string {
	var words []string
	var word strings.Builder
	quoted, escaped, inWord := false, false, false
	for i := range len(line) {
		c := line[i]
		switch {
		case escaped:
			escaped = false
		case c == '"':
			if !quoted {
				inWord = true
			}
			quoted = !quoted
			continue
		case c == '\\':
			escaped, inWord = true, true
			continue
		case !quoted && (c == ' ' || c == '\t'):
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
			continue
		}
		inWord = true
		word.WriteByte(c)
	}
	if inWord {
		words = append(words, word.String())
	}
	return words
}
