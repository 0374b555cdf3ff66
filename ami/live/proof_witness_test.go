package live_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// witness keeps what Asterisk tells one session: all of it, and what is alive.
type witness struct {
	bell    // rung at each event that counts
	mu      sync.Mutex
	events  []ami.Event
	names   map[string]string // of the channels that live, by Uniqueid
	bridged map[string]bool   // by Uniqueid
	told    map[string]string // what the lists may know better, as it was told last
	renamed map[string]bool   // by name
	spying  map[string]bool   // by name: that listened in, ever
	syncing bool
	unsure  map[string]bool // counted by the last list, or not
	fences  map[string]bool
	booted  int
}

func newWitness() *witness {
	return &witness{told: make(map[string]string), unsure: make(map[string]bool), renamed: make(map[string]bool), spying: make(map[string]bool), names: make(map[string]string), bridged: make(map[string]bool), fences: make(map[string]bool)}
}

// see takes an event.
func (w *witness) see(e ami.Event) {
	switch e.Name() {
	case "SuccessfulAuth", "ChallengeSent", "RequestNotSupported", "AuthMethodNotAllowed":
		return // of the sessions themselves
	case "RTCPSent", "RTCPReceived":
		return // they never end: of four phones that hear something there is one every 1.25 s
	}
	defer w.ring()
	w.mu.Lock()
	defer w.mu.Unlock()
	id := e.Get("Uniqueid")
	switch e.Name() {
	case "UserEvent":
		w.fences[e.Get("Fence")] = true
		return
	case "FullyBooted":
		if e.Get("Timestamp") == "" { // at a login
			e = ami.NewEvent(e.Name(), "Timestamp", timestamp(time.Now()))
		}
		w.booted++
		clear(w.names)
		clear(w.bridged)
	case "Newchannel":
		w.names[id] = e.Get("Channel")
	case "ChanSpyStart":
		w.spying[e.Get("SpyerChannel")] = true
	case "Newexten":
		if app := e.Get("Application"); w.spying[e.Get("Channel")] && app != "ChanSpy" {
			w.renamed[e.Get("Channel")] = true // sent elsewhere: another channel has taken its place in silence
		}
		if was, app := w.told["app of "+e.Get("Channel")], e.Get("Application"); strings.HasPrefix(was, "AppDial(") && app != "AppDial" || strings.HasPrefix(was, "AppQueue(") && app != "AppQueue" {
			w.renamed[e.Get("Channel")] = true // likewise, of one that was dialled
		}
		w.told["app of "+e.Get("Channel")] = fmt.Sprintf("%s(%s)", e.Get("Application"), e.Get("AppData"))
	case "QueueMemberAdded", "QueueMemberStatus", "QueueMemberPause", "QueueMemberPenalty":
		w.told["taken by "+e.Get("Interface")+" of "+e.Get("Queue")] = e.Get("CallsTaken") + " last " + e.Get("LastCall")
	case "Rename":
		w.names[id] = e.Get("Newname")
		w.renamed[e.Get("Newname")] = true
	case "BridgeEnter":
		w.bridged[id] = true
	case "BridgeLeave":
		delete(w.bridged, id)
	case "Hangup":
		delete(w.names, id)
		delete(w.bridged, id)
	}
	switch e.Name() {
	case "Link":
		w.syncing = true
		clear(w.unsure)
	case "Synced":
		w.syncing = false
	case "QueueCallerAbandon", "AgentComplete":
		if w.syncing {
			w.unsure["ended in "+e.Get("Queue")] = true
		}
	}
	w.events = append(w.events, e)
}

// sees blocks until something holds, which is asked with the lock held.
func (w *witness) sees(ctx context.Context, holds func() bool) error {
	return w.until(ctx, func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return holds()
	})
}

// quiet blocks until no event has come for some time.
func (w *witness) quiet(ctx context.Context, d time.Duration) error {
	for {
		rung := w.rung()
		rest := time.NewTimer(d)
		select {
		case <-rung:
			rest.Stop()
		case <-rest.C:
			return nil
		case <-ctx.Done():
			rest.Stop()
			return errors.New("it does not become quiet")
		}
	}
}

// What never ends does not keep the scene from being at rest.
func TestQuiet(t *testing.T) {
	for name, want := range map[string]bool{"RTCPSent": true, "Newexten": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWitness()
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				var wg sync.WaitGroup
				wg.Go(func() {
					for ctx.Err() == nil {
						w.see(ami.NewEvent(name, "Channel", "PJSIP/phone0-1"))
						time.Sleep(time.Second)
					}
				})
				if err := w.quiet(ctx, rest); (err == nil) != want {
					t.Errorf("got %v, want rest: %v", err, want)
				}
				cancel()
				wg.Wait()
			})
		})
	}
}

func (w *witness) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.events)
}

// last returns when Asterisk told something last.
func (w *witness) last() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return when(w.events[len(w.events)-1])
}

// beginnings are the events that tell when something began that lists have, and the header
// that names it.
var beginnings = map[string]string{
	"Newchannel": "Channel", "QueueCallerJoin": "Channel", "ParkedCall": "ParkeeChannel", "QueueMemberPause": "Interface", "QueueMemberAdded": "Interface",
}

// toldAt reports whether the beginning of something, of which the last word is the name, was
// told at that time.
func (w *witness) toldAt(what string, at time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	words := strings.Fields(what)
	return slices.ContainsFunc(w.events, func(e ami.Event) bool {
		header := beginnings[e.Name()]
		return header != "" && e.Get(header) == words[len(words)-1] && when(e).Equal(at)
	})
}

func (w *witness) all() []ami.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.events)
}

// channels returns the names of the channels that live, in a fixed order; bridged wants
// those that are in a bridge.
func (w *witness) channels(bridged bool) (names []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(w.names)) {
		if !bridged || w.bridged[id] {
			names = append(names, w.names[id])
		}
	}
	return names
}

// misled finds what Asterisk's events themselves do not tell right. After a redirect or a
// transfer, Newexten tells the application that ran before, and the next one not at all;
// how many calls a member took is told when the state of its device changes. Whether a list
// counts a call that ended while it was made, nobody can tell: that is unsure.
func (w *witness) misled(diff []string, unsure map[string]bool) func(line string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	excused := make(map[string]bool)
	for _, line := range diff {
		if text, ok := strings.CutPrefix(line, "model: "); ok {
			if what, told, _ := strings.Cut(text, ": "); told != "" && w.told[what] == told {
				excused[what] = true
			}
		}
	}
	return func(line string) bool {
		_, text, _ := strings.Cut(line, ": ")
		what, _, _ := strings.Cut(text, ": ")
		return excused[what] || unsure[what]
	}
}

// masked reports whether a channel was masqueraded.
func (w *witness) masked(name string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.renamed[name]
}

// calls returns how many calls there are, about.
func (w *witness) calls() (n int) {
	for _, name := range w.channels(false) {
		if strings.HasPrefix(name, "PJSIP/") || strings.HasSuffix(name, ";1") && !strings.HasPrefix(name, "Local/agent") && !strings.HasPrefix(name, "Local/friend") && !strings.HasPrefix(name, "Local/lazy") {
			n++
		}
	}
	return n
}

// cutter dials for a client, and cuts its link on demand.
type cutter struct {
	mu    sync.Mutex
	conn  net.Conn
	down  bool
	open  chan struct{} // closed when the link may come up
	limit int           // bytes after which the next connection breaks by itself; 0: never
}

// dial is for ami.Options.
func (c *cutter) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	c.mu.Lock()
	open, down := c.open, c.down
	c.mu.Unlock()
	if down {
		select {
		case <-open:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	conn, err := new(net.Dialer).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.limit > 0 {
		b := &brittle{Conn: conn}
		b.left.Store(int64(c.limit))
		conn, c.limit = b, 0
	}
	c.conn = conn
	return conn, nil
}

// cut closes the link and keeps it down. The next connection breaks by
// itself when it has brought so many bytes; 0 means never.
func (c *cutter) cut(limit int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn != nil {
		c.conn.Close()
	}
	if !c.down {
		c.down, c.open = true, make(chan struct{})
	}
	c.limit = limit
}

func (c *cutter) mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.down {
		c.down = false
		close(c.open)
	}
}

// calm lets the connection that stands last.
func (c *cutter) calm() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.limit = 0
	if b, ok := c.conn.(*brittle); ok {
		b.left.Add(1 << 40)
	}
}

// brittle is a connection that breaks after some bytes.
type brittle struct {
	net.Conn
	left atomic.Int64
}

func (b *brittle) Read(p []byte) (int, error) {
	left := b.left.Load()
	if left <= 0 {
		b.Close()
		return 0, net.ErrClosed
	}
	n, err := b.Conn.Read(p[:min(int64(len(p)), left)])
	b.left.Add(int64(-n))
	return n, err
}
