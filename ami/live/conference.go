package live

import (
	"cmp"
	"slices"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// Conference is a conference of ConfBridge as it was at one moment. Asterisk tells of a
// participant when it has played its announcements.
type Conference struct {
	Name         string        `json:"name" expr:"name" doc:"its name, often a number"`
	Bridge       string        `json:"bridge" expr:"bridge" doc:"id of its bridge; empty when not known"`
	Participants []Participant `json:"participants" expr:"participants" doc:"who takes part, the longest first"`
	Locked       bool          `json:"locked" expr:"locked" doc:"whether it was locked at the last resync; Asterisk does not tell of changes"`
	Recording    bool          `json:"recording" expr:"recording" doc:"whether it is recorded"`
	Since        time.Time     `json:"since" expr:"since" doc:"when it began, or was first seen"`
}

// Participant is one who takes part in a conference.
type Participant struct {
	Channel string    `json:"channel" expr:"channel" doc:"name of the channel"`
	CallID  string    `json:"call_id" expr:"call_id" doc:"id of its call"`
	Party   Party     `json:"party" expr:"party" doc:"who it is"`
	Admin   bool      `json:"admin" expr:"admin" doc:"whether it is an administrator"`
	Muted   bool      `json:"muted" expr:"muted" doc:"whether it is muted"`
	Talking bool      `json:"talking" expr:"talking" doc:"whether it talks, as far as Asterisk looks for that"`
	Since   time.Time `json:"since" expr:"since" doc:"when it came in"`
}

// conference is a conference that lasts.
type conference struct {
	Conference
	participants map[string]*participant // by Uniqueid
}

type participant struct {
	Participant
	ch *channel
}

// at returns the conference as it is now.
func (c *conference) at() Conference {
	out := c.Conference
	out.Participants = make([]Participant, 0, len(c.participants))
	for _, p := range c.participants {
		one := p.Participant
		one.Channel, one.CallID, one.Party = p.ch.Name, p.ch.CallID, p.ch.Caller
		out.Participants = append(out.Participants, one)
	}
	slices.SortFunc(out.Participants, func(a, b Participant) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Channel, b.Channel))
	})
	return out
}

// conferenceOf returns the conference that e is about.
func (m *Model) conferenceOf(e ami.Event, now time.Time) *conference {
	name := e.Get("Conference")
	m.touch(aConference, name)
	c := m.conferences[name]
	if c == nil {
		c = &conference{Conference: Conference{Name: name, Since: now}, participants: make(map[string]*participant)}
		m.conferences[name] = c
	}
	if id := e.Get("BridgeUniqueid"); id != "" {
		c.Bridge = id
	}
	return c
}

func (m *Model) conferenceStart(e ami.Event, now time.Time) { m.conferenceOf(e, now) }

func (m *Model) conferenceEnd(e ami.Event, _ time.Time) {
	name := e.Get("Conference")
	m.touch(aConference, name)
	m.touch(aConferenceEnd, name)
	if c := m.conferences[name]; c != nil {
		m.dropConference(c)
	}
}

func (m *Model) dropConference(c *conference) {
	for _, p := range c.participants {
		p.ch.conference = nil
	}
	delete(m.conferences, c.Name)
}

// conferenceJoin may come late: when the announcements are over, even when the caller
// has hung up already.
func (m *Model) conferenceJoin(e ami.Event, now time.Time) {
	if ch := m.of(e, now); ch != nil {
		m.touch(aParticipant, ch.Uniqueid)
		p := m.participant(m.conferenceOf(e, now), ch, now)
		p.Admin, p.Muted = e.Get("Admin") == "Yes", e.Get("Muted") == "Yes"
	}
}

// participant returns the part that ch takes in c.
func (m *Model) participant(c *conference, ch *channel, now time.Time) *participant {
	p := c.participants[ch.Uniqueid]
	if p == nil {
		m.leaveConference(ch)
		p = &participant{Participant: Participant{Since: now}, ch: ch}
		c.participants[ch.Uniqueid] = p
		ch.conference = c
	}
	return p
}

func (m *Model) conferenceLeave(e ami.Event, now time.Time) {
	m.touch(aConference, e.Get("Conference"))
	if ch := m.of(e, now); ch != nil {
		m.touch(aParticipant, ch.Uniqueid)
		m.leaveConference(ch)
	}
}

// leaveConference takes a channel out of its conference, if it is in one. The last one
// ends it.
func (m *Model) leaveConference(ch *channel) {
	c := ch.conference
	if c == nil {
		return
	}
	ch.conference = nil
	delete(c.participants, ch.Uniqueid)
	if len(c.participants) == 0 {
		delete(m.conferences, c.Name)
	}
}

// conferenceChanged takes in what Asterisk tells of one participant, or of the whole.
func (m *Model) conferenceChanged(e ami.Event, now time.Time) {
	m.touch(aConference, e.Get("Conference"))
	c := m.conferences[e.Get("Conference")]
	if c == nil {
		return
	}
	p := c.participants[e.Get("Uniqueid")]
	if p != nil {
		m.touch(aParticipant, p.ch.Uniqueid)
	}
	switch name := e.Name(); {
	case name == "ConfbridgeRecord":
		c.Recording = true
	case name == "ConfbridgeStopRecord":
		c.Recording = false
	case p == nil:
		if ch := m.of(e, now); ch != nil { // known by the list only, or not yet
			p = m.participant(c, ch, now)
			p.change(e)
		}
	default:
		p.change(e)
	}
}

func (p *participant) change(e ami.Event) {
	switch e.Name() {
	case "ConfbridgeMute":
		p.Muted = true
	case "ConfbridgeUnmute":
		p.Muted = false
	case "ConfbridgeTalking":
		p.Talking = e.Get("TalkingStatus") == "on"
	}
}
