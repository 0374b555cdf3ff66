package pbxflow_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"testing"

	"github.com/pbxflow/pbxflow"
)

// get asks a server's HTTP interface.
func get(t *testing.T, server *pbxflow.Server, path string) string {
	t.Helper()
	w := httptest.NewRecorder()
	server.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	if w.Code != http.StatusOK {
		t.Errorf("GET %s: status %d", path, w.Code)
	}
	return w.Body.String()
}

// get asks the HTTP interface of the scene's server.
func (s *scene) get(path string) string {
	s.t.Helper()
	return get(s.t, s.server, path)
}

// glob compares text with a pattern.
func glob(text, pattern string) bool {
	ok, err := path.Match(pattern, text)
	return ok && err == nil
}

func TestHandler(t *testing.T) {
	m, config := manager(t)
	h := serve(t, map[string]string{
		"pbxflow.yaml": config + "http: { listen: 127.0.0.1:0 }", "flows.yaml": helloFlow, "rules.yaml": syncedRule,
	})
	h.decided("synced")
	m.Emit("Newchannel", "Channel", "PJSIP/101-1", "Uniqueid", "1.1", "Linkedid", "1.1", "CallerIDNum", "101", "Exten", "200", "ChannelState", "4")
	h.call("main", play("hello")+status("DONE", ""))()
	<-h.calls

	for path, check := range map[string]func(v any) bool{
		"/status": func(v any) bool {
			s := v.(map[string]any)
			a := s["asterisk"].([]any)[0].(map[string]any)
			return s["revision"] != "" && s["flows"] == 2.0 && s["rules"] == 1.0 && s["refused"] == 0.0 &&
				a["name"] == "pbx1" && a["connected"] == true && a["error"] == nil
		},
		"/calls":        func(v any) bool { _, ok := v.([]any); return ok },
		"/traces/calls": func(v any) bool { l := v.([]any); return len(l) == 1 && l[0].(map[string]any)["flow"] == "main" },
		"/traces/rules": func(v any) bool { return v.([]any)[0].(map[string]any)["rule"] == "synced" },
	} {
		// Over the network, as people ask.
		response, err := http.Get("http://" + h.HTTPAddr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		var v any
		if err := json.Unmarshal(body, &v); err != nil || !check(v) || response.Header.Get("Content-Type") != "application/json" {
			t.Errorf("GET %s: %v, %s", path, err, body)
		}
	}
	for request, want := range map[*http.Request]int{
		httptest.NewRequest(http.MethodGet, "/", nil):        http.StatusNotFound,
		httptest.NewRequest(http.MethodPost, "/status", nil): http.StatusMethodNotAllowed,
	} {
		w := httptest.NewRecorder()
		h.Handler().ServeHTTP(w, request)
		if w.Code != want {
			t.Errorf("%s %s: status %d, want %d", request.Method, request.URL, w.Code, want)
		}
	}
}

// TestTracesAreBounded keeps the newest 200, newest first.
func TestTracesAreBounded(t *testing.T) {
	h := serve(t, map[string]string{"flows.yaml": "flows: { main: { log: x }, last: { log: x } }"})
	for range 205 {
		h.call("main", status("DONE", ""))()
		<-h.calls
	}
	h.call("last", status("DONE", ""))()
	<-h.calls
	var traces []struct{ Flow string }
	if err := json.Unmarshal([]byte(get(t, h.Server, "/traces/calls")), &traces); err != nil {
		t.Fatal(err)
	}
	if len(traces) != 200 || traces[0].Flow != "last" || traces[1].Flow != "main" {
		t.Errorf("%d traces are kept, the first is %+v", len(traces), traces[0])
	}
}
