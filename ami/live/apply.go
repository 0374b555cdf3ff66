package live

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// apply merges the lists with what the events told. A channel that an event of this
// session was about is left to the events: if it is not in the list its Hangup has
// come or is to come.
func (m *Model) apply(l lists, aside []early) {
	now := m.time()
	if restarted, _ := m.boot.id.Restarted(l.id); restarted {
		listed := make(map[string]bool)
		for _, row := range l.rows["CoreShowChannels"] {
			listed[row.Get("Uniqueid")] = true
		}
		m.restarted(listed, now, ami.Event{})
	}
	if m.boot.id.Process == "" || l.id.Process != "" { // else Asterisk was starting, and what is known says more
		m.boot.id = l.id
	}
	m.setParts(l.unknown)
	if m.boot.amid && len(l.unknown) > 0 { // some modules may not have been there to answer
		m.due()
	}
	m.adoptChannels(l, now)
	var waiting map[*visit]int
	if l.has(PartQueues) {
		waiting = m.adoptQueues(l, now)
	}
	if l.has(PartParking) {
		m.adoptParked(l)
	}
	if l.has(PartConferences) {
		m.adoptConferences(l)
	}
	if l.has(PartDevices) {
		m.adoptDevices(l.rows["DeviceStateList"], now)
	}
	if l.has(PartEndpoints) {
		m.adoptEndpoints(l.rows["PJSIPShowEndpoints"], slices.Concat(l.rows["PJSIPShowContacts"], l.rows["PJSIPShowEndpoint"]), now)
	}
	m.synced, m.known = true, true
	m.again = true
	for _, x := range aside {
		if handle := handlers[x.e.Name()]; handle != nil {
			m.heard, m.bygone, m.listed = x.got, x.old, l.has(PartQueues) && x.got.Before(l.asked["QueueStatus"])
			handle(m, x.e, x.at)
		}
	}
	m.again, m.bygone, m.listed = false, false, false
	if waiting != nil {
		m.lineUp(waiting)
	}
	m.raiseServer(ServerSynced, now, ami.Event{})
	m.peer.Gap, m.peer.GapFrom, m.peer.GapTo = 0, time.Time{}, time.Time{}
	m.gapFrom = time.Time{}
}

// readAt returns when a list was in, by Asterisk's clock. What it tells was heard of then.
func (m *Model) readAt(l lists, action string) time.Time {
	m.heard = l.read[action]
	return m.heard.Add(-m.skew)
}

// adoptChannels makes calls, channels, bridges and listen-ins those of the lists.
func (m *Model) adoptChannels(l lists, now time.Time) {
	rows, read := l.rows["CoreShowChannels"], m.readAt(l, "CoreShowChannels")
	slices.SortStableFunc(rows, func(a, b ami.Event) int { // oldest first: it leads its call
		da, _ := parseClock(a.Get("Duration"))
		db, _ := parseClock(b.Get("Duration"))
		return cmp.Compare(db, da)
	})
	alive := make(map[string]bool, len(rows))
	var known []ami.Event
	for _, row := range rows {
		alive[row.Get("Uniqueid")] = true
		if m.channels[row.Get("Uniqueid")] != nil {
			known = append(known, row)
		} else {
			m.adopt(row, read, now)
		}
	}
	for _, row := range known { // last: one that has moved to another call may leave a new one behind
		m.adopt(row, read, now)
	}
	for _, id := range m.uniqueids() {
		switch ch := m.channels[id]; {
		case ch == nil || alive[id] || ch.born == m.session: // its Hangup is to come
		case ch.session == m.session:
			m.doubt(ch, now)
		default:
			m.lose(ch, now)
		}
	}
	m.endOver()
	if l.has(PartBridges) {
		m.adoptBridges(l.rows["BridgeList"], now)
	}
	for _, row := range rows {
		m.place(row, now)
	}
	together := make(map[string][]ami.Event) // by bridge
	for _, row := range rows {
		together[row.Get("BridgeId")] = append(together[row.Get("BridgeId")], row)
	}
	for _, row := range rows {
		m.infer(row, together[row.Get("BridgeId")], now)
	}
	for _, row := range rows {
		if ch := m.channels[row.Get("Uniqueid")]; ch != nil {
			m.adoptListenIn(ch, now)
		}
	}
}

// adopt takes a channel of the list, that was read some time before, into the picture.
func (m *Model) adopt(row ami.Event, read, now time.Time) {
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
	created := read
	if d, ok := parseClock(row.Get("Duration")); ok {
		created = read.Add(-d)
	}
	_, old := m.calls[linkedid]
	ch := m.add(row, linkedid, created)
	c := ch.call
	if !old {
		c.adopted, c.told = true, true
	}
	switch row.Get("Application") {
	case "AppDial", "AppQueue", "AppDial2":
		ch.dialled()
	}
	if c.adopted && c.Direction == Internal && c.first != uniqueid {
		if _, trunk := m.trunks.match(ch.Name); trunk {
			m.dials(c, c.Call.Channel, ch.Name)
		}
	}
}

// place takes in which application and bridge a channel of the list is in.
func (m *Model) place(row ami.Event, now time.Time) {
	ch := m.channels[row.Get("Uniqueid")]
	if ch == nil {
		return
	}
	if m.fresh(anApp, ch.Uniqueid) {
		ch.App, ch.AppData = row.Get("Application"), row.Get("ApplicationData")
	}
	if !m.fresh(aBridging, ch.Uniqueid) {
		return
	}
	id := row.Get("BridgeId")
	b := m.bridges[id]
	if id != "" && b == nil {
		if !m.fresh(aBridge, id) {
			return // it is gone since
		}
		b = m.addBridge(id, now) // no list of bridges, or it is older
	}
	m.bridge(ch, b)
	if l := m.listens[ch.Uniqueid]; l != nil && m.fresh(anApp, ch.Uniqueid) && m.fresh(aListenIn, ch.Uniqueid) && !ch.spies() {
		m.endListenIn(l, now, ami.Event{})
	}
}

// infer finds a call answered when two of its channels, not the halves of one Local
// channel, are in one bridge: together are the rows of those that are in that of row.
func (m *Model) infer(row ami.Event, together []ami.Event, now time.Time) {
	ch := m.channels[row.Get("Uniqueid")]
	if row.Get("BridgeId") == "" || ch == nil || ch.call.Answered {
		return
	}
	for _, other := range together {
		if other.Get("Linkedid") != ch.call.Linkedid || base(other.Get("Channel")) == base(ch.Name) {
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

// adoptBridges makes the bridges those of the list.
func (m *Model) adoptBridges(rows []ami.Event, now time.Time) {
	listed := make(map[string]bool, len(rows))
	for _, row := range rows {
		id := row.Get("BridgeUniqueid")
		listed[id] = true
		if m.fresh(aBridge, id) {
			m.bridgeOf(row, now)
		}
	}
	for id := range m.bridges {
		if !listed[id] && m.fresh(aBridge, id) {
			m.dropBridge(id)
		}
	}
}
