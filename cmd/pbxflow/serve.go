package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/pbxflow/pbxflow"
)

type serveCommand struct {
	Dir   string        `arg:"" help:"The folder of the app."`
	Trace bool          `help:"Print the trace of each call and of each decision of a rule."`
	Drain time.Duration `default:"10s" help:"How long calls may go on after an interrupt."`
}

// Run serves until SIGINT or SIGTERM. SIGHUP reloads the app.
func (c serveCommand) Run(out output) error {
	if _, err := os.Stat(c.Dir); err != nil {
		return explain(c.Dir, err)
	}
	options := pbxflow.Options{Dir: c.Dir, DrainTime: c.Drain}
	if c.Trace {
		options.OnCall, options.OnRule = printTraces(out)
	}
	server, err := pbxflow.New(options)
	if problems, ok := errors.AsType[pbxflow.Problems](err); ok {
		return fmt.Errorf("%s cannot be served:\n%w", c.Dir, problems)
	} else if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	var reloads sync.WaitGroup
	reloads.Go(func() {
		for {
			select {
			case <-hangups:
				if err := server.Reload(); err != nil {
					fmt.Fprintf(os.Stderr, "pbxflow: reload failed, nothing has changed:\n%v\n", err)
				}
			case <-ctx.Done():
				return
			}
		}
	})
	err = server.Run(ctx)
	stop()
	reloads.Wait()
	return err
}

// printTraces returns hooks that write traces, one at a time.
func printTraces(out output) (func(*pbxflow.CallTrace), func(*pbxflow.RuleTrace)) {
	var mu sync.Mutex
	write := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, "pbxflow: cannot print a trace:", err)
		}
	}
	return func(t *pbxflow.CallTrace) {
			mu.Lock()
			defer mu.Unlock()
			_, err := t.WriteTo(out)
			write(err)
		}, func(t *pbxflow.RuleTrace) {
			mu.Lock()
			defer mu.Unlock()
			_, err := t.WriteTo(out)
			write(err)
		}
}
