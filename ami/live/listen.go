package live

import (
	"slices"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// ListenIn is somebody who listens in to a channel (ChanSpy, ExtenSpy), whoever
// started it, as it was at one moment.
type ListenIn struct {
	CallID   string        `json:"call_id" expr:"call_id" doc:"id of the call that is heard"`
	Target   string        `json:"target" expr:"target" doc:"the channel that is heard"`
	Party    Party         `json:"party" expr:"party" doc:"whose channel is heard"`
	Channel  string        `json:"channel" expr:"channel" doc:"the channel of who listens"`
	Uniqueid string        `json:"uniqueid" expr:"uniqueid" doc:"id of that channel: the ChannelId of the Originate that began it, if there was one"`
	By       Party         `json:"by" expr:"by" doc:"who listens"`
	Spyer    string        `json:"spyer" expr:"spyer" doc:"the phone of who listens, as one dials it: PJSIP/201; unlike the name in by, nobody can choose it"`
	Ours     bool          `json:"ours" expr:"ours" doc:"whether this program began it, and not a feature code, another panel or the command line"`
	Since    time.Time     `json:"since" expr:"since" doc:"when it began"`
	Duration time.Duration `json:"duration" expr:"duration" doc:"how long it has gone on, or did"`
}

// hookContext is where Asterisk runs PERIODIC_HOOK and the beeps of MixMonitor: by a
// ChanSpy of its own that nobody hears.
const hookContext = "__func_periodic_hook_context__"

// listenIn is somebody who listens in now.
type listenIn struct {
	ListenIn
	target *channel
	spyer  *channel // nil when not known

	context, exten, priority string // of the dialplan where the spyer began

	adopted bool // found by Resync; its ChanSpyStart may still be on the way
}

// at returns it as it is at now.
func (l *listenIn) at(now time.Time) ListenIn {
	out := l.ListenIn
	out.CallID, out.Target, out.Party = l.target.CallID, l.target.Name, l.target.Caller
	if l.spyer != nil {
		out.Channel, out.By = l.spyer.Name, l.spyer.Caller
	}
	out.Spyer = endpointName(out.Channel)
	out.Duration = max(0, now.Sub(l.Since))
	return out
}

func (m *Model) raiseSpy(name string, l *listenIn, now time.Time, raw ami.Event) {
	m.start(l.target.call, now, raw)
	if m.wanted(name) {
		spy := l.at(now)
		m.publish(Event{Name: name, Time: now, Call: l.target.call.at(now), Spy: &spy, Raw: raw})
	}
}

// spyStart: one channel begins to hear another. It may have heard a third before.
func (m *Model) spyStart(e ami.Event, now time.Time) {
	if e.Get("SpyerContext") == hookContext {
		return
	}
	target := m.channels[e.Get("SpyeeUniqueid")]
	if target == nil {
		m.putAside(e, now)
		return
	}
	id := e.Get("SpyerUniqueid")
	m.touch(aListenIn, id)
	if l := m.listens[id]; l != nil {
		if l.target == target { // Resync was faster
			if l.adopted {
				l.adopted = false
				m.raiseSpy(SpyStarted, l, now, e)
			}
			return
		}
		if m.bygone {
			return
		}
		m.endListenIn(l, now, e)
	} else if m.bygone && m.channels[id] == nil { // gone since
		return
	}
	l := m.listen(id, target, now)
	l.context, l.exten, l.priority = e.Get("SpyerContext"), e.Get("SpyerExten"), e.Get("SpyerPriority")
	l.Channel = e.Get("SpyerChannel")
	l.By = Party{known(e.Get("SpyerCallerIDNum")), known(e.Get("SpyerCallerIDName"))}
	m.raiseSpy(SpyStarted, l, now, e)
}

// listen notes that the channel of this id hears the target.
func (m *Model) listen(spyer string, target *channel, now time.Time) *listenIn {
	l := &listenIn{ListenIn: ListenIn{Uniqueid: spyer, Since: now}, target: target, spyer: m.channels[spyer]}
	_, l.Ours = m.owned[spyer]
	if l.spyer != nil {
		l.spyer.leg.Role = RoleListener
	}
	m.listens[spyer] = l
	target.heard = append(target.heard, l)
	return l
}

// spyStop need not name whom it was about.
func (m *Model) spyStop(e ami.Event, now time.Time) {
	id := e.Get("SpyerUniqueid")
	m.touch(aListenIn, id)
	if l := m.listens[id]; l != nil {
		m.endListenIn(l, now, e)
	} else if m.channels[e.Get("SpyeeUniqueid")] == nil { // its ChanSpyStart may have been put aside
		m.putAside(e, now)
	}
}

// left reports whether the channel of who listens has gone on, or was sent elsewhere. When it had no
// dialplan, as one that Originate made for ChanSpy, another channel takes its place then, of
// which Asterisk tells as little as of the end of the listening.
func (l *listenIn) left(ch *channel) bool {
	return !ch.spies() && l.exten != "" &&
		(ch.Context != l.context || ch.Exten != l.exten || ch.Priority != l.priority)
}

func (m *Model) endListenIn(l *listenIn, now time.Time, raw ami.Event) {
	delete(m.listens, l.Uniqueid)
	l.target.heard = slices.DeleteFunc(l.target.heard, func(o *listenIn) bool { return o == l })
	m.raiseSpy(SpyStopped, l, now, raw)
}

// adoptListenIn finds a listen-in in a row of CoreShowChannels, by the application and whom
// that is told to hear. Which one a prefix or an extension has found, the list does not say; it
// is taken if only one fits.
func (m *Model) adoptListenIn(ch *channel, now time.Time) {
	if !ch.spies() || ch.Context == hookContext || !m.fresh(aListenIn, ch.Uniqueid) {
		return
	}
	var target *channel
	fits, named := 0, false
	for _, other := range m.channels {
		if may, name := ch.mayHear(other); may || name {
			fits++
			if named = named || name; name || !named {
				target = other
			}
		}
	}
	if target == nil || fits > 1 && !named {
		return
	}
	if l := m.listens[ch.Uniqueid]; l != nil {
		if l.target == target || !named {
			return
		}
		m.endListenIn(l, now, ami.Event{})
	}
	l := m.listen(ch.Uniqueid, target, now)
	l.adopted, l.context, l.exten, l.priority = true, ch.Context, ch.Exten, ch.Priority
}

// spies reports whether the channel listens in to another one.
func (ch *channel) spies() bool { return ch.App == "ChanSpy" || ch.App == "ExtenSpy" }

// mayHear reports whether a channel may hear another one, by the argument of its application,
// and whether that names it.
func (ch *channel) mayHear(other *channel) (may, named bool) {
	whom := firstArgument(ch.AppData)
	switch {
	case whom == "" || other == ch || other.spies(): // who listens cannot be heard
		return false, false
	case ch.App == "ExtenSpy":
		exten, context, ok := strings.Cut(whom, "@")
		if !ok {
			context = ch.Context
		}
		return other.Exten == exten && other.Context == context, false
	default:
		return strings.HasPrefix(fold(other.Name), fold(whom)), strings.EqualFold(other.Name, whom) || other.Uniqueid == whom
	}
}
