package agi

import (
	"fmt"
	"strings"
)

const (
	// defaultMaxLine is what every Asterisk reads as one line, newline included.
	// Since 20.16, 21.11, 22.6 and 23.0 it is 8191. What is longer is cut and the
	// rest run as a command of its own.
	defaultMaxLine = 2047

	// maxWords is how many words res_agi.c keeps; it drops or, when quoted,
	// writes past its array with more.
	maxWords = 127
)

// appendCommand appends the line for a command: the command's words as they are,
// every argument in quotes, a newline. Inside quotes Asterisk takes any character
// after a backslash for itself, so only `"` and `\` are escaped. It refuses with
// ErrBadArgument or ErrTooLong what Asterisk would read differently.
func appendCommand(line []byte, maxLine int, command string, args []string) ([]byte, error) {
	spaces, err := checkCommand(command)
	if err != nil {
		return line, err
	}
	if words := spaces + 1 + len(args); words > maxWords {
		return line, fmt.Errorf("%w: %s has %d words, Asterisk reads %d", ErrTooLong, command, words, maxWords)
	}
	start := len(line)
	line = append(line, command...)
	for i, arg := range args {
		line = append(line, ' ', '"')
		// One loop for all is faster than finding one thing after another.
		for j := range len(arg) {
			c := arg[j]
			switch c {
			case '\n', '\r', 0:
				return line, fmt.Errorf("%w: %s, argument %d, has %q at byte %d", ErrBadArgument, command, i+1, c, j)
			case '"', '\\':
				line = append(line, '\\')
			}
			line = append(line, c)
		}
		line = append(line, '"')
	}
	line = append(line, '\n')
	if n := len(line) - start; n > maxLine {
		return line, fmt.Errorf("%w: %s makes a line of %d bytes, Asterisk reads %d", ErrTooLong, command, n, maxLine)
	}
	return line, nil
}

// checkCommand refuses a command that is none, that would end the session, or that has
// bytes that no line can carry. Asterisk ends the line at a line feed, the string at a
// NUL, and keeps a carriage return as part of a word, where it makes commands and
// variables unknown without a sound. It returns how many spaces the command has.
func checkCommand(command string) (spaces int, err error) {
	for i := range len(command) {
		switch command[i] {
		case '\n', '\r', 0:
			return 0, fmt.Errorf("%w: command %q", ErrBadArgument, command)
		case ' ':
			spaces++
		}
	}
	const failure = "failure"
	switch {
	case strings.TrimSpace(command) == "":
		return 0, fmt.Errorf("%w: no command", ErrBadArgument)
	case len(command) >= len(failure) && strings.EqualFold(command[:len(failure)], failure):
		return 0, fmt.Errorf("%w: %q would end the session; return an error from the handler instead", ErrBadArgument, command)
	}
	return spaces, nil
}
