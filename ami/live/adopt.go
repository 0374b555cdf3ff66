package live

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// adoptQueues makes queues, members and waiting callers those of QueueStatus.
func (m *Model) adoptQueues(rows []ami.Event, now time.Time) {
	queues, members := make(map[string]bool), make(map[memberKey]bool)
	var entries []ami.Event
	for _, row := range rows {
		switch row.Name() {
		case "QueueParams":
			queues[row.Get("Queue")] = true
			m.queue(row.Get("Queue")).set(row)
		case "QueueMember":
			member := memberOf(row)
			key := memberKey{member.Queue, member.Interface}
			members[key] = true
			if m.freshMember(key) {
				m.setMember(member, now, row, m.known)
				m.adoptTalk(member, now)
			}
		case "QueueEntry":
			entries = append(entries, row)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.queues)) {
		q := m.queues[name]
		for _, iface := range slices.Sorted(maps.Keys(q.members)) {
			if key := (memberKey{name, iface}); !members[key] && m.freshMember(key) {
				m.dropMember(key, now, ami.Event{}, m.known)
			}
		}
		if !queues[name] && len(q.members) == 0 {
			delete(m.queues, name)
		}
	}
	m.adoptVisits(entries, now)
}

func (m *Model) freshMember(key memberKey) bool { return m.fresh(aMember, key.queue+"\x00"+key.iface) }

// adoptTalk ends the talk of a member who is in none any more.
func (m *Model) adoptTalk(row Member, now time.Time) {
	a := m.agents[row.Interface]
	if a != nil && a.visit != nil && a.visit.Name == row.Queue && !row.InCall {
		m.completed(a.visit, "", now, ami.Event{})
	}
}

// adoptVisits merges the callers who wait with those known to.
func (m *Model) adoptVisits(entries []ami.Event, now time.Time) {
	waiting := make(map[string]bool, len(entries))
	for _, e := range entries {
		id := e.Get("Uniqueid")
		waiting[id] = true
		ch, v := m.channels[id], m.visits[id]
		position, _ := strconv.Atoi(e.Get("Position"))
		if ch == nil || m.gone.visits[id] {
			continue
		}
		if v != nil && v.Name == e.Get("Queue") {
			if m.fresh(aLine, v.Name) {
				v.Position = position
			}
			continue
		}
		if v != nil {
			if v.session == m.session {
				continue
			}
			m.decide(v, v.guess(), now, ami.Event{})
		}
		v = m.visit(ch, e.Get("Queue"))
		v.adopted, v.ranked = true, true
		v.Position = position
		v.Joined = now.Add(-seconds(e.Get("Wait")))
	}
	for _, id := range m.uniqueids() {
		if v := m.visits[id]; v != nil && v.session != m.session && !waiting[id] {
			m.decide(v, v.guess(), now, ami.Event{})
		}
	}
}

// adoptParked makes the parked calls those of the list.
func (m *Model) adoptParked(rows []ami.Event, now time.Time) {
	listed := make(map[string]bool, len(rows))
	for _, row := range rows {
		id := row.Get("ParkeeUniqueid")
		listed[id] = true
		if m.channels[id] != nil && m.fresh(aParking, id) {
			m.parkedOf(row, now)
		}
	}
	for id := range m.parked {
		if !listed[id] && m.fresh(aParking, id) {
			delete(m.parked, id) // who got it back, nobody knows
		}
	}
}

// adoptConferences makes the conferences those of the lists.
func (m *Model) adoptConferences(rooms, rows []ami.Event, now time.Time) {
	listed, inside := make(map[string]bool), make(map[string]bool)
	for _, row := range rooms {
		name := row.Get("Conference")
		listed[name] = true
		if m.fresh(aConference, name) {
			m.conferenceOf(row, now).Locked = row.Get("Locked") == "Yes"
		}
	}
	for _, row := range rows {
		ch, c := m.channels[row.Get("Uniqueid")], m.conferences[row.Get("Conference")]
		inside[row.Get("Uniqueid")] = true
		if ch == nil || c == nil || !m.fresh(aConference, c.Name) {
			continue
		}
		p := m.participant(c, ch, now.Add(-seconds(row.Get("AnsweredTime"))))
		p.Admin, p.Muted, p.Talking = row.Get("Admin") == "Yes", row.Get("Muted") == "Yes", row.Get("Talking") == "Yes"
		if c.Bridge == "" {
			c.Bridge = ch.Bridge
		}
	}
	for name, c := range m.conferences {
		if !m.fresh(aConference, name) {
			continue
		}
		if !listed[name] {
			m.dropConference(c)
			continue
		}
		for id, p := range c.participants {
			if !inside[id] {
				m.leaveConference(p.ch)
			}
		}
	}
}

// adoptDevices makes the devices those of the list. Local channels are not in it.
func (m *Model) adoptDevices(rows []ami.Event, now time.Time) {
	listed := make(map[string]bool, len(rows))
	for _, row := range rows {
		name := row.Get("Device")
		listed[name] = true
		if m.fresh(aDevice, name) {
			m.setDevice(name, row.Get("State"), now, ami.Event{}, m.known)
		}
	}
	for name := range m.devices {
		if !listed[name] && m.fresh(aDevice, name) {
			delete(m.devices, name)
		}
	}
}

// adoptEndpoints makes PJSIP's endpoints those of the lists. Contacts are those of
// PJSIPShowContacts ("101;@a1b2" is one of the address record 101), and of
// PJSIPShowEndpoint, where other rows stand between them.
func (m *Model) adoptEndpoints(rows, contacts []ami.Event, now time.Time) {
	addresses := make(map[string][]ami.Event)
	for _, row := range contacts {
		aor, _, _ := strings.Cut(row.Get("ObjectName"), ";@")
		if row.Name() == "ContactStatusDetail" {
			aor = row.Get("AOR")
		} else if row.Name() != "ContactList" {
			continue
		}
		addresses[aor] = append(addresses[aor], row)
	}
	listed := make(map[string]bool, len(rows))
	for _, row := range rows {
		name := "PJSIP/" + row.Get("ObjectName")
		listed[name] = true
		p := m.endpoint(name)
		p.AORs = row.Get("Aor")
		if !m.fresh(anEndpoint, name) {
			continue
		}
		clear(p.contacts)
		for aor := range strings.SplitSeq(p.AORs, ",") {
			for _, contact := range addresses[strings.TrimSpace(aor)] {
				p.set(contact.Get("URI"), contact.Get("Status"), contact.Get("RoundtripUsec"))
			}
		}
		m.weigh(p, now, ami.Event{}, m.known)
	}
	for name := range m.endpoints {
		if !listed[name] && strings.HasPrefix(name, "PJSIP/") && m.fresh(anEndpoint, name) {
			delete(m.endpoints, name)
		}
	}
}
