package pbxflow

import (
	"encoding/json"
	"net/http"

	"github.com/pbxflow/pbxflow/ami/live"
)

// routes is the table of HTTP endpoints.
func (s *Server) routes() map[string]func() any {
	return map[string]func() any{
		"GET /status":       func() any { return s.status() },
		"GET /calls":        func() any { return s.calls() },
		"GET /traces/calls": func() any { calls, _ := s.traces.newest(); return calls },
		"GET /traces/rules": func() any { _, decisions := s.traces.newest(); return decisions },
	}
}

// Handler returns the HTTP interface of the server, which only reads: /status,
// /calls (those that last now), /traces/calls and /traces/rules (the newest 200
// of each), all as JSON. It has no notion of users; whoever mounts it decides who
// may see it.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, answer := range s.routes() {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) {
			body, err := json.MarshalIndent(answer(), "", "  ")
			if err != nil {
				s.logger.Error("cannot answer", "pattern", pattern, "error", err)
				http.Error(w, "the answer cannot be written as JSON", http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			// The client may be gone; that is its business.
			_, _ = w.Write(append(body, '\n'))
		})
	}
	return mux
}

// status is the answer of /status.
type status struct {
	Revision string           `json:"revision"`
	Calls    int              `json:"calls"`
	Refused  uint64           `json:"refused"`
	Flows    int              `json:"flows"`
	Rules    int              `json:"rules"`
	Asterisk []asteriskStatus `json:"asterisk"`
}

type asteriskStatus struct {
	Name      string `json:"name"`
	Connected bool   `json:"connected"`
	Error     string `json:"error,omitempty"`
	Calls     int    `json:"calls"`
	// Lost counts events that the rules did not see because they were too slow.
	Lost uint64 `json:"lost"`
}

func (s *Server) status() status {
	loaded := s.app.Load()
	st := status{
		Revision: loaded.Revision, Calls: s.flows.Running(), Refused: s.agi.Refused(),
		Flows: len(loaded.Program.Flows), Rules: len(loaded.Rules),
		Asterisk: []asteriskStatus{},
	}
	for _, p := range s.pbxs {
		st.Asterisk = append(st.Asterisk, asteriskStatus{
			Name: p.name, Connected: p.client.Connected(), Error: p.lastError(),
			Calls: len(p.model.Calls()), Lost: p.events.Lost(),
		})
	}
	return st
}

func (s *Server) calls() []live.Call {
	calls := []live.Call{}
	for _, p := range s.pbxs {
		calls = append(calls, p.model.Calls()...)
	}
	return calls
}
