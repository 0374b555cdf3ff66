package live

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// Server is an Asterisk server as it was at one moment.
type Server struct {
	Name      string        `json:"name" expr:"name" doc:"name of the server in the configuration"`
	Connected bool          `json:"connected" expr:"connected" doc:"whether the manager session is up"`
	Reason    string        `json:"reason" expr:"reason" doc:"why the session is down; empty while it is up"`
	Since     time.Time     `json:"since" expr:"since" doc:"since when the session is up or down"`
	Gaps      int           `json:"gaps" expr:"gaps" doc:"how often the session was lost since the start"`
	Gap       time.Duration `json:"gap" expr:"gap" doc:"how long the session was down before it came up, with the times in between in which it was up too shortly for a sync; 0 at the first connect"`
	GapFrom   time.Time     `json:"gap_from" expr:"gap_from" doc:"when that gap began; zero when there was none"`
	GapTo     time.Time     `json:"gap_to" expr:"gap_to" doc:"when that gap ended; zero when there was none"`
	Unknown   []string      `json:"unknown" expr:"unknown" doc:"the parts of the picture that Asterisk would not tell: bridges, queues, devices, endpoints, conferences, parking"`
}

// boot is what is known of the start of the Asterisk process.
type boot struct {
	id   ami.Identity // as the last Resync found it; empty when that is old
	at   time.Time    // FullyBooted: now less Uptime
	seen time.Time    // when that was told
	told uint64       // session in which server.restarted was raised
	amid bool         // FullyBooted came while the last lists were asked for
}

// HandleState takes a change of the session into account; it is the OnState of
// ami.Options. It does not block. After Connected, Resync is due.
func (m *Model) HandleState(s ami.State, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	m.peer = Server{Name: m.server, Connected: s == ami.Connected, Since: now, Unknown: m.peer.Unknown}
	m.synced = false
	m.dropNotes()
	m.doubts = nil // the next list decides
	if s != ami.Connected {
		m.outages.down(now)
		clear(m.mailboxes) // messages come and are heard meanwhile
		m.peer.Gaps = m.outages.count
		if err != nil {
			m.peer.Reason = err.Error()
		}
		m.raiseServer(ServerDisconnected, now, ami.Event{})
		return
	}
	m.session++
	if gap, ok := m.outages.up(now); ok {
		if m.gapFrom.IsZero() {
			m.gapFrom = gap.From
		}
		m.peer.Gap, m.peer.GapFrom, m.peer.GapTo = gap.To.Sub(m.gapFrom), m.gapFrom, gap.To
	}
	m.peer.Gaps = m.outages.count
	m.takeNotes()
	m.raiseServer(ServerConnected, now, ami.Event{})
	m.due()
}

func (m *Model) raiseServer(name string, now time.Time, raw ami.Event) {
	if m.wanted(name) {
		peer := m.peer
		m.publish(Event{Name: name, Time: now, Peer: &peer, Raw: raw})
	}
}

// fullyBooted comes right after the login, or when a starting server is ready. An
// Uptime that does not reach back to the start known before means a restart, if it does not
// reach back to the time either when that was told: else Asterisk's clock was set back.
func (m *Model) fullyBooted(e ami.Event, now time.Time) {
	uptime, err := strconv.ParseInt(e.Get("Uptime"), 10, 64)
	if err != nil {
		return
	}
	// Uptime is in whole seconds and the clocks may differ by a little.
	const tolerance = 3 * time.Second
	told := m.now()
	at := told.Add(-time.Duration(uptime) * time.Second)
	if !m.boot.at.IsZero() && at.Sub(m.boot.at) > tolerance && at.Sub(m.boot.seen) > -tolerance {
		m.restarted(nil, now, e)
	}
	m.boot.at, m.boot.seen = at, told
	if m.synced { // some modules may not have been there to answer
		m.due()
	}
	m.boot.amid = m.asking
}

// reloaded: a module has read its configuration again. Of what is no longer there, such as a
// queue, nothing else tells.
func (m *Model) reloaded(e ami.Event, _ time.Time) {
	module := strings.TrimSuffix(e.Get("Module"), ".so")
	read := func(q question) bool {
		return module == "All" || module != "" && module == strings.TrimSuffix(q.module, ".so")
	}
	if m.synced && slices.ContainsFunc(questions, read) {
		m.due()
	}
}

// due asks Follow for a Resync.
func (m *Model) due() {
	select {
	case m.resync <- struct{}{}:
	default:
	}
}

// restarted ends, once in a session, all that belonged to the old process. Channels that are
// listed, by Uniqueid, are of the new one, though a session before this one told of them.
func (m *Model) restarted(listed map[string]bool, now time.Time, raw ami.Event) {
	if m.boot.told == m.session {
		return
	}
	m.boot.told, m.boot.id = m.session, ami.Identity{}
	m.raiseServer(ServerRestarted, now, raw)
	syncing := m.syncing
	m.syncing = false // what ends now is nothing that the new process has told
	for _, id := range m.uniqueids() {
		if ch := m.channels[id]; ch != nil && ch.session != m.session && !listed[id] {
			m.lose(ch, now)
		}
	}
	if listed == nil {
		m.endOver()
	}
	m.syncing = syncing
	for _, q := range m.queues {
		for iface, row := range q.members {
			row.ahead = 0
			if m.freshMember(memberKey{q.Name, iface}) {
				row.CallsTaken = 0
			}
		}
	}
}

// lose ends a channel that is gone and whose end was not seen.
func (m *Model) lose(ch *channel, now time.Time) {
	m.remove(ch, hangup{text: Gap}, now, ami.Event{})
}
