package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/term"

	"github.com/pbxflow/pbxflow/ami"
)

type amiCommand struct {
	managerFlags
	Events string `help:"Show these events from the start: names joined by commas, or on for all." placeholder:"NAMES"`
}

// Run is the console: on a terminal with line editing, or for lines from anywhere else.
func (c amiCommand) Run(out output) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	options, err := c.options()
	if err != nil {
		return err
	}
	in, file := os.Stdin, int(os.Stdin.Fd())
	if !term.IsTerminal(file) || !term.IsTerminal(int(os.Stdout.Fd())) {
		return c.run(ctx, options, newLineReader(in), out, false)
	}
	return c.run(ctx, options, nil, out, true)
}

// run connects and reads lines until their end. With terminal set it asks the terminal instead,
// from the moment that there is a session.
func (c amiCommand) run(ctx context.Context, options ami.Options, in lines, out io.Writer, terminal bool) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	k := newConsole(out)
	if c.Events != "" {
		if err := k.setEvents(c.Events); err != nil {
			return err
		}
	}
	up := make(chan struct{}, 1)
	var connected atomic.Bool
	options.Handler = k.take
	options.OnState = func(state ami.State, err error) {
		if state == ami.Connected {
			connected.Store(true)
			select {
			case up <- struct{}{}:
			default:
			}
		}
		k.state(state, err)
	}
	options.Backoff = func() backoff.BackOff { return patience{&connected} }
	k.client = ami.New(options)
	done, over := make(chan error, 1), make(chan struct{})
	k.over = over
	go func() {
		done <- k.client.Run(ctx)
		close(over)
	}()
	select {
	case <-up:
	case err := <-done:
		return explained(err)
	}
	if terminal {
		t, err := openTerminal(options.Name, func() { stop(nil) })
		if err != nil {
			stop(nil)
			return errors.Join(err, ended(<-done))
		}
		defer t.close()
		in, k.out = t, t.term
		fmt.Fprintf(k.out, "Connected to %s. Tab completes, help explains, Ctrl-D ends.\n", options.Name)
	}
	err := k.loop(ctx, in, done)
	stop(nil)
	if !k.ended {
		err = errors.Join(err, ended(<-done))
	}
	if err == nil && k.failed && !terminal {
		return errFailed
	}
	return err
}

// ended is nil for a client that was told to end.
func ended(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// patience lets a first attempt fail at once, and comes back to a server that was there.
type patience struct{ connected *atomic.Bool }

func (p patience) NextBackOff() time.Duration {
	if p.connected.Load() {
		return 2 * time.Second
	}
	return backoff.Stop
}

func (patience) Reset() {}
