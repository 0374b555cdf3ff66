package live

import (
	"slices"
	"strings"
	"time"
)

// Roles of a leg.
const (
	RoleCaller   = "caller"   // the first channel of a call
	RoleDialled  = "dialled"  // it was dialled, by the call or by a queue
	RoleLocal    = "local"    // half of a Local channel, and nobody's phone
	RoleListener = "listener" // it listens in to a channel
	RoleMedia    = "media"    // Asterisk's own, to play or to record
	RoleOther    = "other"    // none of these, or not known
)

// Leg is the part of one channel in a call, as it was at one moment. It is never
// changed once handed out.
type Leg struct {
	Channel  string        `json:"channel" expr:"channel" doc:"name of the channel"`
	Uniqueid string        `json:"uniqueid" expr:"uniqueid" doc:"id of the channel, unique in its server"`
	Role     string        `json:"role" expr:"role" doc:"caller, dialled, local, listener, media or other"`
	Party    Party         `json:"party" expr:"party" doc:"whose phone it is"`
	Began    time.Time     `json:"began" expr:"began" doc:"when it appeared in the call"`
	Up       time.Time     `json:"up" expr:"up" doc:"when it was first seen answered; zero if it was not"`
	Ended    time.Time     `json:"ended" expr:"ended" doc:"when it left the call; zero while it is there"`
	Held     bool          `json:"held" expr:"held" doc:"whether it keeps the call on hold"`
	HeldAt   time.Time     `json:"held_at" expr:"held_at" doc:"when it put the call on hold last"`
	HeldFor  time.Duration `json:"held_for" expr:"held_for" doc:"how long the last hold took, or takes so far"`
}

// maxLegs bounds what a call remembers of legs that ended: a call to a queue may ring
// phones for hours.
const maxLegs = 64

// at returns the leg as it is at now.
func (l *Leg) at(now time.Time) Leg {
	out := *l
	if l.Held {
		out.HeldFor = max(0, now.Sub(l.HeldAt))
	}
	return out
}

// enter adds ch to the legs of c.
func (c *call) enter(ch *channel, now time.Time) {
	if ch.leg == nil {
		ch.leg = &Leg{Uniqueid: ch.Uniqueid, Role: roleOf(ch.Name), Began: now}
	}
	if len(c.legs) >= maxLegs {
		if i := slices.IndexFunc(c.legs, func(l *Leg) bool { return !l.Ended.IsZero() }); i >= 0 {
			c.legs = slices.Delete(c.legs, i, i+1)
		}
	}
	c.legs = append(c.legs, ch.leg)
	c.Legs++
}

// exit leaves what the leg of ch was among the legs of c. The channel may go on in
// another call, so that gets the leg itself.
func (c *call) exit(ch *channel, now time.Time) {
	i := slices.Index(c.legs, ch.leg)
	if i < 0 {
		return
	}
	past := ch.leg.at(now)
	past.Held, past.Ended = false, now
	c.legs[i] = &past
}

// snapshot returns the legs as they are at now.
func (c *call) snapshot(now time.Time) []Leg {
	legs := make([]Leg, len(c.legs))
	for i, l := range c.legs {
		legs[i] = l.at(now)
	}
	return legs
}

// mediaTechs are the channels that Asterisk makes for itself.
var mediaTechs = []string{"CBAnn/", "CBRec/", "Announcer/", "Recorder/", "Bridge/", "Surrogate/", "MulticastRTP/", "UnicastRTP/"}

// roleOf returns what the name of a channel says about its role.
func roleOf(name string) string {
	if strings.HasPrefix(name, "Local/") {
		return RoleLocal
	}
	for _, tech := range mediaTechs {
		if strings.HasPrefix(name, tech) {
			return RoleMedia
		}
	}
	return RoleOther
}

// dialled notes that somebody rings ch.
func (ch *channel) dialled() {
	if ch.leg.Role != RoleCaller && ch.leg.Role != RoleListener {
		ch.leg.Role = RoleDialled
	}
}
