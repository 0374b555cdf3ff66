package amitest

import (
	"fmt"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/terse"
)

// step is one thing that happens in a script.
type step struct {
	line   int // where it begins, from 1
	kind   kind
	text   string        // as written
	action ami.Action    // of expect
	pairs  []string      // of message
	wait   time.Duration // of silence
	do     func(*Server) // of control
}

type kind int

const (
	expect  kind = iota // an action must come
	message             // Asterisk sends a message
	silence
	control // something fails, or works again
)

var controls = map[string]func(*Server){
	"drop": (*Server).Drop, "stall": (*Server).Stall, "resume": (*Server).Resume,
}

// parseScript reads a script. An error names the line.
func parseScript(script string) ([]step, error) {
	var steps []step
	number, open, asked := 0, false, false
	for line := range strings.Lines(script) {
		number++
		line = strings.TrimSpace(line)
		s := step{line: number, text: line}
		mark, rest, _ := strings.Cut(line, " ")
		rest = strings.TrimSpace(rest)
		var err error
		switch mark {
		case "":
			open = false
			continue
		case "#":
			continue
		case ">":
			s.kind, asked = expect, true
			s.action, err = terse.Parse(rest)
		case ".":
			s.kind = silence
			if s.wait, err = time.ParseDuration(rest); err != nil || s.wait < 0 {
				err = fmt.Errorf("%q is no time, such as 30s or 1m30s", rest)
			}
		case "!":
			s.kind = control
			if s.do = controls[rest]; s.do == nil {
				err = fmt.Errorf("%q is none of ! drop, ! stall, ! resume", line)
			}
		default:
			name, value, ok := strings.Cut(line, ":")
			switch value = strings.TrimSpace(value); {
			case !ok || name == "" || strings.Contains(name, " "):
				err = fmt.Errorf("%q is none of > ACTION, Name: value, . TIME, ! drop, ! stall, ! resume, # comment", line)
			case open:
				last := &steps[len(steps)-1]
				last.pairs = append(last.pairs, name, value)
				continue
			case strings.EqualFold(name, "Response") && !asked:
				err = fmt.Errorf("%q answers no action: there is no > before it", line)
			}
			s.kind, s.pairs = message, []string{name, value}
		}
		if err != nil {
			return nil, fmt.Errorf("amitest: script line %d: %w", number, err)
		}
		open = s.kind == message
		steps = append(steps, s)
	}
	return steps, nil
}

// mismatch says why an action is not the one of the step; "" if it is. The step names
// the arguments that matter: others may come too.
func (s step) mismatch(action ami.Message) string {
	if !strings.EqualFold(s.action.Name, action.Get("Action")) {
		return "another action"
	}
	for _, f := range s.action.Fields {
		found := false
		for _, value := range action.Values(f.Name) {
			found = found || like(f.Value, value)
		}
		if !found {
			return "no " + f.Name + " like that"
		}
	}
	return ""
}

// like reports whether a text is what a pattern stands for, in which each * is
// anything.
func like(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		_, after, found := strings.Cut(text, part)
		if !found {
			return false
		}
		text = after
	}
	return strings.HasSuffix(text, parts[last])
}
