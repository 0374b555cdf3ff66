package live

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// adoptQueues makes queues, members and waiting callers those of QueueStatus. It returns
// the callers, with their place in the list.
func (m *Model) adoptQueues(l lists, now time.Time) map[*visit]int {
	read := m.readAt(l, "QueueStatus")
	queues, members, ahead := make(map[string]bool), make(map[memberKey]bool), make(map[string]int)
	var params, entries []ami.Event
	for _, row := range l.rows["QueueStatus"] {
		switch row.Name() {
		case "QueueParams":
			queues[row.Get("Queue")] = true
			params = append(params, row)
		case "QueueMember":
			listed := memberOf(row)
			members[memberKey{listed.Queue, listed.Interface}] = true
			ahead[listed.Queue] += m.adoptMember(listed, row, now)
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
	waiting := m.adoptVisits(entries, l.asked["QueueStatus"], read, now)
	for _, row := range params { // last: they count the talks that were ended above
		q := m.queue(row.Get("Queue"))
		q.set(row, read)
		q.Completed += ahead[q.Name]
	}
	return waiting
}

func (m *Model) freshMember(key memberKey) bool { return m.fresh(aMember, key.String()) }

// adoptMember makes a member that of the list, but for what events told meanwhile: whether
// it talks, and all else. It returns how many talks they told of that the list does not count.
func (m *Model) adoptMember(listed Member, row ami.Event, now time.Time) (ahead int) {
	key := memberKey{listed.Queue, listed.Interface}
	old := m.queue(key.queue).members[key.iface]
	talks := m.fresh(aTalk, key.String())
	taken := old != nil && listed.CallsTaken > old.CallsTaken
	if !talks && old != nil {
		listed.InCall = old.InCall
	} else if a := m.agents[listed.Interface]; a != nil {
		if v := a.talkIn(listed.Queue); v != nil && v.over.Name() != "" {
			m.overLate(v, now) // if the member is in a call, it is the next one
		}
	}
	if old != nil && !(talks && m.freshMember(key)) {
		if ahead = max(0, old.CallsTaken+old.ahead-listed.CallsTaken); ahead > 0 && talks {
			listed.InCall = false // that talk is over
		}
	}
	switch {
	case m.freshMember(key):
		m.setMember(&member{Member: listed, ahead: ahead}, now, row, m.known)
	case old != nil:
		old.InCall = listed.InCall
	}
	if talks {
		m.adoptTalk(listed, taken, now)
	}
	return ahead
}

// adoptTalk ends the talk of a member who is in none any more, or in the next one: taken says that
// the member has ended some since. Of one that another has outlived the list says nothing.
func (m *Model) adoptTalk(row Member, taken bool, now time.Time) {
	a := m.agents[row.Interface]
	if a == nil {
		return
	}
	for _, v := range slices.Clone(a.talks) {
		switch {
		case v.Name != row.Queue || v.outlived && v.phone != nil:
		case !row.InCall:
			m.completed(v, "", now, ami.Event{})
		case taken && v.session != m.session && row.LastCall.After(v.talkFrom):
			m.completed(v, "", now, ami.Event{})
			if is := a.members[row.Queue]; is != nil {
				is.InCall = true
			}
		}
	}
}

// listTolerance is how much later than by the event that told of it something may have begun by a
// list: that has whole seconds, of which it takes both from the clock, or one from the time between.
const listTolerance = 1250 * time.Millisecond

// adoptVisits merges the callers who wait with those known to, and returns them with their
// place in the list, which was asked for, by our clock, and read, by Asterisk's.
func (m *Model) adoptVisits(entries []ami.Event, asked, read, now time.Time) map[*visit]int {
	waiting := make(map[string]ami.Event, len(entries)) // by Uniqueid
	for _, e := range entries {
		waiting[e.Get("Uniqueid")] = e
	}
	for _, id := range m.uniqueids() {
		v := m.visits[id]
		if v == nil || v.session == m.session {
			continue
		}
		e := waiting[id]
		again := !v.Joined.IsZero() && asked.Add(-seconds(e.Get("Wait"))).Sub(v.entered) > listTolerance
		if v.connects() && e.Get("Queue") == "" && m.channels[id].Bridge == "" {
			continue
		}
		if e.Get("Queue") != v.Name || again || v.left {
			v.gap()
			m.decide(v, v.guess(), now, ami.Event{})
			delete(m.gone.visits, id)
		}
	}
	listed := make(map[*visit]int)
	for i, e := range entries {
		ch, v := m.channels[e.Get("Uniqueid")], m.visits[e.Get("Uniqueid")]
		if ch == nil || v != nil && (v.left || v.Name != e.Get("Queue")) || v == nil && m.gone.visits[ch.Uniqueid] {
			continue // the events know better
		}
		if v == nil {
			v = m.visit(ch, e.Get("Queue"))
			v.adopted = true
		}
		if v.Joined.IsZero() { // nor did its Join come
			m.joined(v, read, seconds(e.Get("Wait")))
		}
		listed[v] = i
		v.Position, _ = strconv.Atoi(e.Get("Position"))
	}
	return listed
}

// lineUp numbers the callers of all queues: those of the list in its order, and behind them
// those of whom events told meanwhile. The list's own numbers are not theirs: it may be newer
// than an event to come, or older than one that has come.
func (m *Model) lineUp(listed map[*visit]int) {
	lines := make(map[string][]*visit)
	for _, v := range m.visits {
		_, ok := listed[v]
		v.ranked = !v.left && (ok || !m.fresh(aVisit, v.uniqueid)) // else the event that it has left is under way
		if v.ranked {
			lines[v.Name] = append(lines[v.Name], v)
		}
	}
	place := func(v *visit) int {
		if i, ok := listed[v]; ok {
			return i
		}
		return math.MaxInt
	}
	for _, line := range lines {
		slices.SortFunc(line, func(a, b *visit) int {
			return cmp.Or(cmp.Compare(place(a), place(b)), a.Joined.Compare(b.Joined))
		})
		for i, v := range line {
			v.Position = i + 1
		}
	}
}

// adoptParked makes the parked calls those of the list.
func (m *Model) adoptParked(l lists) {
	rows, asked, read := l.rows["ParkedCalls"], l.asked["ParkedCalls"], m.readAt(l, "ParkedCalls")
	listed := make(map[string]bool, len(rows))
	for _, row := range rows {
		id := row.Get("ParkeeUniqueid")
		listed[id] = true
		if m.channels[id] != nil && m.fresh(aParking, id) {
			since := asked.Add(-seconds(row.Get("ParkingDuration")))
			if p := m.parked[id]; p != nil && since.Sub(p.entered) > listTolerance {
				delete(m.parked, id) // somebody got it back, and it was parked again
			}
			known := m.parked[id] != nil
			m.parkedOf(row, read).adopted = !known
		}
	}
	for id := range m.parked {
		if !listed[id] && m.fresh(aParking, id) {
			delete(m.parked, id) // who got it back, nobody knows
		}
	}
}

// adoptConferences makes the conferences those of the lists.
func (m *Model) adoptConferences(l lists) {
	rooms, rows, read := l.rows["ConfbridgeListRooms"], l.rows["ConfbridgeList"], m.readAt(l, "ConfbridgeListRooms")
	listed, inside, peopled := make(map[string]bool), make(map[string]bool), make(map[string]bool)
	for _, row := range rooms {
		name := row.Get("Conference")
		listed[name] = true
		if m.conferences[name] != nil || m.fresh(aConferenceEnd, name) { // else it is gone since
			m.conferenceOf(row, read).Locked = row.Get("Locked") == "Yes"
		}
	}
	for _, row := range rows {
		ch, c := m.channels[row.Get("Uniqueid")], m.conferences[row.Get("Conference")]
		inside[row.Get("Uniqueid")], peopled[row.Get("Conference")] = true, true
		if ch == nil || c == nil || !m.fresh(aParticipant, ch.Uniqueid) {
			continue
		}
		p := m.participant(c, ch, read.Add(-seconds(row.Get("AnsweredTime"))))
		p.Admin, p.Muted, p.Talking = row.Get("Admin") == "Yes", row.Get("Muted") == "Yes", row.Get("Talking") == "Yes"
		if b := ch.Bridge; b != "" && b != c.Bridge && m.fresh(aConference, c.Name) {
			if c.Bridge != "" { // it ended, and another one has its name
				c.Since, c.Recording = read, false
			}
			c.Bridge = b
		}
	}
	for name, c := range m.conferences {
		if !listed[name] {
			if m.fresh(aConference, name) {
				m.dropConference(c)
			}
			continue
		}
		for id, p := range c.participants {
			if !inside[id] && m.fresh(aParticipant, id) {
				m.leaveConference(p.ch)
			}
		}
		if len(c.participants) == 0 && peopled[name] { // all have left since
			m.dropConference(c)
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
		fresh := func(uri string) bool { return m.fresh(aContact, name+"\x00"+uri) }
		maps.DeleteFunc(p.contacts, func(uri string, _ Contact) bool { return fresh(uri) })
		for aor := range strings.SplitSeq(p.AORs, ",") {
			for _, contact := range addresses[strings.TrimSpace(aor)] {
				if fresh(contact.Get("URI")) {
					p.set(contact.Get("URI"), contact.Get("Status"), contact.Get("RoundtripUsec"))
				}
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
