package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// maxAside bounds the events put aside during Resync. They are those of calls that
// were there before the connect, within the time of three actions.
const maxAside = 100_000

// Follow calls Resync after each connect that HandleState hears of, until ctx ends,
// and then returns its cause. A Resync that fails while the session is up is tried
// again after a second.
func (m *Model) Follow(ctx context.Context, c *ami.Client) error {
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-m.resync:
		}
		for {
			err := m.Resync(ctx, c)
			if err == nil || errors.Is(err, ami.ErrNotConnected) || ctx.Err() != nil {
				break
			}
			m.log.Warn("resync failed", "error", err)
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-time.After(time.Second):
			}
		}
	}
}

// Resync asks Asterisk for its channels and waiting callers and makes the picture
// whole: it adopts what lives, silently, and ends what is gone. It blocks until the
// answers are in, and must not be called from Handle's goroutine, which has to read
// them. Events may come meanwhile. When it fails the picture is as it was, and
// Resync should be called again.
func (m *Model) Resync(ctx context.Context, c *ami.Client) error {
	session, err := m.beginSync()
	if err != nil {
		return err
	}
	lists, err := ask(ctx, c)

	m.mu.Lock()
	defer m.mu.Unlock()
	aside := m.aside
	m.aside, m.syncing = nil, false
	if err == nil && m.session != session {
		err = fmt.Errorf("%w: the session changed", ami.ErrNotConnected)
	}
	if err != nil {
		return fmt.Errorf("live: resync: %w", err)
	}
	m.apply(lists, aside)
	return nil
}

func (m *Model) beginSync() (session uint64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.syncing {
		return 0, errors.New("live: resync: another one is running")
	}
	m.syncing = true
	m.gone = gone{make(map[string]bool), make(map[string]bool)}
	return m.session, nil
}

// gone are the Uniqueids of channels and visits that ended while the lists were under
// way. The lists may be older.
type gone struct{ channels, visits map[string]bool }

// putAside keeps an event of an unknown channel while the lists are under way.
func (m *Model) putAside(e ami.Event) {
	if m.syncing && len(m.aside) < maxAside {
		m.aside = append(m.aside, e)
	}
}

// lists are the answers of Asterisk.
type lists struct {
	boot     string
	channels []ami.Event
	entries  []ami.Event // waiting callers
	queues   bool        // whether entries could be had
}

// ask gets the lists. Only the channels are indispensable: a user may lack the
// right for the rest, or app_queue may not be loaded.
func ask(ctx context.Context, c *ami.Client) (lists, error) {
	var l lists
	status, err := c.Do(ctx, ami.Action{Name: "CoreStatus"})
	switch refused := (*ami.Error)(nil); {
	case err == nil:
		l.boot = status.Get("CoreStartupDate") + " " + status.Get("CoreStartupTime")
	case !errors.As(err, &refused):
		return l, err
	}
	if l.channels, err = c.List(ctx, ami.Action{Name: "CoreShowChannels"}); err != nil {
		return l, err
	}
	rows, err := c.List(ctx, ami.Action{Name: "QueueStatus"})
	switch refused := (*ami.Error)(nil); {
	case err == nil:
		l.queues = true
		for _, row := range rows {
			if row.Name() == "QueueEntry" {
				l.entries = append(l.entries, row)
			}
		}
	case !errors.As(err, &refused):
		return l, err
	}
	return l, nil
}

// apply merges the lists with what the events told. A channel that an event of this
// session was about is left to the events: if it is not in the list its Hangup has
// come or is to come.
func (m *Model) apply(l lists, aside []ami.Event) {
	now := m.now()
	if l.boot != "" {
		if m.boot.stamp != "" && m.boot.stamp != l.boot {
			m.restarted(now, ami.Event{})
		}
		m.boot.stamp = l.boot
	}
	slices.SortStableFunc(l.channels, func(a, b ami.Event) int { // oldest first: it leads its call
		da, _ := parseClock(a.Get("Duration"))
		db, _ := parseClock(b.Get("Duration"))
		return cmp.Compare(db, da)
	})
	alive := make(map[string]bool, len(l.channels))
	for _, row := range l.channels {
		alive[row.Get("Uniqueid")] = true
		m.adopt(row, now)
	}
	for _, id := range m.uniqueids() {
		if ch := m.channels[id]; ch != nil && ch.session != m.session && !alive[id] {
			m.lose(ch, now)
		}
	}
	for _, row := range l.channels {
		m.infer(row, l.channels, now)
	}
	if l.queues {
		m.adoptVisits(l.entries, now)
	}
	m.synced = true
	for _, e := range aside {
		if handle := handlers[e.Name()]; handle != nil {
			handle(m, e, m.timeOf(e))
		}
	}
	m.raiseServer(ServerSynced, now, ami.Event{})
}

// adopt takes a channel of the list into the picture.
func (m *Model) adopt(row ami.Event, now time.Time) {
	uniqueid, linkedid := row.Get("Uniqueid"), row.Get("Linkedid")
	if uniqueid == "" || linkedid == "" || m.gone.channels[uniqueid] {
		return
	}
	if ch := m.channels[uniqueid]; ch != nil {
		if ch.session != m.session { // else the events know better
			m.update(ch, row, now)
		}
		return
	}
	created := now
	if d, ok := parseClock(row.Get("Duration")); ok {
		created = now.Add(-d)
	}
	_, old := m.calls[linkedid]
	ch := m.add(row, linkedid, created)
	c := ch.call
	if !old {
		c.adopted, c.told = true, true
	}
	if c.adopted && c.Direction == Internal && c.first != uniqueid && m.trunks.match(ch.Name) {
		c.Direction, c.dialled = Out, true
	}
}

// infer finds a call answered when two of its channels, not the halves of one Local
// channel, are in one bridge.
func (m *Model) infer(row ami.Event, rows []ami.Event, now time.Time) {
	bridge := row.Get("BridgeId")
	ch := m.channels[row.Get("Uniqueid")]
	if bridge == "" || ch == nil || ch.call.Answered {
		return
	}
	for _, other := range rows {
		if other.Get("BridgeId") != bridge || other.Get("Linkedid") != ch.call.Linkedid || base(other.Get("Channel")) == base(ch.Name) {
			continue
		}
		if !ch.call.adopted {
			m.answer(ch.call, now, ami.Event{})
		}
		ch.call.Answered = true // when, nobody knows
		return
	}
}

// base returns a channel's name without the half of a Local channel.
func base(name string) string {
	name, _, _ = strings.Cut(name, ";")
	return name
}

// adoptVisits merges the callers who wait with those known to.
func (m *Model) adoptVisits(entries []ami.Event, now time.Time) {
	waiting := make(map[string]bool, len(entries))
	for _, e := range entries {
		id := e.Get("Uniqueid")
		waiting[id] = true
		ch, v := m.channels[id], m.visits[id]
		if ch == nil || m.gone.visits[id] || v != nil && v.Name == e.Get("Queue") {
			continue
		}
		if v != nil {
			if v.session == m.session {
				continue
			}
			m.decide(v, v.guess(), now, ami.Event{})
		}
		v = m.visit(ch, e.Get("Queue"))
		v.adopted = true
		v.Position, _ = strconv.Atoi(e.Get("Position"))
		wait, _ := strconv.Atoi(e.Get("Wait"))
		v.Joined = now.Add(-time.Duration(wait) * time.Second)
	}
	for _, id := range m.uniqueids() {
		if v := m.visits[id]; v != nil && v.session != m.session && !waiting[id] {
			m.decide(v, v.guess(), now, ami.Event{})
		}
	}
}
