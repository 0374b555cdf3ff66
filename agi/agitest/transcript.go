package agitest

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// transcript is a call as text, read.
type transcript struct {
	env   *environment
	split bool // every byte is written alone
	steps []step
}

// step is a line of a transcript that something happens at.
type step struct {
	line int // its number, from 1
	kind kind
	text string        // without the mark
	wait time.Duration // of a silence
}

type kind byte

const (
	expect  kind = '>' // the server sends text
	answer  kind = '<' // Asterisk sends text
	piece   kind = '-' // Asterisk sends text without a newline
	silence kind = '.' // for the time wait
	hangup  kind = 'h' // Asterisk sends HANGUP
	stall   kind = 's' // Asterisk says nothing more
	closing kind = 'c' // Asterisk closes
)

// marks are the words after "!".
var marks = map[string]kind{"hangup": hangup, "stall": stall, "close": closing}

// last reports whether nothing can follow a step.
func (k kind) last() bool { return k == stall || k == closing }

// said reports whether a step is something that Asterisk says.
func (k kind) said() bool { return k == answer || k == piece || k == hangup }

// parse reads a transcript. An error names the line.
func parse(text string) (*transcript, error) {
	t := &transcript{env: newEnvironment()}
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := t.add(number, line); err != nil {
			return nil, fmt.Errorf("agitest: transcript line %d: %w", number, err)
		}
	}
	return t, nil
}

func (t *transcript) add(number int, line string) error {
	if n := len(t.steps); n > 0 && t.steps[n-1].kind.last() {
		return fmt.Errorf("%q comes after Asterisk has ended the conversation", line)
	}
	mark, text, _ := strings.Cut(line, " ")
	text = strings.TrimSpace(text)
	s := step{line: number, text: text}
	var err error
	switch mark {
	case "env":
		if len(t.steps) > 0 {
			return fmt.Errorf("%q comes too late: the environment is sent first", line)
		}
		return t.env.set(text)
	case ">", "<":
		s.kind = kind(mark[0])
		s.text, err = unquote(text)
	case "<-":
		s.kind = piece
		s.text, err = unquote(text)
	case ".":
		s.kind = silence
		if s.wait, err = time.ParseDuration(text); err != nil || s.wait < 0 {
			return fmt.Errorf("%q is no time, such as 30s or 1m30s", text)
		}
	case "!":
		if text == "split" {
			t.split = true
			return nil
		}
		s.kind = marks[text]
	}
	if s.kind == 0 {
		return fmt.Errorf("%q is none of env, >, <, <-, ., ! hangup, ! split, ! stall, ! close, #", line)
	}
	t.steps = append(t.steps, s)
	return err
}

// unquote returns what a text stands for: one in quotes may hold anything.
func unquote(text string) (string, error) {
	if !strings.HasPrefix(text, `"`) {
		return text, nil
	}
	plain, err := strconv.Unquote(text)
	if err != nil {
		return "", fmt.Errorf("%s is not a text in quotes, as Go has them", text)
	}
	return plain, nil
}

// quote is the opposite of unquote: it returns how a text is written down.
func quote(text string) string {
	plain := text == strings.TrimSpace(text) && !strings.HasPrefix(text, `"`) && utf8.ValidString(text)
	if plain && !strings.ContainsFunc(text, unicode.IsControl) {
		return text
	}
	return strconv.Quote(text)
}

// matches reports whether a command is what a pattern with * stands for.
func matches(pattern, command string) bool {
	if pattern == command {
		return true
	}
	first, rest, star := strings.Cut(pattern, "*")
	if !star || !strings.HasPrefix(command, first) {
		return false
	}
	command = command[len(first):]
	for {
		part, after, star := strings.Cut(rest, "*")
		if !star {
			return strings.HasSuffix(command, part)
		}
		i := strings.Index(command, part)
		if i < 0 {
			return false
		}
		command, rest = command[i+len(part):], after
	}
}
