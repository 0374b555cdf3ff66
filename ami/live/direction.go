package live

import "github.com/pbxflow/pbxflow/ami"

// lead makes a channel the first of its call: caller and dialed are its, and it says
// whether the call came in.
func (m *Model) lead(c *call, uniqueid string, e ami.Event) {
	if old := c.channels[c.first]; old != nil {
		old.leg.Role = roleOf(old.Name)
	}
	c.first = uniqueid
	name := e.Get("Channel")
	c.Call.Channel = name
	c.Dialed, c.Context = e.Get("Exten"), e.Get("Context")
	c.Language = e.Get("Language")
	pattern, trunk := m.trunks.match(name)
	switch {
	case len(m.trunks) == 0:
		c.Direction, c.DirectionWhy = Internal, "no trunks are configured"
	case !trunk:
		c.Direction, c.DirectionWhy = Internal, name+" is no trunk, and has dialled none"
	case e.Get("ChannelState") == "0": // Asterisk rings a trunk
		c.Direction, c.DirectionWhy = Out, "Asterisk called "+name+", a trunk by "+pattern
	default:
		c.Direction, c.DirectionWhy = In, name+" is a trunk by "+pattern
	}
}

// dials notes that the call dials a channel; the first one settles the direction. It is not
// settled by a Local channel, which may dial a trunk, unless that is a trunk itself.
func (m *Model) dials(c *call, by, channel string) {
	if c.dialled || c.Answered {
		return
	}
	pattern, trunk := m.trunks.match(channel)
	if !trunk && roleOf(channel) == RoleLocal {
		return
	}
	c.dialled = true
	if c.Direction != Internal || len(m.trunks) == 0 {
		return
	}
	if trunk {
		c.Direction, c.DirectionWhy = Out, by+" dialled "+channel+", a trunk by "+pattern
	} else {
		c.DirectionWhy = "neither " + c.Call.Channel + " nor " + channel + ", which it dialled first, is a trunk"
	}
}

// directed reports whether it is known that the direction of a call that dials is what it is.
func (m *Model) directed(c *call) bool {
	return c.dialled || c.Direction != Internal || len(m.trunks) == 0
}
