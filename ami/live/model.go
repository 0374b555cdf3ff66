package live

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/pbxflow/pbxflow/ami"
)

// Options configures a Model.
type Options struct {
	// Server is the server's name; it is part of every call's ID.
	Server string

	// Trunks are patterns of channel names that lead outside, such as
	// "PJSIP/carrier*": as path.Match, but without regard to case, and * also
	// matches a slash. Without any, every call is internal.
	Trunks []string

	// Logger receives what the model could not make sense of; nil means none.
	Logger hclog.Logger

	// Now is the clock for events without a timestamp; nil means time.Now.
	Now func() time.Time
}

// Model is the live picture of one server. All methods may be called concurrently.
// It has no goroutine of its own.
type Model struct {
	server string
	trunks trunks
	log    hclog.Logger
	now    func() time.Time
	resync chan struct{} // holds one when a connect has not been followed by Resync

	mu        sync.Mutex // guards all that follows
	subs      map[string][]*Subscription
	calls     map[string]*call    // by Linkedid
	channels  map[string]*channel // by Uniqueid
	visits    map[string]*visit   // waiting callers, by Uniqueid
	undecided []*visit            // those that have left, and why is not known yet
	peer      Server
	boot      boot
	session   uint64      // counts connects
	synced    bool        // since the last connect
	syncing   bool        // Resync waits for the lists
	aside     []ami.Event // of unknown channels, meanwhile
	gone      gone        // meanwhile
}

// New returns a Model that knows of nothing.
func New(o Options) *Model {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = hclog.NewNullLogger()
	}
	log := o.Logger.Named("live").With("server", o.Server)
	return &Model{
		server:   o.Server,
		trunks:   newTrunks(o.Trunks, log),
		log:      log,
		now:      o.Now,
		resync:   make(chan struct{}, 1),
		subs:     make(map[string][]*Subscription),
		calls:    make(map[string]*call),
		channels: make(map[string]*channel),
		visits:   make(map[string]*visit),
		peer:     Server{Name: o.Server},
	}
}

// Handle takes a manager event into account; it is the Handler of ami.Options.
// Events must come in order and from one goroutine at a time. It does not block.
func (m *Model) Handle(e ami.Event) {
	name := e.Name()
	m.mu.Lock()
	defer m.mu.Unlock()
	handle, known := handlers[name]
	if len(m.visits) == 0 && (name == "VarSet" || name == "Newexten") {
		known = false // two events of three, and only callers in queues need them
	}
	if !known && len(m.subs[name]) == 0 && len(m.undecided) == 0 {
		return
	}
	now := m.timeOf(e)
	m.decideLate(now)
	m.publish(Event{Name: name, Time: now, Raw: e})
	if known {
		handle(m, e, now)
	}
}

// timeOf returns when e happened.
func (m *Model) timeOf(e ami.Event) time.Time {
	if t, ok := parseTimestamp(e.Get("Timestamp")); ok {
		return t
	}
	return m.now()
}

// wanted reports whether anyone subscribed to the name.
func (m *Model) wanted(name string) bool { return len(m.subs[name]) > 0 }

// publish hands e to the subscribers of its name.
func (m *Model) publish(e Event) {
	e.Server = m.server
	for _, s := range m.subs[e.Name] {
		s.offer(e)
	}
}

// Calls returns the calls that last, oldest first.
func (m *Model) Calls() []Call {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	calls := make([]Call, 0, len(m.calls))
	for _, c := range m.calls {
		calls = append(calls, *c.at(now))
	}
	slices.SortFunc(calls, func(a, b Call) int {
		return cmp.Or(a.Started.Compare(b.Started), cmp.Compare(a.ID, b.ID))
	})
	return calls
}

// Channels returns the channels that exist, oldest first.
func (m *Model) Channels() []Channel {
	m.mu.Lock()
	defer m.mu.Unlock()
	channels := make([]Channel, 0, len(m.channels))
	for _, ch := range m.channels {
		channels = append(channels, ch.Channel)
	}
	slices.SortFunc(channels, func(a, b Channel) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.Uniqueid, b.Uniqueid))
	})
	return channels
}

// Waiting returns the callers who wait in queues, the longest first.
func (m *Model) Waiting() []Queue {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	waiting := make([]Queue, 0, len(m.visits))
	for _, v := range m.visits {
		if !v.left {
			waiting = append(waiting, *v.at(now))
		}
	}
	slices.SortFunc(waiting, func(a, b Queue) int {
		return cmp.Or(a.Joined.Compare(b.Joined), cmp.Compare(a.Channel, b.Channel))
	})
	return waiting
}

// Server returns the state of the link to the server.
func (m *Model) Server() Server {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.peer
}
