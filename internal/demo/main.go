// Command demo shows pbxflow at work: it brings up a real Asterisk in a folder of
// its own, serves examples/callcenter, places real SIP calls through it and prints
// the trace of each, together with the notices that the rules sent.
//
// It ends by itself. With DEMO_KEEP=1 it goes on until interrupted and says how to
// dial in. Where no Asterisk can be brought up (not Debian, or not root) it says
// so and plays the calls with the simulator that the tests use.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
	"github.com/pbxflow/pbxflow/internal/stage"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		stop()
		os.Exit(1)
	}
}

// asterisk is what the demo needs of its Asterisk, real or played.
type asterisk interface {
	// ami returns how to reach the manager.
	ami() (addr, user, secret string)
	// calls are the calls to place, in order.
	calls() []call
	// keep says how somebody can dial in; "" when nobody can.
	keep() string
	close() error
}

// call is one call of the demo. Place blocks until it is over.
type call struct {
	story  string
	notice string // the rule whose notice it leads to, if any
	place  func(context.Context) error
}

// run plays the demo on the first Asterisk that can be had.
func run(ctx context.Context, out io.Writer) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	agi := listener.Addr().String()
	pbx, err := bootAsterisk(ctx, agi, out)
	if errors.Is(err, asterisktest.ErrUnavailable) {
		fmt.Fprintf(out, "No real Asterisk here: %v.\nThe calls are played by the built-in simulator.\n", err)
		pbx, err = newSimulator(agi)
	}
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	return errors.Join(play(ctx, pbx, listener, out), pbx.close())
}

// play serves the example on the listener, which it closes, and places the calls.
func play(ctx context.Context, pbx asterisk, listener net.Listener, out io.Writer) (err error) {
	server, office, traces, err := open(pbx, listener)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, office.Close()) }()
	serving, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- server.Run(serving) }()
	defer func() {
		cancel()
		err = errors.Join(err, <-done)
	}()
	for _, c := range pbx.calls() {
		if err := show(ctx, c, traces, office, out); err != nil {
			return err
		}
	}
	if keep := pbx.keep(); os.Getenv("DEMO_KEEP") == "1" && keep != "" {
		fmt.Fprintf(out, "\n%s\nThe server's status is at http://%s/status. Interrupt to end.\n", keep, server.HTTPAddr())
		return stay(ctx, traces, office, out)
	}
	return nil
}

// open loads the example with the addresses of those who take part.
func open(pbx asterisk, listener net.Listener) (*pbxflow.Server, *stage.Office, <-chan *pbxflow.CallTrace, error) {
	dir, err := os.MkdirTemp("", "pbxflow-demo-")
	if err != nil {
		return nil, nil, nil, err
	}
	office, err := stage.OpenOffice()
	if err != nil {
		return nil, nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	addr, user, secret := pbx.ami()
	traces := make(chan *pbxflow.CallTrace, 100)
	var server *pbxflow.Server
	err = stage.WriteApp(dir, stage.Addresses{
		AGI: listener.Addr().String(), HTTP: "127.0.0.1:0", AMI: addr, User: user, Office: office.Addr(),
	}, nil)
	if err == nil {
		server, err = pbxflow.New(pbxflow.Options{
			Dir: dir, AGIListener: listener, Env: map[string]string{"AMI_SECRET": secret},
			Logger: hclog.New(&hclog.LoggerOptions{Name: "pbxflow", Level: hclog.Info}),
			OnCall: func(t *pbxflow.CallTrace) { traces <- t },
		})
	}
	// The app has been read; its files are not needed any more.
	if err = errors.Join(err, os.RemoveAll(dir)); err != nil {
		return nil, nil, nil, errors.Join(err, office.Close())
	}
	return server, office, traces, nil
}

// show places a call and prints what came of it.
func show(ctx context.Context, c call, traces <-chan *pbxflow.CallTrace, office *stage.Office, out io.Writer) error {
	fmt.Fprintf(out, "\n=== %s\n", c.story)
	if err := c.place(ctx); err != nil {
		return err
	}
	timeout := time.After(30 * time.Second)
	for trace, notice := false, c.notice == ""; !trace || !notice; {
		select {
		case t := <-traces:
			if _, err := t.WriteTo(out); err != nil {
				return err
			}
			trace = true
		case n := <-office.Notices:
			printNotice(out, n)
			notice = notice || n.Rule == c.notice
		case <-timeout:
			return fmt.Errorf("no trace or notice came of this call within 30 s: %s", c.story)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// stay prints what happens until ctx ends.
func stay(ctx context.Context, traces <-chan *pbxflow.CallTrace, office *stage.Office, out io.Writer) error {
	for {
		select {
		case t := <-traces:
			if _, err := t.WriteTo(out); err != nil {
				return err
			}
		case n := <-office.Notices:
			printNotice(out, n)
		case <-ctx.Done():
			return nil
		}
	}
}

func printNotice(out io.Writer, n stage.Notice) {
	fmt.Fprintf(out, "notice of rule %s (%s): %s\n", n.Rule, n.Severity, n.Text)
}
