package pbxflow

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/internal/app"
	"github.com/pbxflow/pbxflow/rules"
)

// pbx is one Asterisk server: its manager session, the live picture of it, and
// the events on their way to the rules.
type pbx struct {
	name     string
	address  string // of its manager interface
	outbound string // how a number outside is called
	client   *ami.Client
	model    *live.Model
	events   *live.Subscription
	visits   *visits
	rules    *rules.Engine
	logger   hclog.Logger

	handling sync.WaitGroup // the loop that hands events to the rules

	mu  sync.Mutex
	err error // why the session is not up; nil while it is
}

const (
	// eventBuffer is how many events may wait for the rules. Rules decide in
	// microseconds, so a full buffer means that something is badly wrong; what is
	// lost then is counted.
	eventBuffer = 65_536
	// loginRetry is the pause after a refused login. It is long, since somebody has
	// to change manager.conf first, and Asterisk slows down refused logins anyway.
	loginRetry = time.Minute
)

func newPBX(s *Server, a app.Asterisk, trunks []string) *pbx {
	logger := s.logger // the client names itself and the server
	p := &pbx{name: a.Name, address: a.Address, outbound: a.Outbound, rules: s.rules, logger: logger.With("server", a.Name)}
	p.model = live.New(live.Options{Server: a.Name, Trunks: trunks, Logger: logger})
	p.client = ami.New(ami.Options{
		Name: a.Name, Addr: a.Address, Username: a.Username, Secret: a.Secret, TLS: a.TLS, Logger: logger,
		ActionLink: a.ActionLink, ServerFilter: true, Wants: live.Wants(s.rules.Events()...),
		Handler: p.model.Handle,
		OnState: func(state ami.State, err error) {
			p.setError(err)
			p.model.HandleState(state, err)
		},
	})
	p.visits = &s.visits
	p.events = p.model.Subscribe(eventBuffer, wanted(s.rules.Events())...)
	return p
}

// start begins the three loops of the server: the session, the resync after each
// connect, and the rules.
func (p *pbx) start(ctx context.Context, running *sync.WaitGroup) {
	running.Go(func() { p.connect(ctx) })
	running.Go(func() {
		// The error is the cause of ctx, which whoever ended it knows.
		_ = p.model.Follow(ctx, p.client)
	})
	p.handling.Go(func() {
		for event := range p.events.C() {
			p.visits.note(event, time.Now()) // first: rules read of it
			p.rules.Handle(ctx, event)
		}
	})
}

// connect keeps the session up until ctx ends. The client reconnects by itself;
// only a refused login ends it.
func (p *pbx) connect(ctx context.Context) {
	for {
		err := p.client.Run(ctx)
		if ctx.Err() != nil {
			return
		}
		p.setError(err)
		p.logger.Error("the manager session ended; trying again", "error", err, "in", loginRetry)
		timer := time.NewTimer(loginRetry)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}

// want changes which events go to the rules, and which of them Asterisk is asked for.
func (p *pbx) want(names []string) {
	p.events.Want(wanted(names)...)
	p.client.SetWants(live.Wants(names...)...)
}

// wanted adds to the events of the rules those of which visits is made.
func wanted(names []string) []string { return slices.Concat(names, visitEvents) }

// close ends the stream of events to the rules, and waits until they have decided on
// what it holds.
func (p *pbx) close() {
	p.events.Close()
	p.handling.Wait()
}

func (p *pbx) setError(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = err
}

func (p *pbx) lastError() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		return ""
	}
	return p.err.Error()
}
