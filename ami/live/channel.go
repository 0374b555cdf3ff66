package live

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// Channel is a channel as it was at one moment.
type Channel struct {
	Name      string    `json:"name" expr:"name" doc:"its name, such as PJSIP/101-00000007"`
	Uniqueid  string    `json:"uniqueid" expr:"uniqueid" doc:"its id, unique in its server"`
	CallID    string    `json:"call_id" expr:"call_id" doc:"id of the call it belongs to"`
	Role      string    `json:"role" expr:"role" doc:"its part in the call: caller, dialled, local, listener, media or other"`
	State     string    `json:"state" expr:"state" doc:"Asterisk's word: Down, Ring, Ringing, Up, …"`
	Caller    Party     `json:"caller" expr:"caller" doc:"caller id of the channel"`
	Connected Party     `json:"connected" expr:"connected" doc:"the party it is connected with, as shown to it"`
	Account   string    `json:"account" expr:"account" doc:"its account code"`
	Language  string    `json:"language" expr:"language" doc:"its language"`
	Context   string    `json:"context" expr:"context" doc:"where it is in the dialplan: the context"`
	Exten     string    `json:"exten" expr:"exten" doc:"where it is in the dialplan: the extension"`
	Priority  string    `json:"priority" expr:"priority" doc:"where it is in the dialplan: the priority"`
	App       string    `json:"app" expr:"app" doc:"the application that the dialplan last ran on it; needs the read class dialplan to be current"`
	AppData   string    `json:"app_data" expr:"app_data" doc:"the arguments of the application"`
	Bridge    string    `json:"bridge" expr:"bridge" doc:"id of the bridge it is in; empty when in none"`
	Held      bool      `json:"held" expr:"held" doc:"whether it keeps the other side on hold"`
	Music     string    `json:"music" expr:"music" doc:"class of the music it hears; empty when none"`
	Created   time.Time `json:"created" expr:"created" doc:"when it appeared"`
}

// channel is a channel that exists.
type channel struct {
	Channel
	call    *call
	leg     *Leg
	session uint64 // in which it was last heard of
	born    uint64 // session in which its beginning was heard

	rings      *agent      // the queue member whose phone this is, while it rings
	rungBy     *visit      // the caller for whom it does
	serves     *visit      // the talk in which this is the phone of the queue member
	heir       *channel    // that takes its place, if it is half of a Local channel
	hungUp     bool        // HangupRequest
	heard      []*listenIn // who listens in to it
	conference *conference // that it takes part in
	queue      string      // the queue that it entered last
	completed  memberKey   // whose talk with it is over, while AgentComplete is still to come
	file       string      // MIXMONITOR_FILENAME
	recordings []Recording // of it, oldest first
}

// at returns the channel as it is now.
func (ch *channel) at() Channel {
	out := ch.Channel
	out.Role, out.Held = ch.leg.Role, ch.leg.Held
	return out
}

// add puts a channel into the picture.
func (m *Model) add(e ami.Event, linkedid string, now time.Time) *channel {
	ch := &channel{Channel: Channel{Uniqueid: e.Get("Uniqueid"), Name: e.Get("Channel"), Created: now}}
	c := m.calls[linkedid]
	if c == nil {
		c = &call{
			Call:     Call{ID: m.server + "/" + linkedid, Linkedid: linkedid, Server: m.server, Started: now, Direction: Internal},
			channels: make(map[string]*channel), session: m.session,
			// Before the resync an unknown Linkedid may be an old call's.
			told: !m.synced && ch.Uniqueid != linkedid, unseen: !m.synced && ch.Uniqueid != linkedid,
		}
		m.calls[linkedid] = c
	}
	leads := c.first == "" || ch.Uniqueid == linkedid && c.first != linkedid
	if leads {
		m.lead(c, ch.Uniqueid, e)
	}
	m.channels[ch.Uniqueid] = ch
	m.join(ch, c, now)
	if leads {
		ch.leg.Role = RoleCaller
	}
	m.update(ch, e, now)
	return ch
}

// join makes ch a channel of c.
func (m *Model) join(ch *channel, c *call, now time.Time) {
	ch.call = c
	ch.CallID = c.ID
	c.channels[ch.Uniqueid] = ch
	c.ending = nil
	c.enter(ch, now)
}

// leave takes ch out of its call; who calls it ends the call if that was the last.
func (m *Model) leave(ch *channel, now time.Time) *call {
	c := ch.call
	c.exit(ch, now)
	delete(c.channels, ch.Uniqueid)
	if c.Held {
		c.recountHolds(now)
	}
	return c
}

// update takes the snapshot in e into account. A channel whose Linkedid has changed
// moves to the other call, as when two calls are bridged together.
func (m *Model) update(ch *channel, e ami.Event, now time.Time) {
	ch.session = m.session
	m.rename(ch, e.Get("Channel"))
	ch.State = e.Get("ChannelStateDesc")
	ch.Caller = Party{known(e.Get("CallerIDNum")), known(e.Get("CallerIDName"))}
	ch.Connected = Party{known(e.Get("ConnectedLineNum")), known(e.Get("ConnectedLineName"))}
	ch.Account, ch.Language = e.Get("AccountCode"), e.Get("Language")
	ch.Context, ch.Exten, ch.Priority = e.Get("Context"), e.Get("Exten"), e.Get("Priority")
	ch.leg.Party = ch.Caller
	if ch.State == "Up" && ch.leg.Up.IsZero() {
		ch.leg.Up = now
	}
	c := ch.call
	if linkedid := e.Get("Linkedid"); linkedid != "" && linkedid != c.Linkedid {
		m.move(ch, linkedid, e, now)
		return
	}
	if c.first == ch.Uniqueid {
		c.Caller = ch.Caller
		c.Account = ch.Account
	}
}

// rename takes in the name of a channel, which changes when another one takes its place. One
// that is about to go bears a mark, such as <ZOMBIE>: its call keeps the name.
func (m *Model) rename(ch *channel, name string) {
	was := ch.leg.Channel
	ch.Name, ch.leg.Channel = name, name
	if was == name || strings.HasSuffix(name, ">") {
		return
	}
	if ch.call.first == ch.Uniqueid {
		ch.call.Call.Channel = name
	}
	for _, v := range m.visitsBy(ch) {
		v.Channel = name
	}
}

// known returns "" for Asterisk's "<unknown>".
func known(s string) string {
	if s == "<unknown>" {
		return ""
	}
	return s
}

// move takes ch from its call to that of linkedid.
func (m *Model) move(ch *channel, linkedid string, e ami.Event, now time.Time) {
	from, to := m.leave(ch, now), m.calls[linkedid]
	if to == nil { // the call we follow goes on under another id, with channels that we may not know yet
		to = &call{Call: from.Call, channels: make(map[string]*channel), told: from.told, dialled: from.dialled, rung: from.rung, rangFrom: from.rangFrom, first: from.first}
		to.again = m.endedAt(linkedid)
		to.told = to.told || !to.again.IsZero() // its start was told before that end
		to.ID, to.Linkedid, to.Legs, to.Held, to.HeldFor = m.server+"/"+linkedid, linkedid, 0, false, 0
		m.calls[linkedid] = to
	}
	m.join(ch, to, now)
	to.recountHolds(now)
	for _, v := range m.visitsBy(ch) {
		v.call, v.CallID = to, to.ID
	}
	if len(from.channels) == 0 {
		m.over(from, hangup{text: Merged}, now, e)
	}
}

// remove takes a channel out of the picture with all that hangs on it, and ends its
// call if it was the last.
func (m *Model) remove(ch *channel, why hangup, now time.Time, raw ami.Event) {
	m.unlink(ch, why.text == Gap, now, raw)
	delete(m.channels, ch.Uniqueid)
	delete(m.owned, ch.Uniqueid)
	if m.syncing {
		m.gone.channels[ch.Uniqueid] = true
		m.boundNotes()
	}
	c := m.leave(ch, now)
	if ch.Uniqueid == c.first {
		c.why = why
	}
	if len(c.channels) > 0 {
		return
	}
	if c.why.text == "" || c.why.text == Gap || why.text == Gap {
		c.why = why
	}
	m.over(c, c.why, now, raw)
}

// doubted is a channel that the list has not, and of which an event told since the connect.
type doubted struct {
	ch *channel
	at time.Time
}

// doubt waits a little for the Hangup of such a channel: the list may have been faster. But
// 16 was seen to tell of a caller id after the Hangup, which may have been lost.
func (m *Model) doubt(ch *channel, now time.Time) {
	m.doubts = append(m.doubts, doubted{ch, now})
	time.AfterFunc(patience, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.loseDoubted(ch, m.time())
	})
}

func (m *Model) loseDoubted(ch *channel, now time.Time) {
	i := slices.IndexFunc(m.doubts, func(d doubted) bool { return d.ch == ch })
	if i < 0 {
		return
	}
	m.doubts = slices.Delete(m.doubts, i, i+1)
	if m.channels[ch.Uniqueid] == ch {
		m.lose(ch, now)
	}
}

// uniqueids returns the ids of the known channels in order, for a fixed order of events.
func (m *Model) uniqueids() []string { return slices.Sorted(maps.Keys(m.channels)) }
