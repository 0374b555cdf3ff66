package live

import (
	"cmp"
	"slices"
	"time"
)

// What follows copies the picture, in no order, with the lock held.

// collect makes a list of the values of a map.
func collect[K comparable, V, T any](values map[K]V, one func(V) T) []T {
	out := make([]T, 0, len(values))
	for _, v := range values {
		out = append(out, one(v))
	}
	return out
}

func (m *Model) callList(now time.Time) []Call {
	return collect(m.calls, func(c *call) Call { return *c.at(now) })
}

func (m *Model) channelList(time.Time) []Channel { return collect(m.channels, (*channel).at) }

func (m *Model) bridgeList(time.Time) []Bridge { return collect(m.bridges, (*bridge).at) }

func (m *Model) parkedList(now time.Time) []Parked {
	return collect(m.parked, func(p *parked) Parked { return p.at(now) })
}

func (m *Model) recordingList(time.Time) []Recording {
	out := make([]Recording, 0, len(m.recorded))
	for _, ch := range m.recorded {
		for _, r := range ch.recordings {
			r.CallID, r.Channel = ch.CallID, ch.Name
			out = append(out, r)
		}
	}
	return out
}

func (m *Model) listenList(now time.Time) []ListenIn {
	return collect(m.listens, func(l *listenIn) ListenIn { return l.at(now) })
}

func (m *Model) waitingList(now time.Time) []Queue {
	waiting := make([]Queue, 0, len(m.visits))
	for _, v := range m.visits {
		if !v.left {
			waiting = append(waiting, *v.at(now))
		}
	}
	return waiting
}

func (m *Model) queueList(now time.Time) []QueueState {
	callers := make(map[string][]Queue)
	for _, v := range m.waitingList(now) {
		callers[v.Name] = append(callers[v.Name], v)
	}
	return collect(m.queues, func(q *queueState) QueueState {
		out := q.at()
		out.Callers = callers[q.Name]
		slices.SortFunc(out.Callers, func(a, b Queue) int {
			return cmp.Or(cmp.Compare(a.Position, b.Position), byWait(a, b))
		})
		return out
	})
}

func (m *Model) agentList(now time.Time) []Agent {
	return collect(m.agents, func(a *agent) Agent { return *a.at(now) })
}

func (m *Model) deviceList(time.Time) []Device {
	return collect(m.devices, func(d Device) Device { return d })
}

func (m *Model) endpointList(time.Time) []Endpoint {
	channels := make(map[string]int)
	for _, ch := range m.channels {
		channels[endpointName(ch.Name)]++
	}
	return collect(m.endpoints, func(p *endpoint) Endpoint {
		return p.at(m.devices[p.Name].State, channels[p.Name])
	})
}

func (m *Model) conferenceList(time.Time) []Conference {
	return collect(m.conferences, (*conference).at)
}
