package live

import (
	"cmp"
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
	s := read(m, func(now time.Time) Snapshot {
		return Snapshot{
			Time: now, Server: m.peer, Parts: m.partList(now),
			Calls: m.callList(now), Channels: m.channelList(now), Bridges: m.bridgeList(now), Parked: m.parkedList(now),
			Recordings: m.recordingList(now), ListenIns: m.listenList(now), Queues: m.queueList(now), Agents: m.agentList(now),
			Devices: m.deviceList(now), Endpoints: m.endpointList(now), Conferences: m.conferenceList(now),
		}
	})
	sorted(s.Parts, byPart)
	sorted(s.Calls, byCall)
	sorted(s.Channels, byChannel)
	sorted(s.Bridges, byBridge)
	sorted(s.Parked, byParked)
	sorted(s.Recordings, byRecording)
	sorted(s.ListenIns, byListenIn)
	sorted(s.Queues, byQueue)
	sorted(s.Agents, byAgent)
	sorted(s.Devices, byDevice)
	sorted(s.Endpoints, byEndpoint)
	sorted(s.Conferences, byConference)
	return s
}

// Calls returns the calls that last, oldest first.
func (m *Model) Calls() []Call { return sorted(read(m, m.callList), byCall) }

// Channels returns the channels that exist, oldest first.
func (m *Model) Channels() []Channel { return sorted(read(m, m.channelList), byChannel) }

// Bridges returns the bridges that exist, oldest first.
func (m *Model) Bridges() []Bridge { return sorted(read(m, m.bridgeList), byBridge) }

// Parked returns the parked calls, the longest first.
func (m *Model) Parked() []Parked { return sorted(read(m, m.parkedList), byParked) }

// Recordings returns the recordings that run, oldest first.
func (m *Model) Recordings() []Recording { return sorted(read(m, m.recordingList), byRecording) }

// ListenIns returns who listens in to whom, the longest first.
func (m *Model) ListenIns() []ListenIn { return sorted(read(m, m.listenList), byListenIn) }

// Waiting returns the callers who wait in queues, the longest first.
func (m *Model) Waiting() []Queue { return sorted(read(m, m.waitingList), byWait) }

// Queues returns the queues with their members and callers, by name.
func (m *Model) Queues() []QueueState { return sorted(read(m, m.queueList), byQueue) }

// Agents returns the agents of all queues, by interface.
func (m *Model) Agents() []Agent { return sorted(read(m, m.agentList), byAgent) }

// Devices returns the devices, by name.
func (m *Model) Devices() []Device { return sorted(read(m, m.deviceList), byDevice) }

// Endpoints returns the phones and trunks, by name.
func (m *Model) Endpoints() []Endpoint { return sorted(read(m, m.endpointList), byEndpoint) }

// Conferences returns the conferences, by name.
func (m *Model) Conferences() []Conference { return sorted(read(m, m.conferenceList), byConference) }

// Parts returns the parts of the picture and whether Asterisk tells of them, by name.
// Before the first Resync none is known.
func (m *Model) Parts() []Part { return sorted(read(m, m.partList), byPart) }

// Server returns the state of the link to the server.
func (m *Model) Server() Server { return read(m, func(time.Time) Server { return m.peer }) }

// read returns what get returns under the lock.
func read[T any](m *Model, get func(now time.Time) T) T {
	m.mu.Lock()
	defer m.mu.Unlock()
	return get(m.time())
}

// sorted sorts a list in place. That takes longer than to copy it, so it is done without
// the lock, which events wait for.
func sorted[T any](values []T, compare func(a, b T) int) []T {
	slices.SortFunc(values, compare)
	return values
}

func byCall(a, b Call) int { return cmp.Or(a.Started.Compare(b.Started), cmp.Compare(a.ID, b.ID)) }
func byChannel(a, b Channel) int {
	return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.Uniqueid, b.Uniqueid))
}

func byBridge(a, b Bridge) int {
	return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
}

func byParked(a, b Parked) int {
	return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Channel, b.Channel))
}

func byRecording(a, b Recording) int {
	return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Channel, b.Channel))
}

func byListenIn(a, b ListenIn) int {
	return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Uniqueid, b.Uniqueid))
}

func byWait(a, b Queue) int {
	return cmp.Or(a.Joined.Compare(b.Joined), cmp.Compare(a.Channel, b.Channel))
}
func byQueue(a, b QueueState) int      { return cmp.Compare(a.Name, b.Name) }
func byAgent(a, b Agent) int           { return cmp.Compare(a.Interface, b.Interface) }
func byDevice(a, b Device) int         { return cmp.Compare(a.Name, b.Name) }
func byEndpoint(a, b Endpoint) int     { return cmp.Compare(a.Name, b.Name) }
func byConference(a, b Conference) int { return cmp.Compare(a.Name, b.Name) }
func byPart(a, b Part) int             { return cmp.Compare(a.Name, b.Name) }
