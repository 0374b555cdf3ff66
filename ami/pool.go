package ami

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// ServerOptions configures one server of a Pool. Options.Name is its key.
type ServerOptions struct {
	Options

	// Location is the time zone of the server, in which Asterisk writes the times of
	// CDRs and of its start; nil means UTC.
	Location *time.Location

	// Labels are the program's own: site, customer, role.
	Labels map[string]string
}

// PoolServer is a server of a Pool: its Client, and what is known of it. Its fields
// must not be changed.
type PoolServer struct {
	*Client
	Location *time.Location
	Labels   map[string]string

	mu  sync.Mutex
	err error
}

// Err returns why the server's Run ended; nil while it goes on, or has not begun.
func (s *PoolServer) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Pool holds the sessions of several servers. Ids of channels, bridges and so on are
// unique within a server only, so whatever is kept across servers is kept by [Ref].
// All methods may be called concurrently.
type Pool struct {
	servers []*PoolServer
	byName  map[string]*PoolServer
}

// NewPool returns a pool of these servers. It does no I/O. Two servers of the same
// name are an error.
func NewPool(servers ...ServerOptions) (*Pool, error) {
	p := &Pool{byName: make(map[string]*PoolServer)}
	for _, o := range servers {
		s := &PoolServer{Client: New(o.Options), Location: o.Location, Labels: maps.Clone(o.Labels)}
		if s.Location == nil {
			s.Location = time.UTC
		}
		if p.byName[s.Name()] != nil {
			return nil, fmt.Errorf("ami: two servers of a pool have the name %q", s.Name())
		}
		p.byName[s.Name()] = s
		p.servers = append(p.servers, s)
	}
	return p, nil
}

// Run runs the clients of all servers and blocks until all have ended: when ctx
// ends, or each login is refused. A server whose login is refused does not stop the
// others; its Err, its OnState and its log say why. Run returns the cause of ctx, or
// else all the reasons.
func (p *Pool) Run(ctx context.Context) error {
	var running sync.WaitGroup
	for _, s := range p.servers {
		s.setErr(nil)
		running.Go(func() {
			err := s.Run(ctx)
			if ctx.Err() == nil {
				s.log.Error("the server is given up", "error", err)
			}
			s.setErr(err)
		})
	}
	running.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var reasons []error
	for _, s := range p.servers {
		reasons = append(reasons, fmt.Errorf("%s: %w", s.Name(), s.Err()))
	}
	return errors.Join(reasons...)
}

func (s *PoolServer) setErr(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// Get returns the server of that name and whether there is one.
func (p *Pool) Get(name string) (*PoolServer, bool) {
	s, ok := p.byName[name]
	return s, ok
}

// All returns the servers in the order of NewPool.
func (p *Pool) All() []*PoolServer { return slices.Clone(p.servers) }

// Subscribe returns one subscription to the events of all servers; [Event.Server]
// tells them apart. The order is that of each server; between servers there is none.
// The owner must Close it.
func (p *Pool) Subscribe(want Want, buffer int) *Subscription {
	sub := newSubscription(want, buffer)
	for _, s := range p.servers {
		s.join(sub)
	}
	return sub
}
