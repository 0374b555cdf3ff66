package live

import (
	"strconv"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// boot is what is known of the start of the Asterisk process.
type boot struct {
	stamp string    // CoreStatus: date and time of the start, by the server's clock
	at    time.Time // FullyBooted: now less Uptime
	told  uint64    // session in which server.restarted was raised
}

// HandleState takes a change of the session into account; it is the OnState of
// ami.Options. It does not block. After Connected, Resync is due.
func (m *Model) HandleState(s ami.State, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	m.peer = Server{Name: m.server, Connected: s == ami.Connected, Since: now}
	m.synced = false
	if s != ami.Connected {
		if err != nil {
			m.peer.Reason = err.Error()
		}
		m.raiseServer(ServerDisconnected, now, ami.Event{})
		return
	}
	m.session++
	m.raiseServer(ServerConnected, now, ami.Event{})
	select {
	case m.resync <- struct{}{}:
	default:
	}
}

func (m *Model) raiseServer(name string, now time.Time, raw ami.Event) {
	if m.wanted(name) {
		peer := m.peer
		m.publish(Event{Name: name, Time: now, Peer: &peer, Raw: raw})
	}
}

// fullyBooted comes right after the login, or when a starting server is ready. An
// Uptime that does not reach back to the start known before means a restart.
func (m *Model) fullyBooted(e ami.Event, now time.Time) {
	uptime, err := strconv.ParseInt(e.Get("Uptime"), 10, 64)
	if err != nil {
		return
	}
	// Uptime is in whole seconds and the clocks may differ by a little.
	const tolerance = 3 * time.Second
	at := m.now().Add(-time.Duration(uptime) * time.Second)
	if !m.boot.at.IsZero() && at.Sub(m.boot.at) > tolerance {
		m.restarted(now, e)
	}
	m.boot.at = at
}

// restarted ends, once in a session, all that belonged to the old process.
func (m *Model) restarted(now time.Time, raw ami.Event) {
	if m.boot.told == m.session {
		return
	}
	m.boot.told = m.session
	m.raiseServer(ServerRestarted, now, raw)
	for _, id := range m.uniqueids() {
		if ch := m.channels[id]; ch != nil && ch.session != m.session {
			m.lose(ch, now)
		}
	}
}

// lose ends a channel that is gone and whose end was not seen.
func (m *Model) lose(ch *channel, now time.Time) {
	if v := m.visits[ch.Uniqueid]; v != nil {
		m.decide(v, v.guess(), now, ami.Event{})
	}
	m.remove(ch, hangup{text: Gap}, now, ami.Event{})
}
