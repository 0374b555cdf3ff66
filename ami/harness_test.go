package ami_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/go-hclog"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
)

// harness is a client that runs against a server in memory, in a synctest bubble.
type harness struct {
	*amitest.Server
	client *ami.Client
	done   chan error // result of Run
	stop   context.CancelFunc

	mu     sync.Mutex
	events []string
	states []string
	dialed []net.Conn

	log  bytes.Buffer
	read int // of Received, by asked
}

// logger also writes to h.log.
func (h *harness) logger(t *testing.T) hclog.Logger {
	return hclog.New(&hclog.LoggerOptions{Output: io.MultiWriter(t.Output(), &h.log)})
}

// run starts a client and waits until all is quiet. change may set options.
func run(t *testing.T, change func(*harness, *ami.Options)) *harness {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	h := &harness{Server: amitest.New(), done: make(chan error, 1), stop: stop}
	o := ami.Options{
		Name: "pbx1", Addr: h.Addr(), Username: h.Username, Secret: h.Secret, Dial: h.dial,
		Logger: hclog.New(&hclog.LoggerOptions{Output: t.Output()}),
		Handler: func(e ami.Event) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.events = append(h.events, e.Name())
		},
		OnState: func(s ami.State, err error) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.states = append(h.states, s.String())
		},
	}
	if change != nil {
		change(h, &o)
	}
	h.client = ami.New(o)
	go func() { h.done <- h.client.Run(ctx) }()
	synctest.Wait()
	t.Cleanup(func() { // inside the bubble
		stop()
		<-h.done
		h.Close()
	})
	return h
}

func (h *harness) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := h.Dial(ctx, network, addr)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.dialed = append(h.dialed, conn)
	return conn, err
}

func (h *harness) seen() (events, states []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.events...), append([]string(nil), h.states...)
}

// names returns the names of the actions the server got.
func (h *harness) names() string {
	var names []string
	for _, m := range h.Received() {
		names = append(names, m.Get("Action"))
	}
	return strings.Join(names, " ")
}

func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}
