package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/pbxflow/pbxflow"
	"github.com/pbxflow/pbxflow/ami"
	settings "github.com/pbxflow/pbxflow/internal/app"
	"github.com/pbxflow/pbxflow/internal/pbxcheck"
)

// askTime is how long one Asterisk has for all questions.
const askTime = time.Minute

// askAsterisk holds the app in dir against the Asterisk servers of its configuration, or
// the one that is named.
func askAsterisk(ctx context.Context, dir, server string) (pbxflow.Problems, error) {
	loaded, err := pbxcheck.Load(os.DirFS(dir))
	if err != nil {
		return nil, err
	}
	names := loaded.Program.Servers
	switch {
	case len(names) == 0:
		return nil, fmt.Errorf("%s names no server under asterisk", settings.ConfigFile)
	case server != "" && !slices.Contains(names, server):
		return nil, fmt.Errorf("%s names no server %q", settings.ConfigFile, server)
	case server != "":
		names = []string{server}
	}
	var all pbxflow.Problems
	for _, name := range names {
		found, err := askServer(ctx, dir, name, loaded)
		if err != nil {
			return nil, fmt.Errorf("asking %s: %w", name, err)
		}
		all = append(all, found...)
	}
	return all.Sort(), nil
}

// askServer asks one Asterisk.
func askServer(ctx context.Context, dir, name string, loaded *settings.App) (pbxflow.Problems, error) {
	s, err := settings.FindServer(dir, name, environment())
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithTimeoutCause(ctx, askTime, fmt.Errorf("no answer within %v", askTime))
	defer stop()
	up := make(chan struct{}, 1)
	options := options(s)
	options.OnState = func(state ami.State, _ error) {
		if state == ami.Connected {
			select {
			case up <- struct{}{}:
			default:
			}
		}
	}
	options.Backoff = func() backoff.BackOff { return &backoff.StopBackOff{} }
	client := ami.New(options)
	session, end := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- client.Run(session) }()
	select {
	case <-up:
	case err := <-done:
		end()
		return nil, explained(err)
	}
	found, err := pbxcheck.Check(ctx, client, name, loaded)
	end()
	if ended := ended(<-done); err == nil && ctx.Err() == nil {
		err = ended
	}
	return found, errors.Join(err, context.Cause(ctx))
}
