package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/term"

	"github.com/pbxflow/pbxflow/ami/catalog"
)

// terminalLines reads lines with editing, history and completion. The terminal is raw
// from the first to the last, and what is typed is read at all times: Ctrl-C counts when
// it is pressed, not when the next line is asked for.
type terminalLines struct {
	term   *term.Terminal
	before *term.State // of the terminal; nil: there is none, in tests
	asking atomic.Bool // the prompt stands there, perhaps with the beginning of a line
}

// openTerminal returns the lines of the terminal, on which Ctrl-C calls interrupt. The
// caller closes them.
func openTerminal(server string, interrupt func()) (*terminalLines, error) {
	before, err := term.MakeRaw(int(os.Stdin.Fd()))
	if err != nil {
		return nil, err
	}
	t := newTerminal(newKeyboard(os.Stdin, interrupt), os.Stdout, server)
	t.before = before
	return t, nil
}

func newTerminal(in io.Reader, out io.Writer, server string) *terminalLines {
	t := &terminalLines{term: term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{in, out}, server+"> ")}
	t.term.AutoCompleteCallback = t.complete
	return t
}

// next returns the line that was typed. Ctrl-C and Ctrl-D are the end.
func (t *terminalLines) next() (string, error) {
	if err := t.fit(); err != nil {
		return "", err
	}
	t.asking.Store(true)
	line, err := t.term.ReadLine()
	if errors.Is(err, term.ErrPasteIndicator) { // the line was pasted
		err = nil
	}
	t.asking.Store(err != nil)
	return line, err
}

// fit learns how wide the terminal is by now. One that does not tell, or nothing but
// zeros, keeps the width that was.
func (t *terminalLines) fit() error {
	if t.before == nil {
		return nil
	}
	width, height, err := term.GetSize(int(os.Stdout.Fd())) // on Windows only the screen knows
	if err != nil || width <= 0 {
		return nil
	}
	return t.term.SetSize(width, height)
}

// close makes the terminal what it was, while somebody may be in next. What is printed
// then begins on a line of its own.
func (t *terminalLines) close() {
	if err := term.Restore(int(os.Stdin.Fd()), t.before); err != nil {
		fmt.Fprintln(os.Stderr, "pbxflow: the terminal is left as it was, try: reset")
	}
	if t.asking.Load() {
		fmt.Fprintln(os.Stdout)
	}
}

// complete is called for each key that does not edit.
func (t *terminalLines) complete(line string, pos int, key rune) (newLine string, newPos int, ok bool) {
	if key != '\t' {
		return "", 0, false
	}
	word, candidates, end := candidatesFor(line[:pos])
	switch len(candidates) {
	case 0:
		return line, pos, true
	case 1:
		head := line[:pos-len(word)] + candidates[0] + end
		return head + strings.TrimPrefix(line[pos:], end), len(head), true
	}
	if common := commonStart(candidates); len(common) > len(word) {
		head := line[:pos-len(word)] + common
		return head + line[pos:], len(head), true
	}
	fmt.Fprintln(t.term, strings.Join(candidates, "  "))
	return line, pos, true
}

// candidatesFor returns the word that the line ends in, what it may become, and what
// follows it when that is settled.
func candidatesFor(line string) (word string, candidates []string, end string) {
	start := strings.LastIndexAny(line, " \t") + 1
	word = line[start:]
	first, rest, _ := strings.Cut(strings.TrimSpace(line[:start]), " ")
	switch {
	case first == "":
		candidates = catalog.CompleteAction(word, 0)
		for _, command := range []string{"events", "help", "quit", "wait"} {
			if word != "" && strings.HasPrefix(command, strings.ToLower(word)) {
				candidates = slices.DeleteFunc(candidates, func(action string) bool { return strings.EqualFold(action, command) })
				candidates = append(candidates, command)
			}
		}
		return word, candidates, " "
	case strings.EqualFold(first, "help"):
		return word, catalog.CompleteAction(word, 0), ""
	case strings.EqualFold(first, "events"):
		word = word[strings.LastIndexByte(word, ',')+1:]
		return word, catalog.CompleteEvent(word, 0), ""
	}
	if name, value, ok := strings.Cut(word, "="); ok {
		return value, catalog.CompleteValue(first, name, value, 0), " "
	}
	candidates = slices.DeleteFunc(catalog.CompleteArgument(first, word, 0), func(name string) bool {
		return name != "Variable" && strings.Contains(" "+rest, " "+name+"=")
	})
	return word, candidates, "="
}

// commonStart returns what all begin with, in any case.
func commonStart(words []string) string {
	start := words[0]
	for _, w := range words[1:] {
		n := 0
		for n < min(len(start), len(w)) && strings.EqualFold(start[n:n+1], w[n:n+1]) {
			n++
		}
		start = start[:n]
	}
	return start
}
