package pbxflow

import (
	"slices"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/flows"
)

// world tells expressions what goes on in all Asterisk servers, taken together.
type world struct{ s *Server }

// States of a queue's member, in Asterisk's numbers.
const (
	deviceFree    = 1
	deviceInUse   = 2
	deviceBusy    = 3
	deviceInUseTo = 7 // in use, and rings as well
	deviceOnHold  = 8
)

// Queue returns the state of a queue. Servers that have one of the name count together.
func (w world) Queue(name string) *flows.QueueInfo {
	info, now := w.past(name), time.Now()
	for _, p := range w.s.pbxs {
		for _, q := range p.model.Queues() {
			if q.Name == name {
				addQueue(info, q, now)
			}
		}
	}
	return info
}

func addQueue(info *flows.QueueInfo, q live.QueueState, now time.Time) {
	info.Waiting += len(q.Callers)
	for _, caller := range q.Callers {
		info.LongestWait = max(info.LongestWait, caller.Waited)
	}
	info.Members += len(q.Members)
	for _, m := range q.Members {
		talks := m.InCall || m.Status == deviceInUse || m.Status == deviceBusy || m.Status == deviceInUseTo || m.Status == deviceOnHold
		switch {
		case m.Paused:
			info.Paused++
		case m.Status == deviceFree && !m.InCall && now.Sub(m.LastCall) >= m.Wrapup:
			info.Available++
		}
		if talks {
			info.Busy++
		}
	}
}

// past is what is asked of the visits to a queue.
func (w world) past(queue string) *flows.QueueInfo {
	visits := &w.s.visits
	var short time.Duration
	if q := w.s.app.Load().Queues[queue]; q != nil {
		short = q.ShortAbandon
	}
	count := func(so func(*visit) bool) func(time.Duration) int {
		return func(d time.Duration) int { return visits.count(queue, time.Now(), d, so) }
	}
	return &flows.QueueInfo{
		Offered:  count(func(*visit) bool { return true }),
		Answered: count(func(v *visit) bool { return v.outcome == live.Answered }),
		Abandoned: count(func(v *visit) bool {
			return v.outcome == live.Abandoned && v.waited > short
		}),
		AnsweredWithin: func(threshold, d time.Duration) float64 {
			return visits.answeredWithin(queue, time.Now(), threshold, d)
		},
	}
}

// Agents returns the agents of all servers, by name.
func (w world) Agents() []*flows.AgentInfo {
	var agents []*flows.AgentInfo
	now := time.Now()
	for _, p := range w.s.pbxs {
		for _, a := range p.model.Agents() {
			agents = append(agents, &flows.AgentInfo{
				Name: a.Name, Interface: a.Interface, Server: p.name, State: a.State,
				Reason: a.Reason, For: now.Sub(a.Since), Queues: a.Queues,
			})
		}
	}
	slices.SortStableFunc(agents, func(a, b *flows.AgentInfo) int { return strings.Compare(a.Name, b.Name) })
	return agents
}

// Server returns the state of an Asterisk server.
func (w world) Server(name string) *flows.ServerInfo {
	for _, p := range w.s.pbxs {
		if p.name == name {
			peer := p.model.Server()
			info := &flows.ServerInfo{Connected: peer.Connected, Calls: len(p.model.Calls())}
			if !peer.Since.IsZero() {
				info.For = time.Since(peer.Since)
			}
			return info
		}
	}
	return &flows.ServerInfo{} // new in a reload, and not there before the next start
}
