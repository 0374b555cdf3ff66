package live

import (
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

	// Location is the time zone of the server's own clock, in which call detail records
	// tell times; nil means time.Local.
	Location *time.Location

	// Logger receives what the model could not make sense of; nil means none.
	Logger hclog.Logger

	// Now is the clock for events without a timestamp; nil means time.Now.
	Now func() time.Time
}

// Model is the live picture of one server. All methods may be called concurrently.
// It has no goroutine of its own. What it hands out are copies: they never change.
//
// It holds what is alive, and no more: of calls, channels and all that hangs on them
// nothing is left when they have ended. Queues, agents, devices, endpoints and mailboxes
// are as many as are configured.
type Model struct {
	server   string
	trunks   trunks
	location *time.Location
	log      hclog.Logger
	now      func() time.Time
	resync   chan struct{} // holds one when a connect has not been followed by Resync

	mu          sync.Mutex // guards all that follows
	subs        map[string][]*Subscription
	calls       map[string]*call    // by Linkedid
	channels    map[string]*channel // by Uniqueid
	bridges     map[string]*bridge
	parked      map[string]*parked   // by Uniqueid
	recorded    map[string]*channel  // by Uniqueid
	listens     map[string]*listenIn // by Uniqueid of who listens
	owned       map[string]time.Time // Uniqueids given to Own, and when
	visits      map[string]*visit    // waiting callers, by Uniqueid
	past        []past               // calls that have just ended, oldest first
	unsure      []*call              // that are over, unless the lists have a channel of theirs
	undecided   []*visit             // those that have left, and why is not known yet
	served      map[string]*visit    // callers who talk with a member, by Uniqueid
	doubts      []doubted            // channels that may be gone
	ending      []*visit             // those whose talk is over, and Asterisk may still say why
	queues      map[string]*queueState
	agents      map[string]*agent // by interface
	devices     map[string]Device
	endpoints   map[string]*endpoint
	conferences map[string]*conference
	mailboxes   map[string]int // new messages

	peer    Server
	boot    boot
	outages outages
	session uint64        // counts connects
	skew    time.Duration // by which our clock is ahead of Asterisk's
	heard   time.Time     // when the event or list at hand came, by our clock
	synced  bool          // since the last connect
	known   bool          // synced at least once: differences are news
	parts   map[string]Part
	gapFrom time.Time          // when the picture was last whole, if the link was down since
	asking  bool               // Resync waits for the lists
	syncing bool               // notes are taken for it
	aside   forerunners        // of unknown channels, meanwhile
	again   bool               // these are handled for the second time
	bygone  bool               // and the lists are newer
	listed  bool               // and the list of the queues was asked for after it
	early   forerunners        // events that came before their channel
	gone    gone               // meanwhile
	touched map[touch]struct{} // by events, meanwhile
}

// New returns a Model that knows of nothing.
func New(o Options) *Model {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = hclog.NewNullLogger()
	}
	if o.Location == nil {
		o.Location = time.Local
	}
	log := o.Logger.Named("live").With("server", o.Server)
	return &Model{
		server:      o.Server,
		trunks:      newTrunks(o.Trunks, log),
		location:    o.Location,
		log:         log,
		now:         o.Now,
		resync:      make(chan struct{}, 1),
		subs:        make(map[string][]*Subscription),
		calls:       make(map[string]*call),
		channels:    make(map[string]*channel),
		bridges:     make(map[string]*bridge),
		parked:      make(map[string]*parked),
		recorded:    make(map[string]*channel),
		listens:     make(map[string]*listenIn),
		owned:       make(map[string]time.Time),
		visits:      make(map[string]*visit),
		served:      make(map[string]*visit),
		queues:      make(map[string]*queueState),
		agents:      make(map[string]*agent),
		devices:     make(map[string]Device),
		endpoints:   make(map[string]*endpoint),
		conferences: make(map[string]*conference),
		mailboxes:   make(map[string]int),
		peer:        Server{Name: o.Server},
		outages:     outages{born: o.Now(), since: o.Now()},
		parts:       make(map[string]Part),
	}
}

// Handle takes a manager event into account; it is the Handler of ami.Options.
// Events must come in order and from one goroutine at a time. It does not block.
func (m *Model) Handle(e ami.Event) {
	name := e.Name()
	m.mu.Lock()
	defer m.mu.Unlock()
	handle, known := handlers[name]
	if name == "VarSet" && !slices.Contains(watched, e.Get("Variable")) {
		known = false
	}
	if !known && len(m.subs[name]) == 0 && len(m.unsure)+len(m.undecided)+len(m.doubts)+len(m.ending)+len(m.early.queue) == 0 {
		return
	}
	now := m.timeOf(e)
	m.decideLate(now)
	m.publish(Event{Name: name, Time: now, Raw: e})
	if known && !m.waitsToo(e, now) {
		handle(m, e, now)
	}
	if len(m.early.queue) > 0 {
		m.catchUp(e, now)
	}
}

// timeOf returns when e happened, by Asterisk's clock if it tells.
func (m *Model) timeOf(e ami.Event) time.Time {
	m.heard = m.now()
	t, ok := parseTimestamp(e.Get("Timestamp"))
	if !ok {
		return m.heard.Add(-m.skew)
	}
	if m.session > 0 { // else it is a replay
		m.skew = m.heard.Sub(t)
		if m.skew.Abs() < time.Second { // it is but the way of the event
			m.skew = 0
		}
	}
	return t
}

// time returns what time it is by the clock of the events.
func (m *Model) time() time.Time { return m.now().Add(-m.skew) }

// wanted reports whether anyone subscribed to the name.
func (m *Model) wanted(name string) bool { return len(m.subs[name]) > 0 }

// publish hands e to the subscribers of its name.
func (m *Model) publish(e Event) {
	e.Server = m.server
	for _, s := range m.subs[e.Name] {
		s.offer(e)
	}
}
