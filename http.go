package pbxflow

import (
	"encoding/json"
	"net/http"

	"github.com/pbxflow/pbxflow/ami/live"
)

// endpoint answers a request with a status and what is written as JSON.
type endpoint func(r *http.Request) (status int, answer any)

// routes is the table of HTTP endpoints.
func (s *Server) routes() map[string]endpoint {
	routes := map[string]endpoint{
		"GET /status":       shows(func() any { return s.status() }),
		"GET /calls":        shows(func() any { return s.calls() }),
		"GET /traces/calls": shows(func() any { calls, _ := s.traces.newest(); return calls }),
		"GET /traces/rules": shows(func() any { _, decisions := s.traces.newest(); return decisions }),
	}
	// Who mounts the handler elsewhere has Reload itself, and may not want others to.
	if s.settings.HTTPListen != "" {
		routes["POST /reload"] = s.handleReload
	}
	return routes
}

// shows is an endpoint that only reads.
func shows(answer func() any) endpoint {
	return func(*http.Request) (int, any) { return http.StatusOK, answer() }
}

// Handler returns the HTTP interface of the server, all as JSON: /status, /calls (those
// that last now), /traces/calls and /traces/rules (the newest 200 of each) only read.
// POST /reload does what [Server.Reload] does, and with ?drain=10m [Server.Drain] after
// it; it is there only if pbxflow.yaml has an address for HTTP. What pages of other web
// servers make a browser send is refused. There is no notion of users; whoever mounts the
// handler decides who may see it.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, endpoint := range s.routes() {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			status, answer := endpoint(r)
			body, err := json.MarshalIndent(answer, "", "  ")
			if err != nil {
				s.logger.Error("cannot answer", "pattern", pattern, "error", err)
				http.Error(w, "the answer cannot be written as JSON", http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			// The client may be gone; that is its business.
			_, _ = w.Write(append(body, '\n'))
		})
	}
	return http.NewCrossOriginProtection().Handler(mux)
}

// status is the answer of /status.
type status struct {
	Revision string `json:"revision"`
	Calls    int    `json:"calls"`
	// Revisions says how many calls run with each revision; after a reload some go on
	// with the one before.
	Revisions map[string]int   `json:"revisions"`
	Refused   uint64           `json:"refused"`
	Flows     int              `json:"flows"`
	Rules     int              `json:"rules"`
	Asterisk  []asteriskStatus `json:"asterisk"`
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
		Revision: loaded.Revision, Calls: s.flows.Running(), Revisions: s.flows.Revisions(), Refused: s.agi.Refused(),
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
