package live

import (
	"strconv"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// Member is a member of one queue as it was at one moment.
type Member struct {
	Queue          string        `json:"queue" expr:"queue" doc:"name of the queue"`
	Name           string        `json:"name" expr:"name" doc:"name of the member"`
	Interface      string        `json:"interface" expr:"interface" doc:"what the queue dials, such as PJSIP/101"`
	StateInterface string        `json:"state_interface" expr:"state_interface" doc:"the device whose state counts for the member"`
	Membership     string        `json:"membership" expr:"membership" doc:"dynamic, realtime or static"`
	Penalty        int           `json:"penalty" expr:"penalty" doc:"members with a lower penalty are called first"`
	Status         int           `json:"status" expr:"status" doc:"Asterisk's number for the state of the device: 1 free, 2 in use, 3 busy, 4 invalid, 5 unavailable, 6 rings, 7 in use and rings, 8 on hold, 0 unknown"`
	InCall         bool          `json:"in_call" expr:"in_call" doc:"whether the member talks to a caller of this queue"`
	Paused         bool          `json:"paused" expr:"paused" doc:"whether the member is paused in this queue"`
	Reason         string        `json:"reason" expr:"reason" doc:"why the member is paused; empty when not, or not told"`
	PausedAt       time.Time     `json:"paused_at" expr:"paused_at" doc:"since when the member is paused; zero when not"`
	CallsTaken     int           `json:"calls_taken" expr:"calls_taken" doc:"how many calls of this queue the member took since it joined, as Asterisk told when the state of the device last changed"`
	LastCall       time.Time     `json:"last_call" expr:"last_call" doc:"when the last of them ended; zero when there was none"`
	Joined         time.Time     `json:"joined" expr:"joined" doc:"when the member was added; zero when not told"`
	Wrapup         time.Duration `json:"wrapup" expr:"wrapup" doc:"time that the member, other than the queue, is given after a call"`
}

// member is a member that the picture holds.
type member struct {
	Member
	ahead int       // calls that the queue has counted, and CallsTaken not yet
	freed time.Time // when an event told last that the device is free, and in no call
}

// past reports whether a talk of so long, that ends now, is one before that which the member
// is in: it began before the last one ended.
func (r *member) past(talked time.Duration, now time.Time) bool {
	return now.Truncate(time.Second).Add(-talked).Before(r.LastCall) // all are in whole seconds
}

// memberOf reads a member from an event about one, or from a row of QueueStatus, which
// has other names for two headers.
func memberOf(e ami.Event) Member {
	m := Member{
		Queue: e.Get("Queue"), Name: e.Get("MemberName"), Interface: e.Get("Interface"),
		StateInterface: e.Get("StateInterface"), Membership: e.Get("Membership"),
		InCall: e.Get("InCall") == "1", Paused: e.Get("Paused") == "1",
		LastCall: epoch(e.Get("LastCall")), Joined: epoch(e.Get("LoginTime")), Wrapup: seconds(e.Get("Wrapuptime")),
	}
	if e.Name() == "QueueMember" {
		m.Name, m.Interface = e.Get("Name"), e.Get("Location")
	}
	m.Penalty, _ = strconv.Atoi(e.Get("Penalty"))
	m.Status, _ = strconv.Atoi(e.Get("Status"))
	m.CallsTaken, _ = strconv.Atoi(e.Get("CallsTaken"))
	if m.Paused {
		m.Reason = e.Get("PausedReason")
		m.PausedAt = epoch(e.Get("LastPause"))
	}
	return m
}

// epoch reads a time in seconds since 1970; 0 is the zero time.
func epoch(s string) time.Time {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 {
		return time.Time{}
	}
	return time.Unix(n, 0)
}

// memberKey tells members apart.
type memberKey struct{ queue, iface string }

func (k memberKey) String() string { return k.queue + "\x00" + k.iface }

// memberChanged takes in all that Asterisk tells of a member: added, paused, another
// penalty, another state of its device.
func (m *Model) memberChanged(e ami.Event, now time.Time) {
	row := memberOf(e)
	if row.Queue == "" || row.Interface == "" {
		return
	}
	key := memberKey{row.Queue, row.Interface}
	taken, known := 0, false
	if old := m.queue(row.Queue).members[row.Interface]; old != nil {
		taken, known = old.CallsTaken, true
	}
	if known && e.Name() == "QueueMemberAdded" && m.syncing && m.freshMember(key) {
		m.dropMember(key, now, ami.Event{}, true) // it is an old one; it was removed while the link was down
		known = false
	}
	m.touchMember(aMember, key)
	m.setMember(&member{Member: row}, now, e, m.news())
	if busy := row.Status == 2 || row.Status == 3 || row.Status >= 6; known && row.CallsTaken > taken && !row.InCall && !busy {
		m.talkOver(e, now) // when a caller is parked, this is all that is told of the end of the talk
	}
}

// setMember puts a member into the picture; tell says whether changes are news.
func (m *Model) setMember(row *member, now time.Time, raw ami.Event, tell bool) {
	q := m.queue(row.Queue)
	a := m.agent(row.Interface, row.Name)
	old := q.members[row.Interface]
	switch {
	case !row.Paused:
		row.PausedAt = time.Time{}
	case old != nil && old.Paused:
		row.PausedAt = old.PausedAt
	case row.PausedAt.IsZero() || raw.Name() == "QueueMemberPause": // else it began before, in whole seconds
		row.PausedAt = now
	}
	if old != nil {
		row.freed = old.freed
	}
	if raw.Name() != "QueueMember" && row.Status == 1 && !row.InCall {
		row.freed = now
	}
	if old != nil && raw.Name() != "QueueMember" {
		// Events tell InCall late: a status in the middle of the connecting says 0.
		row.InCall = old.InCall
		q.correct(old, row)
	} else if old == nil && raw.Name() != "QueueMemberAdded" && a.talksIn(row.Queue, m.session) {
		row.InCall = true // told before the member was; to Asterisk one who is added is in no call
	}
	q.members[row.Interface] = row
	a.members[row.Queue] = row
	a.Name = row.Name
	if old == nil && (tell || raw.Name() == "QueueMemberAdded") {
		a.settle(now)
		m.raiseMember(AgentAdded, a, row, now, raw)
	}
	m.refresh(a, now, raw, tell)
}

func (m *Model) memberRemoved(e ami.Event, now time.Time) {
	key := memberKey{e.Get("Queue"), e.Get("Interface")}
	m.touchMember(aMember, key)
	m.dropMember(key, now, e, true)
}

// dropMember takes a member out of the picture.
func (m *Model) dropMember(key memberKey, now time.Time, raw ami.Event, tell bool) {
	q := m.queues[key.queue]
	if q == nil || q.members[key.iface] == nil {
		return
	}
	row := q.members[key.iface]
	delete(q.members, key.iface)
	a := m.agent(key.iface, row.Name)
	delete(a.members, key.queue)
	if tell {
		a.settle(now)
		m.raiseMember(AgentRemoved, a, row, now, raw)
	}
	m.refresh(a, now, raw, tell)
	m.dropAgent(a)
}

// raiseMember raises a derived event about an agent in one queue.
func (m *Model) raiseMember(name string, a *agent, row *member, now time.Time, raw ami.Event) {
	if m.wanted(name) {
		is := row.Member
		m.publish(Event{Name: name, Time: now, Agent: a.at(now), Member: &is, Raw: raw})
	}
}
