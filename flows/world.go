package flows

import (
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// World tells expressions what goes on in the telephone system now. Its methods are
// called concurrently and must return at once.
type World interface {
	// Queue returns the state of a queue of the app.
	Queue(name string) *QueueInfo
	// Agents returns the agents that are known, sorted by name.
	Agents() []*AgentInfo
	// Server returns the state of an Asterisk server of the configuration.
	Server(name string) *ServerInfo
}

// QueueInfo is what expressions read of a queue.
type QueueInfo struct {
	Waiting     int           `expr:"waiting" doc:"how many callers wait"`
	LongestWait time.Duration `expr:"longest_wait" doc:"how long the first of them has waited"`
	Members     int           `expr:"members" doc:"how many agents are members"`
	Available   int           `expr:"available" doc:"how many of them could take a call now"`
	Busy        int           `expr:"busy" doc:"how many of them are on a call"`
	Paused      int           `expr:"paused" doc:"how many of them are paused"`

	Offered        func(within time.Duration) int                `expr:"offered" doc:"how many callers joined within a time, such as queues.support.offered(\"1h\")"`
	Answered       func(within time.Duration) int                `expr:"answered" doc:"how many of those who joined within a time were answered"`
	Abandoned      func(within time.Duration) int                `expr:"abandoned" doc:"how many of those who joined within a time gave up"`
	AnsweredWithin func(threshold, within time.Duration) float64 `expr:"answered_within" doc:"which part of those who joined within the second time, without those who gave up sooner, was answered within the first: queues.support.answered_within(\"20s\", \"1h\"). 1 when nobody joined."`
}

// AgentInfo is what expressions read of an agent.
type AgentInfo struct {
	Name      string        `expr:"name" doc:"the agent's name"`
	Interface string        `expr:"interface" doc:"the agent's device, such as PJSIP/101"`
	Server    string        `expr:"server" doc:"name of the Asterisk server"`
	State     string        `expr:"state" doc:"what the agent does now"`
	Reason    string        `expr:"reason" doc:"why the agent is paused; empty otherwise"`
	For       time.Duration `expr:"for" doc:"how long the state has lasted"`
	Queues    []string      `expr:"queues" doc:"the queues whose member the agent is"`
}

// ServerInfo is what expressions read of an Asterisk server.
type ServerInfo struct {
	Connected bool          `expr:"connected" doc:"whether the manager session is up"`
	For       time.Duration `expr:"for" doc:"how long it has been up, or down"`
	Calls     int           `expr:"calls" doc:"how many calls last"`
}

// worldNames declares what is going on: queues and servers by their names, and agents;
// and the people there are.
func (n *Names) worldNames() lang.Names {
	queues, servers := lang.Names{}, lang.Names{}
	for name := range n.Queues {
		queues[name] = QueueInfo{}
	}
	for _, name := range n.Servers {
		servers[name] = ServerInfo{}
	}
	names := lang.Names{"queues": queues, "servers": servers, "agents": []*AgentInfo(nil)}
	if len(n.People) > 0 {
		people := lang.Names{}
		for name := range n.People {
			people[name] = PersonInfo{}
		}
		names["people"] = people
	}
	return names
}

// nobody is the world of an engine that has none: nothing goes on there.
type nobody struct{}

func (nobody) Queue(string) *QueueInfo {
	none := func(time.Duration) int { return 0 }
	return &QueueInfo{
		Offered: none, Answered: none, Abandoned: none,
		AnsweredWithin: func(_, _ time.Duration) float64 { return 1 },
	}
}
func (nobody) Agents() []*AgentInfo      { return nil }
func (nobody) Server(string) *ServerInfo { return &ServerInfo{} }

// LookupWorld returns what a name of the world stands for. ok is false for other names.
func (p *Program) LookupWorld(w World, name string) (value any, ok bool) {
	if p.Verbs != nil {
		if f, ok := p.Verbs.functions[name]; ok {
			return f, true
		}
	}
	if w == nil {
		w = nobody{}
	}
	switch name {
	case "agents":
		return w.Agents(), true
	case "people":
		return p.people(), true
	case "queues":
		queues := make(map[string]any, len(p.Queues))
		for name := range p.Queues {
			queues[name] = w.Queue(name)
		}
		return queues, true
	case "servers":
		servers := make(map[string]any, len(p.Servers))
		for _, name := range p.Servers {
			servers[name] = w.Server(name)
		}
		return servers, true
	}
	return nil, false
}
