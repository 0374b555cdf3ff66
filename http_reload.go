package pbxflow

import (
	"errors"
	"net/http"
	"time"
)

// reloadAnswer is the answer of POST /reload.
type reloadAnswer struct {
	// Revision is the one in force now.
	Revision string `json:"revision"`
	// Draining is how many calls of older revisions will be given back.
	Draining int `json:"draining,omitempty"`
	// Problems are what keeps the app from being loaded; nothing has changed then.
	Problems Problems `json:"problems,omitempty"`
	// Error is what else does.
	Error string `json:"error,omitempty"`
}

// handleReload reads the app again. The status is 422 when it has mistakes.
func (s *Server) handleReload(r *http.Request) (int, any) {
	fail := func(status int, problems Problems, text string) (int, any) {
		return status, reloadAnswer{Revision: s.app.Load().Revision, Problems: problems, Error: text}
	}
	drain, drains := time.Duration(0), r.URL.Query().Has("drain")
	if drains {
		var err error
		if drain, err = time.ParseDuration(r.URL.Query().Get("drain")); err != nil || drain < 0 {
			return fail(http.StatusBadRequest, nil, "drain is a time such as 10m, after which calls of older revisions are given back")
		}
	}
	if err := s.Reload(); err != nil {
		if problems, ok := errors.AsType[Problems](err); ok {
			return fail(http.StatusUnprocessableEntity, problems, "")
		}
		return fail(http.StatusUnprocessableEntity, nil, err.Error())
	}
	answer := reloadAnswer{Revision: s.app.Load().Revision}
	if drains {
		answer.Draining = s.Drain(drain)
	}
	return http.StatusOK, answer
}
