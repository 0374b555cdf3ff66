// Package terse reads manager actions as people type them: the name, then arguments
// as NAME=VALUE. It is the form of the console and of amitest's scripts.
//
//	QueuePause Queue=support Interface=PJSIP/alice Paused=true Reason="lunch break"
//
// A value with blanks, quotes or nothing at all stands in double quotes, with the
// escapes of Go. A value may hold an equals sign: Variable=NAME=text.
package terse

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/pbxflow/pbxflow/ami"
)

// Parse reads an action.
func Parse(line string) (ami.Action, error) {
	words, err := split(line)
	if err != nil {
		return ami.Action{}, err
	}
	if len(words) == 0 {
		return ami.Action{}, errors.New("there is no action")
	}
	if strings.ContainsAny(words[0], "=:\"") {
		return ami.Action{}, fmt.Errorf("%s is not the name of an action: write it as in %s", words[0], "QueueStatus Queue=support")
	}
	a := ami.Action{Name: words[0]}
	for _, word := range words[1:] {
		name, value, ok := strings.Cut(word, "=")
		if !ok || name == "" {
			return ami.Action{}, fmt.Errorf("%q is not of the form NAME=VALUE; a value with blanks stands in quotes", word)
		}
		a = a.With(name, value)
	}
	return a, nil
}

// Format is the opposite of Parse.
func Format(a ami.Action) string {
	var b strings.Builder
	b.WriteString(a.Name)
	for _, f := range a.Fields {
		b.WriteString(" " + f.Name + "=")
		if f.Value == "" || strings.ContainsAny(f.Value, " \t\"\\") || strconv.Quote(f.Value) != `"`+f.Value+`"` {
			b.WriteString(strconv.Quote(f.Value))
		} else {
			b.WriteString(f.Value)
		}
	}
	return b.String()
}

// split cuts a line into words at blanks, and takes the quotes off values.
func split(line string) ([]string, error) {
	var words []string
	for {
		line = strings.TrimLeft(line, " \t")
		if line == "" {
			return words, nil
		}
		end := strings.IndexAny(line, " \t\"")
		if end < 0 {
			end = len(line)
		}
		word := line[:end]
		line = line[end:]
		if strings.HasPrefix(line, `"`) {
			quoted, err := strconv.QuotedPrefix(line)
			if err != nil {
				return nil, fmt.Errorf("the quote at %.20s does not end, or is not as Go has it", line)
			}
			line = line[len(quoted):]
			if line != "" && line[0] != ' ' && line[0] != '\t' {
				return nil, fmt.Errorf("there must be a blank behind %s", quoted)
			}
			value, err := strconv.Unquote(quoted)
			if err != nil {
				return nil, err // QuotedPrefix has let it pass
			}
			word += value
		}
		words = append(words, word)
	}
}
