package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/term"

	"github.com/pbxflow/pbxflow/ami/catalog"
)

// terminalLines reads lines with editing, history and completion. The terminal is raw only
// while it waits for one: meanwhile Ctrl-C is a key, and otherwise an interrupt.
type terminalLines struct {
	term *term.Terminal
	fd   int // of the terminal; negative: there is none, in tests

	mu     sync.Mutex // guards what follows
	before *term.State
	closed bool
}

// openTerminal returns the lines of the terminal. The caller closes them.
func openTerminal(server string) *terminalLines {
	t := newTerminal(struct {
		io.Reader
		io.Writer
	}{os.Stdin, os.Stdout}, server)
	t.fd = int(os.Stdin.Fd())
	return t
}

func newTerminal(on io.ReadWriter, server string) *terminalLines {
	t := &terminalLines{term: term.NewTerminal(on, server+"> "), fd: -1}
	t.term.AutoCompleteCallback = t.complete
	return t
}

// next returns the line that was typed. Ctrl-C and Ctrl-D are the end.
func (t *terminalLines) next() (string, error) {
	if err := t.takeOver(); err != nil {
		return "", err
	}
	line, err := t.term.ReadLine()
	if errors.Is(err, term.ErrPasteIndicator) { // the line was pasted
		err = nil
	}
	if back := t.giveBack(false); back != nil {
		return line, back
	}
	return line, err
}

// takeOver makes the terminal raw.
func (t *terminalLines) takeOver() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.fd < 0:
		return nil
	case t.closed:
		return io.EOF
	}
	var err error
	if t.before, err = term.MakeRaw(t.fd); err != nil {
		return err
	}
	width, height, err := term.GetSize(t.fd)
	if err != nil || width <= 0 {
		return err
	}
	return t.term.SetSize(width, height)
}

// giveBack makes the terminal what it was, for good if the console ends.
func (t *terminalLines) giveBack(end bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = t.closed || end
	before := t.before
	t.before = nil
	if before == nil {
		return nil
	}
	return term.Restore(t.fd, before)
}

// close frees the terminal, while somebody may be in next.
func (t *terminalLines) close() {
	if err := t.giveBack(true); err != nil {
		fmt.Fprintln(os.Stderr, "pbxflow: the terminal is left as it was, try: reset")
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
