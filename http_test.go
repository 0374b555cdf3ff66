package pbxflow_test

import (
	"net/http/httptest"
	"path"
)

// get asks the server's HTTP interface.
func (s *scene) get(path string) string {
	s.t.Helper()
	w := httptest.NewRecorder()
	s.server.Handler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	if w.Code != 200 {
		s.t.Errorf("GET %s: status %d", path, w.Code)
	}
	return w.Body.String()
}

// glob compares text with a pattern.
func glob(text, pattern string) bool {
	ok, err := path.Match(pattern, text)
	return ok && err == nil
}
