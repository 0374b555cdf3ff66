package live

import (
	"slices"
	"strconv"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// Bridge is what joins channels so that they hear each other, as it was at one
// moment.
type Bridge struct {
	ID         string    `json:"id" expr:"id" doc:"Asterisk's id of it"`
	Type       string    `json:"type" expr:"type" doc:"Asterisk's word: basic, base, parking, holding, …"`
	Technology string    `json:"technology" expr:"technology" doc:"how it mixes: simple_bridge, softmix, holding_bridge, …"`
	Creator    string    `json:"creator" expr:"creator" doc:"the application that made it; empty when not told"`
	Name       string    `json:"name" expr:"name" doc:"the name that the application gave it; empty when none"`
	Channels   []string  `json:"channels" expr:"channels" doc:"the names of the channels in it, sorted"`
	Size       int       `json:"size" expr:"size" doc:"how many channels are in it by Asterisk's count; announcers may be among them that Channels does not have"`
	Created    time.Time `json:"created" expr:"created" doc:"when it was first seen"`
}

// bridge is a bridge that exists.
type bridge struct {
	Bridge
	channels map[string]*channel // by Uniqueid
}

// at returns the bridge as it is now.
func (b *bridge) at() Bridge {
	out := b.Bridge
	out.Channels = make([]string, 0, len(b.channels))
	for _, ch := range b.channels {
		out.Channels = append(out.Channels, ch.Name)
	}
	slices.Sort(out.Channels)
	return out
}

// bridgeOf returns the bridge that e is about after taking its snapshot into account.
func (m *Model) bridgeOf(e ami.Event, now time.Time) *bridge {
	id := e.Get("BridgeUniqueid")
	if id == "" {
		return nil
	}
	b := m.bridges[id]
	if m.again { // what it tells of the bridge is old
		return b
	}
	if b == nil {
		b = m.addBridge(id, now)
	}
	m.touch(aBridge, id)
	b.Type, b.Technology = e.Get("BridgeType"), e.Get("BridgeTechnology")
	b.Creator, b.Name = known(e.Get("BridgeCreator")), known(e.Get("BridgeName"))
	b.Size, _ = strconv.Atoi(e.Get("BridgeNumChannels"))
	return b
}

func (m *Model) addBridge(id string, now time.Time) *bridge {
	b := &bridge{Bridge: Bridge{ID: id, Created: now}, channels: make(map[string]*channel)}
	m.bridges[id] = b
	return b
}

func (m *Model) bridgeCreate(e ami.Event, now time.Time) { m.bridgeOf(e, now) }

func (m *Model) bridgeDestroy(e ami.Event, _ time.Time) {
	id := e.Get("BridgeUniqueid")
	m.touch(aBridge, id)
	m.dropBridge(id)
}

func (m *Model) dropBridge(id string) {
	b := m.bridges[id]
	if b == nil {
		return
	}
	for _, ch := range b.channels {
		ch.Bridge = ""
	}
	delete(m.bridges, id)
}

// bridgeEnter puts a channel into a bridge. A call of which two channels talk is one
// that can be told of.
func (m *Model) bridgeEnter(e ami.Event, now time.Time) {
	b := m.bridgeOf(e, now)
	ch := m.of(e, now)
	if ch == nil {
		return
	}
	m.touch(aBridging, ch.Uniqueid)
	if b != nil {
		m.bridge(ch, b)
	}
	m.start(ch.call, now, e)
}

func (m *Model) bridgeLeave(e ami.Event, now time.Time) {
	b := m.bridges[e.Get("BridgeUniqueid")]
	if b != nil || m.syncing && m.fresh(aBridge, e.Get("BridgeUniqueid")) { // else it is gone
		b = m.bridgeOf(e, now)
	}
	ch := m.of(e, now)
	if ch == nil {
		return
	}
	m.touch(aBridging, ch.Uniqueid)
	if b != nil && ch.Bridge == b.ID {
		m.bridge(ch, nil)
	}
}

// bridge moves ch into b; nil means into none.
func (m *Model) bridge(ch *channel, b *bridge) {
	if old := m.bridges[ch.Bridge]; old != nil {
		delete(old.channels, ch.Uniqueid)
	}
	ch.Bridge = ""
	if b != nil {
		ch.Bridge = b.ID
		b.channels[ch.Uniqueid] = ch
	}
}
