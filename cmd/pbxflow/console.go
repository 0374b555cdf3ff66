package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/capture"
	"github.com/pbxflow/pbxflow/ami/catalog"
	"github.com/pbxflow/pbxflow/internal/terse"
)

// lines are what somebody types, one by one; io.EOF is the end.
type lines interface{ next() (string, error) }

// errQuit ends the console.
var errQuit = errors.New("quit")

// console runs what is typed. Its loop is the only one who prints.
type console struct {
	client  *ami.Client
	out     io.Writer
	redact  *capture.Redactor
	news    chan news
	dropped int             // of them, not yet told; the client's read goroutine only
	all     bool            // all events are shown
	names   map[string]bool // the events that are, in lower case
	block   []string        // the lines of an action that is typed as the protocol has it
	greeted bool            // the first session is no news
	failed  bool            // an action or a command failed
	ended   bool            // the client has
	over    <-chan struct{} // closed when it does
}

// news is an event, or a change of the link.
type news struct {
	event ami.Event
	state string // empty for an event
}

func newConsole(out io.Writer) *console {
	return &console{out: out, redact: capture.NewRedactor(false), names: map[string]bool{}, news: make(chan news, 100_000)}
}

// take is called on the client's read goroutine, as state is. It must not block: what a
// terminal cannot take is dropped, and counted.
func (k *console) take(e ami.Event) { k.put(news{event: e}) }

func (k *console) state(s ami.State, err error) {
	switch {
	case s == ami.Connected:
		k.put(news{state: "connected"})
	case err != nil:
		k.put(news{state: "connection lost: " + plain(err)})
	}
}

func (k *console) put(n news) {
	if k.dropped > 0 && k.offer(news{state: count(k.dropped, "event") + " missing here"}) {
		k.dropped = 0
	}
	if k.dropped > 0 || !k.offer(n) {
		k.dropped++
	}
}

func (k *console) offer(n news) bool {
	select {
	case k.news <- n:
		return true
	default:
		return false
	}
}

// typed is a line, or the end.
type typed struct {
	line string
	err  error
}

// loop runs lines until they end, ctx ends or the client does. The goroutine that
// reads them may outlive it, for nothing frees who reads a terminal: it ends with the
// process.
func (k *console) loop(ctx context.Context, in lines, done <-chan error) error {
	read, more := make(chan typed), make(chan struct{})
	finished := make(chan struct{})
	defer close(finished)
	go func() {
		for {
			line, err := in.next()
			select {
			case read <- typed{line, err}:
			case <-finished:
				return
			}
			if err != nil {
				return
			}
			select {
			case <-more:
			case <-finished:
				return
			}
		}
	}()
	for {
		select {
		case n := <-k.news:
			k.tell(n)
		case t := <-read:
			if ctx.Err() != nil { // Ctrl-C, which ends a line as Ctrl-D does, but sends nothing
				return nil
			}
			k.catchUp()
			if errors.Is(t.err, io.EOF) {
				k.report(k.endBlock(ctx))
				return nil
			}
			if t.err != nil {
				return t.err
			}
			if err := k.run(ctx, t.line); errors.Is(err, errQuit) {
				return nil
			}
			if ctx.Err() != nil { // an interrupt meanwhile: no line is asked for
				return nil
			}
			more <- struct{}{}
		case err := <-done:
			k.ended = true
			return ended(err)
		case <-ctx.Done():
			return nil
		}
	}
}

// catchUp tells what came before the line, which may change what is told.
func (k *console) catchUp() {
	for {
		select {
		case n := <-k.news:
			k.tell(n)
		default:
			return
		}
	}
}

// run runs a line. The error is errQuit or nil: others are printed.
func (k *console) run(ctx context.Context, line string) error {
	trimmed := strings.TrimSpace(line)
	word, rest, _ := strings.Cut(trimmed, " ")
	rest = strings.TrimSpace(rest)
	var err error
	switch {
	case len(k.block) > 0 && trimmed == "":
		err = k.endBlock(ctx)
	case len(k.block) > 0:
		k.block = append(k.block, trimmed)
	case trimmed == "" || strings.HasPrefix(trimmed, "#"):
	case strings.HasPrefix(strings.ToLower(trimmed), "action:"):
		k.block = []string{trimmed}
	default:
		switch strings.ToLower(word) {
		case "quit", "exit":
			return errQuit
		case "help", "?":
			k.help(rest)
		case "events":
			if rest == "" {
				k.say("events: " + k.shown())
				break
			}
			err = k.setEvents(rest)
		case "wait":
			err = k.wait(ctx, rest)
		default:
			var a ami.Action
			if a, err = terse.Parse(strings.TrimPrefix(trimmed, "> ")); err == nil {
				err = k.do(ctx, a)
			}
		}
	}
	k.report(err)
	return nil
}

func (k *console) report(err error) {
	if err != nil {
		k.failed = true
		for line := range strings.SplitSeq("Error: "+plain(err), "\n") {
			k.say(line)
		}
	}
}

// endBlock runs the action that was typed as the protocol has it.
func (k *console) endBlock(ctx context.Context) error {
	if len(k.block) == 0 {
		return nil
	}
	var a ami.Action
	for _, line := range k.block {
		name, value, ok := strings.Cut(line, ":")
		switch value = strings.TrimSpace(value); {
		case !ok:
			k.block = nil
			return fmt.Errorf("%q is not of the form Name: value", line)
		case strings.EqualFold(name, "Action"):
			a.Name = value
		case !strings.EqualFold(name, "ActionID"): // the client's own tells answers apart
			a = a.With(name, value)
		}
	}
	k.block = nil
	return k.do(ctx, a)
}

// do sends an action and prints its answer, with the items if that is a list.
func (k *console) do(ctx context.Context, a ami.Action) error {
	r, err := k.client.Do(ctx, a)
	if err != nil {
		return k.hint(a, err)
	}
	if !strings.EqualFold(r.Get("EventList"), "start") {
		k.answer(r)
		return nil
	}
	id, items := r.Get("ActionID"), 0
	timeout := time.NewTimer(time.Minute)
	defer timeout.Stop()
	for {
		select {
		case n := <-k.news:
			switch {
			case n.state != "" && n.state != "connected":
				return errors.New(n.state + " in the middle of the list")
			case n.state != "" || n.event.Get("ActionID") != id:
				k.tell(n)
			case n.event.Get("EventList") != "":
				k.say(count(items, "item"))
				return n.event.ListEnd(items)
			default:
				items++
				k.message(n.event.Name(), n.event.Message)
			}
		case <-timeout.C:
			return errors.New("the list has no end")
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// hint adds to an error what the catalogue knows of the action.
func (k *console) hint(a ami.Action, err error) error {
	refusal, refused := errors.AsType[*ami.Error](err)
	if !refused {
		return err
	}
	known, ok := catalog.LookupAction(a.Name)
	needed := refusal.Classes
	if strings.HasPrefix(refusal.Message, "Permission denied") {
		needed = known.Rights
	}
	switch {
	case len(needed) > 0:
		return fmt.Errorf("%s: the user needs write = %s in manager.conf", refusal.Message, strings.Join(needed, " or "))
	case !ok && strings.HasPrefix(refusal.Message, "Invalid/unknown command"):
		return fmt.Errorf("there is no action %s", a.Name)
	case refusal.Output != nil:
		return errors.New(strings.Join(k.output(refusal.Output), "\n"))
	}
	return errors.New(refusal.Message)
}

// wait shows events for a time.
func (k *console) wait(ctx context.Context, text string) error {
	d, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("%q is no time, such as 10s or 1m30s", text)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		select {
		case n := <-k.news:
			k.tell(n)
		case <-timer.C:
			return nil
		case <-k.over:
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}

// lineReader reads lines that are not typed on a terminal.
type lineReader struct{ in *bufio.Scanner }

func newLineReader(in io.Reader) lineReader { return lineReader{bufio.NewScanner(in)} }

func (l lineReader) next() (string, error) {
	if l.in.Scan() {
		return l.in.Text(), nil
	}
	switch err := l.in.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return "", errors.New("a line is too long: Asterisk reads 1024 bytes")
	case err != nil:
		return "", err
	}
	return "", io.EOF
}
