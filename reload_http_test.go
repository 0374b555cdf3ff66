package pbxflow_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow"
)

const web = "http: { listen: 127.0.0.1:0 }\n"

// post asks a server to do something.
func post(server *pbxflow.Server, path string, header ...string) (code int, answer string) {
	r := httptest.NewRequest(http.MethodPost, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	server.Handler().ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestReloadHTTP(t *testing.T) {
	h := serve(t, map[string]string{"pbxflow.yaml": loopback + web, "flows.yaml": helloFlow})
	revision := func() string {
		var status struct{ Revision string }
		if err := json.Unmarshal([]byte(get(t, h.Server, "/status")), &status); err != nil {
			t.Fatal(err)
		}
		return status.Revision
	}
	before := revision()
	if code, answer := post(h.Server, "/reload"); code != http.StatusOK || answer != fmt.Sprintf("{\n  \"revision\": %q\n}\n", before) {
		t.Errorf("a reload without a change: %d %s", code, answer)
	}
	h.write("flows.yaml", strings.ReplaceAll(helloFlow, "hello", "other"))
	if code, answer := post(h.Server, "/reload"); code != http.StatusOK || strings.Contains(answer, before) || !strings.Contains(answer, revision()) {
		t.Errorf("a good reload: %d %s", code, answer)
	}
	before = revision()
	h.write("flows.yaml", "flows: { main: { plya: x } }")
	code, answer := post(h.Server, "/reload")
	want := fmt.Sprintf(`{
  "revision": %q,
  "problems": [
    {
      "file": "flows.yaml",
      "line": 1,
      "column": 18,
      "severity": "error",
      "id": "unknown-verb",
      "message": "there is no verb \"plya\"",
      "suggestion": "did you mean \"play\"?"
    }
  ]
}
`, before)
	if diff := cmp.Diff(want, answer); code != http.StatusUnprocessableEntity || diff != "" {
		t.Errorf("a broken reload: %d, the answer differs (-want +got):\n%s", code, diff)
	}
	h.write("flows.yaml", "notify: { ops: { webhook: '${env.HOOK}' } }")
	if code, answer := post(h.Server, "/reload"); code != http.StatusUnprocessableEntity || !strings.Contains(answer, "the environment variable HOOK is not set") {
		t.Errorf("a reload without its environment: %d %s", code, answer)
	}
	h.call("main", play("other")+status("DONE", ""))()
	for path, want := range map[string]int{"/reload?drain=soon": 400, "/reload?drain=-1s": 400} {
		if code, answer := post(h.Server, path); code != want || !strings.Contains(answer, "drain is a time such as 10m") {
			t.Errorf("POST %s: %d %s, want %d", path, code, answer, want)
		}
	}
	if code, _ := post(h.Server, "/reload", "Sec-Fetch-Site", "cross-site"); code != http.StatusForbidden {
		t.Errorf("a page of another server may reload: status %d", code)
	}
}

// TestReloadHTTPMounted leaves a reload to the program that mounts the handler.
func TestReloadHTTPMounted(t *testing.T) {
	h := serve(t, map[string]string{"flows.yaml": helloFlow})
	if code, _ := post(h.Server, "/reload"); code != http.StatusNotFound {
		t.Errorf("status %d", code)
	}
}

// drained is the end of a call that was given back.
var drained = status("DRAINED", "")

// TestDrain gives calls of the revision before back at the next border of a step,
// wherever that is.
func TestDrain(t *testing.T) {
	for name, test := range map[string]struct{ main, transcript string }{
		"a step":           {"[{ hold: a }, { play: no }]", ""},
		"the next flow":    {"[{ hold: a }, { goto: more }]", ""},
		"a called flow":    {"[{ call: more }, { play: no }]", ""},
		"a branch":         {"[{ if: call.dialed != 'x', then: [{ hold: a }, { play: no }] }, { play: no }]", ""},
		"a loop":           {"[{ repeat: 3, do: { hold: a } }, { play: no }]", ""},
		"a list":           {"[{ each: n, in: [1, 2], do: [{ hold: \"${n}\" }] }, { play: no }]", ""},
		"a menu":           {"[{ menu: m, options: { 1: [{ hold: a }, again] }, give_up: hangup }]", "> GET OPTION *\n< 200 result=49 endpos=1\n"},
		"an outcome":       {"[{ play: gone, on: { missing: [{ hold: a }, { play: no }] } }]", "> STREAM FILE \"gone\" \"\"\n< 200 result=-1 endpos=0\n> CHANNEL STATUS\n< 200 result=6\n"},
		"an error's steps": {"[{ play: gone, on_error: [{ hold: a }, { play: no }] }]", "> STREAM FILE \"gone\" \"\"\n< 200 result=-1 endpos=0\n> CHANNEL STATUS\n< 200 result=6\n"},
		"on_error goes on": {"[{ call: more, on_error: continue }, { play: no }]", ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := serve(t, map[string]string{"flows.yaml": "flows: { main: { steps: " + test.main + ", on_error: { play: no }, finally: { log: tidy } }, more: { steps: [{ hold: a }, { play: no }], finally: { log: tidy } } }"})
			wait := h.call("main", test.transcript+". 30s\n"+drained)
			select {
			case <-h.holding:
			case trace := <-h.calls:
				wait()
				t.Fatalf("the call ended %s: %s", trace.Status, trace.Error)
			}
			h.write("flows.yaml", helloFlow)
			if err := h.Reload(); err != nil {
				t.Fatal(err)
			}
			if n := h.Drain(0); n != 1 {
				t.Errorf("%d calls are given back, want 1", n)
			}
			h.release <- struct{}{}
			wait()
			trace := <-h.calls
			if trace.Status != "DRAINED" || trace.EndedBy != "reload" || trace.Error != "" {
				t.Errorf("the call ended %s by %s, error %q", trace.Status, trace.EndedBy, trace.Error)
			}
			tidied := trace.Steps[len(trace.Steps)-1]
			if name != "the next flow" && tidied.Verb != "log" {
				t.Errorf("finally did not run: the last step is %+v", tidied)
			}
		})
	}
}

// TestDrainLater leaves calls alone until their time, and those of the same revision for
// ever.
func TestDrainLater(t *testing.T) {
	flow := func(sound string) string {
		return "flows: { main: [{ hold: a }, { play: " + sound + " }] }"
	}
	h := serve(t, map[string]string{"pbxflow.yaml": loopback + "reload: { drain: 1h }", "flows.yaml": flow("one")})
	old := h.call("main", ". 30s\n"+play("one")+status("DONE", ""))
	<-h.holding
	if err := h.Reload(); err != nil || h.Drain(0) != 0 {
		t.Errorf("a reload of the same files: %v; it ends calls", err)
	}
	h.write("flows.yaml", flow("two"))
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	h.has("calls of older revisions are given back")
	next := h.call("main", ". 30s\n"+play("two")+status("DONE", ""))
	<-h.holding
	var st struct {
		Revision  string
		Revisions map[string]int
	}
	if err := json.Unmarshal([]byte(get(t, h.Server, "/status")), &st); err != nil {
		t.Fatal(err)
	}
	if len(st.Revisions) != 2 || st.Revisions[st.Revision] != 1 {
		t.Errorf("the calls by revision are %v, in force is %s", st.Revisions, st.Revision)
	}
	h.release <- struct{}{}
	h.release <- struct{}{}
	old()
	next()
	<-h.calls
	<-h.calls
	if got := get(t, h.Server, "/status"); !strings.Contains(got, `"revisions": {}`) {
		t.Errorf("calls that are over still count: %s", got)
	}
}
