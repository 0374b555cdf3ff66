package main

import (
	"context"
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
func (c serveCommand) Run(out output, errs errorOutput) error {
	options := pbxflow.Options{Dir: c.Dir, DrainTime: c.Drain}
	if c.Trace {
		options.OnCall, options.OnRule = printTraces(out, errs)
	}
	server, err := pbxflow.New(options)
	if err != nil {
		return explain(c.Dir, err)
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
					errs.print(fmt.Errorf("reload failed, nothing has changed: %w", explain(c.Dir, err)))
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
func printTraces(out output, errs errorOutput) (func(*pbxflow.CallTrace), func(*pbxflow.RuleTrace)) {
	var mu sync.Mutex
	write := func(err error) {
		if err != nil {
			errs.print(fmt.Errorf("cannot print a trace: %w", err))
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
