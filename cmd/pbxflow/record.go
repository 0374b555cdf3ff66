package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/capture"
	"github.com/pbxflow/pbxflow/ami/catalog"
)

type dialer = capture.Dialer

type recordCommand struct {
	managerFlags
	Output  string        `short:"o" help:"The file, which must not exist; compressed if its name ends in .gz. By default SERVER-TIME.ami.gz." placeholder:"FILE"`
	For     time.Duration `help:"How long to record. Until interrupted, if left out." placeholder:"10m"`
	Numbers bool          `help:"Replace phone numbers, names and pressed keys; the same number becomes the same one. Secrets are left out anyway, but not what callers press."`
	Events  string        `help:"Only events of these classes, joined by commas." placeholder:"call,agent"`
}

// Run records until SIGINT or SIGTERM, or for the time asked for.
func (c recordCommand) Run(out output) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return c.run(ctx, out, nil)
}

func (c recordCommand) run(ctx context.Context, out output, dial dialer) error {
	if err := c.check(); err != nil {
		return err
	}
	options, err := c.options()
	if err != nil {
		return err
	}
	path := c.Output
	if path == "" {
		path = fileName(options.Name) + "-" + time.Now().UTC().Format("20060102T150405Z") + ".ami.gz"
	}
	file, err := capture.Create(path, capture.Options{Server: options.Name, Numbers: c.Numbers})
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s exists: name another file with --output", path)
	}
	if err != nil {
		return err
	}
	if c.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.For)
		defer cancel()
	}
	started := time.Now()
	up, why := c.record(ctx, out, options, file, dial)
	err = file.Close()
	stats := file.Stats()
	if !up {
		return errors.Join(fmt.Errorf("nothing was recorded: %w", explained(why)), err, os.Remove(path))
	}
	fmt.Fprintf(out, "%s: %s in %s, %s on disk, %s\n", path, count(stats.Events, "event"),
		time.Since(started).Round(time.Second), size(stats.Bytes), count(stats.Sessions-1, "gap"))
	if ctx.Err() != nil { // it was meant to end
		why = nil
	}
	return errors.Join(why, err)
}

// check says what is wrong with the flags. Asterisk takes a class that it does not know for
// none, and would send nothing.
func (c recordCommand) check() error {
	if c.For < 0 {
		return fmt.Errorf("--for %v: is no time", c.For)
	}
	known := map[string]bool{}
	for _, e := range catalog.Events() {
		for _, class := range e.Class {
			known[class] = true
		}
	}
	for class := range strings.SplitSeq(c.Events, ",") {
		if class = strings.TrimSpace(class); c.Events != "" && class != "all" && !known[class] {
			return fmt.Errorf("--events: no event has the class %s: there are %s, and all", class, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
	}
	return nil
}

// record keeps a session up until ctx ends, the login is refused or the file cannot
// be written. It returns whether there ever was one, and why there is none any more.
func (c recordCommand) record(ctx context.Context, out output, options ami.Options, file *capture.Writer, dial dialer) (up bool, why error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var mu sync.Mutex
	var last error
	options.Events = c.Events
	if options.TLS != nil { // below the recorder, which would see nothing of it otherwise
		dial = (&tls.Dialer{Config: options.TLS}).DialContext
		options.TLS = nil
	}
	options.Dial = file.Dial(dial)
	options.Handler = func(ami.Event) {
		if err := file.Err(); err != nil {
			cancel(err)
		}
	}
	options.OnState = func(state ami.State, err error) {
		mu.Lock()
		defer mu.Unlock()
		last = err
		up = up || state == ami.Connected
		switch {
		case ctx.Err() != nil, errors.Is(err, ami.ErrLoginRefused): // the end, which has its own words
		case state == ami.Connected:
			fmt.Fprintf(out, "recording %s; an interrupt (Ctrl-C) ends it\n", options.Name)
		default:
			fmt.Fprintf(out, "no session with %s, trying again: %s\n", options.Name, plain(explained(err)))
		}
	}
	before := ctx
	err := ami.New(options).Run(ctx)
	mu.Lock()
	defer mu.Unlock()
	switch {
	case file.Err() != nil:
		return up, file.Err()
	case before.Err() != nil && last != nil && !errors.Is(last, context.Cause(before)):
		return up, last // what kept it from connecting tells more than the interrupt
	}
	return up, err
}

// plain is an error without the name of the package that made it.
func plain(err error) string { return strings.TrimPrefix(err.Error(), "ami: ") }

// fileName makes a name of a server fit for a file.
func fileName(server string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\: `, r) {
			return '-'
		}
		return r
	}, server)
}

// count says how many there are, in words.
func count(n int, thing string) string {
	switch n {
	case 0:
		return "no " + thing + "s"
	case 1:
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func size(bytes int64) string {
	switch {
	case bytes < 10_000:
		return fmt.Sprintf("%d bytes", bytes)
	case bytes < 10_000_000:
		return fmt.Sprintf("%d kB", bytes/1000)
	}
	return fmt.Sprintf("%d MB", bytes/1_000_000)
}
