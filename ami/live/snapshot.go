package live

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Snapshot is the whole picture at one moment. It never changes once handed out.
type Snapshot struct {
	Time        time.Time    `json:"time"`
	Server      Server       `json:"server"`
	Parts       []Part       `json:"parts"`
	Calls       []Call       `json:"calls"`
	Channels    []Channel    `json:"channels"`
	Bridges     []Bridge     `json:"bridges"`
	Parked      []Parked     `json:"parked"`
	Recordings  []Recording  `json:"recordings"`
	ListenIns   []ListenIn   `json:"listen_ins"`
	Queues      []QueueState `json:"queues"`
	Agents      []Agent      `json:"agents"`
	Devices     []Device     `json:"devices"`
	Endpoints   []Endpoint   `json:"endpoints"`
	Conferences []Conference `json:"conferences"`
}

// Snapshot returns the whole picture. All of it is of the same moment.
func (m *Model) Snapshot() Snapshot {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	return Snapshot{
		Time: now, Server: m.peer, Parts: m.partList(),
		Calls: m.callList(now), Channels: m.channelList(), Bridges: m.bridgeList(), Parked: m.parkedList(now),
		Recordings: m.recordingList(), ListenIns: m.listenList(now), Queues: m.queueList(now), Agents: m.agentList(now),
		Devices: m.deviceList(), Endpoints: m.endpointList(), Conferences: m.conferenceList(),
	}
}

// Calls returns the calls that last, oldest first.
func (m *Model) Calls() []Call { return read(m, m.callList) }

// Channels returns the channels that exist, oldest first.
func (m *Model) Channels() []Channel {
	return read(m, func(time.Time) []Channel { return m.channelList() })
}

// Bridges returns the bridges that exist, oldest first.
func (m *Model) Bridges() []Bridge {
	return read(m, func(time.Time) []Bridge { return m.bridgeList() })
}

// Parked returns the parked calls, the longest first.
func (m *Model) Parked() []Parked { return read(m, m.parkedList) }

// Recordings returns the recordings that run, oldest first.
func (m *Model) Recordings() []Recording {
	return read(m, func(time.Time) []Recording { return m.recordingList() })
}

// ListenIns returns who listens in to whom, the longest first.
func (m *Model) ListenIns() []ListenIn { return read(m, m.listenList) }

// Waiting returns the callers who wait in queues, the longest first.
func (m *Model) Waiting() []Queue { return read(m, m.waitingList) }

// Queues returns the queues with their members and callers, by name.
func (m *Model) Queues() []QueueState { return read(m, m.queueList) }

// Agents returns the agents of all queues, by interface.
func (m *Model) Agents() []Agent { return read(m, m.agentList) }

// Devices returns the devices, by name.
func (m *Model) Devices() []Device {
	return read(m, func(time.Time) []Device { return m.deviceList() })
}

// Endpoints returns the phones and trunks, by name.
func (m *Model) Endpoints() []Endpoint {
	return read(m, func(time.Time) []Endpoint { return m.endpointList() })
}

// Conferences returns the conferences, by name.
func (m *Model) Conferences() []Conference {
	return read(m, func(time.Time) []Conference { return m.conferenceList() })
}

// Server returns the state of the link to the server.
func (m *Model) Server() Server { return read(m, func(time.Time) Server { return m.peer }) }

// read returns what get returns under the lock.
func read[T any](m *Model, get func(now time.Time) T) T {
	m.mu.Lock()
	defer m.mu.Unlock()
	return get(m.now())
}

// list makes a sorted list of the values of a map.
func list[K comparable, V, T any](values map[K]V, one func(V) T, compare func(a, b T) int) []T {
	out := make([]T, 0, len(values))
	for _, v := range values {
		out = append(out, one(v))
	}
	slices.SortFunc(out, compare)
	return out
}

func (m *Model) callList(now time.Time) []Call {
	return list(m.calls, func(c *call) Call { return *c.at(now) }, func(a, b Call) int {
		return cmp.Or(a.Started.Compare(b.Started), cmp.Compare(a.ID, b.ID))
	})
}

func (m *Model) channelList() []Channel {
	return list(m.channels, (*channel).at, func(a, b Channel) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.Uniqueid, b.Uniqueid))
	})
}

func (m *Model) bridgeList() []Bridge {
	return list(m.bridges, (*bridge).at, func(a, b Bridge) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
}

func (m *Model) parkedList(now time.Time) []Parked {
	return list(m.parked, func(p *parked) Parked { return p.at(now) }, func(a, b Parked) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Channel, b.Channel))
	})
}

func (m *Model) recordingList() []Recording {
	var out []Recording
	for _, ch := range m.recorded {
		for _, r := range ch.recordings {
			r.CallID, r.Channel = ch.CallID, ch.Name
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b Recording) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Channel, b.Channel))
	})
	return out
}

func (m *Model) listenList(now time.Time) []ListenIn {
	return list(m.listens, func(l *listenIn) ListenIn { return l.at(now) }, func(a, b ListenIn) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Uniqueid, b.Uniqueid))
	})
}

func (m *Model) waitingList(now time.Time) []Queue {
	waiting := make([]Queue, 0, len(m.visits))
	for _, v := range m.visits {
		if !v.left {
			waiting = append(waiting, *v.at(now))
		}
	}
	slices.SortFunc(waiting, func(a, b Queue) int {
		return cmp.Or(a.Joined.Compare(b.Joined), cmp.Compare(a.Channel, b.Channel))
	})
	return waiting
}

func (m *Model) queueList(now time.Time) []QueueState {
	queues := list(m.queues, (*queueState).at, func(a, b QueueState) int { return cmp.Compare(a.Name, b.Name) })
	waiting := m.waitingList(now)
	slices.SortStableFunc(waiting, func(a, b Queue) int { return cmp.Compare(a.Position, b.Position) })
	for i := range queues {
		for _, v := range waiting {
			if v.Name == queues[i].Name {
				queues[i].Callers = append(queues[i].Callers, v)
			}
		}
	}
	return queues
}

func (m *Model) agentList(now time.Time) []Agent {
	return list(m.agents, func(a *agent) Agent { return *a.at(now) }, func(a, b Agent) int {
		return cmp.Compare(a.Interface, b.Interface)
	})
}

func (m *Model) deviceList() []Device {
	return slices.SortedFunc(maps.Values(m.devices), func(a, b Device) int { return cmp.Compare(a.Name, b.Name) })
}

func (m *Model) endpointList() []Endpoint {
	channels := make(map[string]int)
	for _, ch := range m.channels {
		channels[endpointName(ch.Name)]++
	}
	return list(m.endpoints, func(p *endpoint) Endpoint {
		return p.at(m.devices[p.Name].State, channels[p.Name])
	}, func(a, b Endpoint) int { return cmp.Compare(a.Name, b.Name) })
}

func (m *Model) conferenceList() []Conference {
	return list(m.conferences, (*conference).at, func(a, b Conference) int { return cmp.Compare(a.Name, b.Name) })
}
