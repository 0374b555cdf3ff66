package agitest

import (
	"fmt"
	"strings"
	"time"
)

// transcript is a call as text, read.
type transcript struct {
	env   *environment
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
	silence kind = '.' // for the time wait
	hangup  kind = 'h' // Asterisk sends HANGUP
	closing kind = 'c' // Asterisk closes
)

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
	if n := len(t.steps); n > 0 && t.steps[n-1].kind == closing {
		return fmt.Errorf("%q comes after the connection was closed", line)
	}
	mark, text, _ := strings.Cut(line, " ")
	text = strings.TrimSpace(text)
	s := step{line: number, text: text}
	switch {
	case mark == "env":
		if len(t.steps) > 0 {
			return fmt.Errorf("%q comes too late: the environment is sent first", line)
		}
		return t.env.set(text)
	case mark == ">" || mark == "<":
		s.kind = kind(mark[0])
	case mark == ".":
		wait, err := time.ParseDuration(text)
		if err != nil || wait < 0 {
			return fmt.Errorf("%q is no time, such as 30s or 1m30s", text)
		}
		s.kind, s.wait = silence, wait
	case line == "! hangup":
		s.kind = hangup
	case line == "! close":
		s.kind = closing
	default:
		return fmt.Errorf("%q is none of env, >, <, ., ! hangup, ! close, #", line)
	}
	t.steps = append(t.steps, s)
	return nil
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
