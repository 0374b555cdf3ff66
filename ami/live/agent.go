package live

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// States of an agent.
const (
	Ready       = "ready"
	Ringing     = "ringing"
	Talking     = "talking" // on a call, of a queue or not
	Paused      = "paused"  // in all queues
	Wrapup      = "wrapup"  // after a call
	Unavailable = "unavailable"
)

// Agent is who answers calls of queues, as it was at one moment: all memberships of
// one interface, over all queues.
type Agent struct {
	ID         string        `json:"id" expr:"id" doc:"server and interface: unique among all servers"`
	Name       string        `json:"name" expr:"name" doc:"the name by which the queues know the agent"`
	Interface  string        `json:"interface" expr:"interface" doc:"what the queues dial, such as PJSIP/101"`
	State      string        `json:"state" expr:"state" enum:"ready,ringing,talking,paused,wrapup,unavailable" doc:"ready, ringing, talking, paused, wrapup or unavailable"`
	Since      time.Time     `json:"since" expr:"since" doc:"since when that is the state"`
	Queues     []string      `json:"queues" expr:"queues" doc:"names of the queues the agent is in, sorted"`
	PausedIn   []string      `json:"paused_in" expr:"paused_in" doc:"names of those in which the agent is paused, sorted"`
	Paused     bool          `json:"paused" expr:"paused" doc:"whether the agent is paused in all of them"`
	Reason     string        `json:"reason" expr:"reason" doc:"why the agent is paused, or was; empty when not told"`
	PausedAt   time.Time     `json:"paused_at" expr:"paused_at" doc:"when the pause began that lasts or was the last"`
	PausedFor  time.Duration `json:"paused_for" expr:"paused_for" doc:"how long that pause has lasted, or did"`
	CallID     string        `json:"call_id" expr:"call_id" doc:"id of the queue's call that rings or is talked on; empty when none"`
	Rang       time.Duration `json:"rang" expr:"rang" doc:"how long the phone rang for that call, or the last one"`
	Talked     time.Duration `json:"talked" expr:"talked" doc:"how long the agent has talked on that call, or did on the last one"`
	CallsTaken int           `json:"calls_taken" expr:"calls_taken" doc:"how many calls the agent took, by the counters of all queues"`
	LastCall   time.Time     `json:"last_call" expr:"last_call" doc:"when the last of them ended; zero when there was none"`
}

// agent is an agent whom the picture holds.
type agent struct {
	Agent
	members   map[string]*member // by queue
	phone     *channel           // that rings
	rangFrom  time.Time
	talks     []*visit // with callers of queues, the newest last
	wrapUntil time.Time
	counted   string // the queue that has counted a talk of which AgentComplete may still tell
}

// agent returns the agent of an interface; a new one is known by the name.
func (m *Model) agent(iface, name string) *agent {
	a := m.agents[iface]
	if a == nil {
		a = &agent{Agent: Agent{ID: m.server + "/" + iface, Interface: iface, Name: name}, members: make(map[string]*member)}
		m.agents[iface] = a
	}
	return a
}

// dropAgent forgets who is in no queue and on no call.
func (m *Model) dropAgent(a *agent) {
	if len(a.members) == 0 && a.phone == nil && len(a.talks) == 0 {
		delete(m.agents, a.Interface)
	}
}

// at returns the agent as it is at now.
func (a *agent) at(now time.Time) *Agent {
	out := a.Agent
	if a.State == Wrapup && !now.Before(a.wrapUntil) && !a.wrapupPause() {
		out.State, out.Since = a.state(now), a.wrapUntil
	}
	if a.phone != nil {
		out.Rang, out.CallID = max(0, now.Sub(a.rangFrom)), a.phone.CallID
	}
	if v := a.talk(); v != nil {
		out.Talked, out.CallID = max(0, now.Sub(v.talkFrom)), v.CallID
	}
	if a.Paused {
		out.PausedFor = max(0, now.Sub(a.PausedAt))
	}
	out.Queues = slices.Sorted(maps.Keys(a.members))
	for _, queue := range out.Queues {
		row := a.members[queue]
		if row.Paused {
			out.PausedIn = append(out.PausedIn, queue)
		}
		out.CallsTaken += row.CallsTaken
		if row.LastCall.After(out.LastCall) {
			out.LastCall = row.LastCall
		}
	}
	return &out
}

// state finds the state from all that is known.
func (a *agent) state(now time.Time) string {
	ringing, busy, free := a.phone != nil, len(a.talks) > 0, len(a.members) == 0
	for _, row := range a.members {
		switch row.Status {
		case 2, 3, 7, 8:
			// While the queue rings a Local channel, Asterisk calls it in use.
			busy = busy || row.InCall || a.phone == nil
		case 6:
			ringing = true
		case 4, 5:
			continue
		}
		free = true
	}
	switch {
	case len(a.talks) > 0:
		return Talking
	case ringing:
		return Ringing
	case busy:
		return Talking
	case !free:
		return Unavailable
	case a.wrapupPause() || now.Before(a.wrapUntil):
		return Wrapup
	case a.Paused:
		return Paused
	default:
		return Ready
	}
}

// settle takes in that the state may have changed.
func (a *agent) settle(now time.Time) {
	if state := a.state(now); state != a.State {
		a.State, a.Since = state, now
	}
}

// wrapupPause reports whether the agent is paused to wrap up: by the reason, as there is
// no other way to see that of a queue's own wrapuptime.
func (a *agent) wrapupPause() bool {
	return a.Paused && strings.HasPrefix(strings.ToLower(a.Reason), "wrap")
}

// refresh takes in that something about an agent changed.
func (m *Model) refresh(a *agent, now time.Time, raw ami.Event, tell bool) {
	paused, newest := len(a.members) > 0, (*member)(nil)
	for _, row := range a.members {
		paused = paused && row.Paused
		if row.Paused && (newest == nil || row.PausedAt.After(newest.PausedAt) || row.PausedAt.Equal(newest.PausedAt) && row.Queue < newest.Queue) {
			newest = row
		}
	}
	was := a.Paused
	if paused {
		a.Reason = newest.Reason
		if !was {
			a.PausedAt = newest.PausedAt
		}
	} else if was {
		a.PausedFor = max(0, now.Sub(a.PausedAt))
	}
	a.Paused = paused
	a.settle(now)
	switch {
	case !tell || paused == was || len(a.members) == 0: // who left the last queue is not back at work
	case paused:
		m.raiseAgent(AgentPaused, a, now, raw)
	default:
		m.raiseAgent(AgentUnpaused, a, now, raw)
	}
}

// raiseAgent raises a derived event about an agent alone.
func (m *Model) raiseAgent(name string, a *agent, now time.Time, raw ami.Event) {
	if m.wanted(name) {
		m.publish(Event{Name: name, Time: now, Agent: a.at(now), Raw: raw})
	}
}
