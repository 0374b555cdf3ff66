package flows_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/flows"
)

// handlerTransport gives requests to a handler, in memory.
type handlerTransport struct{ http.Handler }

func (h handlerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	if r.Body == nil {
		r.Body = http.NoBody // as servers have it
	}
	h.ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

// clientOf is a client all of whose requests go to a handler.
func clientOf(h http.Handler) *http.Client { return &http.Client{Transport: handlerTransport{h}} }

// respond answers every request with a status and a body.
func respond(status int, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	})
}

// hang answers no request.
var hang = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })

func TestHTTP(t *testing.T) {
	const flow = `
		- http: https://crm.example/callers
		  as: crm
		  timeout: 2s
		  on_error: continue
		- log: ${crm?.status ?? 0} ${crm?.body ?? "none"} ${crm?.json?.vip == true}`
	runAll(t, []conversation{
		{
			name: "JSON", flow: flow, http: respond(200, `{"vip":true}`),
			want: "http → ok\nlog 200 {\"vip\":true} true\nDONE by dialplan",
		},
		{
			name: "text", flow: flow, http: respond(200, `hello`),
			want: "http → ok\nlog 200 hello false\nDONE by dialplan",
		},
		{
			name: "4xx", flow: flow, http: respond(404, `{"vip":true}`),
			want: "http: http.status_4xx: the server refused the request (on_error: continue)\nlog 404 {\"vip\":true} true\nDONE by dialplan",
		},
		{
			name: "5xx", flow: flow, http: respond(503, `sorry`),
			want: "http: http.status_5xx: the server failed (on_error: continue)\nlog 503 sorry false\nDONE by dialplan",
		},
		{
			name: "timeout", flow: flow, http: hang, asterisk: "\n. 2s\n",
			want: "http: http.timeout: the server did not answer in time (on_error: continue)\nlog 0 none false\nDONE by dialplan",
		},
		{
			name: "huge", flow: flow, http: respond(200, strings.Repeat("x", 2<<20)),
			want: "http: http.failed: the server could not be reached, or its answer could not be read (on_error: continue)\nlog 0 none false\nDONE by dialplan",
		},
		{
			name: "on", flow: `
			- http: https://crm.example/
			  on: { status_4xx: { log: unknown caller }, timeout: { log: slow } }`,
			http: respond(404, ""),
			want: "http → status_4xx (on)\n  log unknown caller\nDONE by dialplan",
		},
	})
}

func TestHTTPRequest(t *testing.T) {
	var got []string
	record := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got = append(got, fmt.Sprintf("%s %s %s %s %s", r.Method, r.URL, r.Header.Get("Content-Type"), r.Header.Get("X-Key"), body))
	})
	trace := conversation{
		flow: `
			- set: { secret: s3cret }
			- http: https://crm.example/callers/${call.caller.num}/x?q=${call.caller.name}&n=${1 + 1}
			- http: https://crm.example/
			  json: { num: "${call.caller.num}", n: 3, list: [true, a] }
			  headers: { X-Key: "Bearer ${secret}" }
			- http: https://crm.example/
			  method: PUT
			  json: "${call.args}"`,
		asterisk: "env agi_callerid: a/b?c\nenv agi_calleridname: x&y=z #\nenv agi_arg_1: one",
		http:     record,
		want:     "set\nhttp → ok\nhttp → ok\nhttp → ok\nDONE by dialplan",
	}.run(t)
	want := []string{
		"GET https://crm.example/callers/a%2Fb%3Fc/x?q=x%26y%3Dz%20%23&n=2   ",
		`POST https://crm.example/ application/json Bearer s3cret {"list":[true,"a"],"n":3,"num":"a/b?c"}`,
		`PUT https://crm.example/ application/json  ["one"]`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requests differ (-want +got):\n%s", diff)
	}
	if text := traceText(t, trace); strings.Contains(text, "Bearer") {
		t.Errorf("the trace tells a header:\n%s", text)
	}
}

// A dot segment would lead to another place on the server.
func TestHTTPDotSegment(t *testing.T) {
	conversation{
		flow:     "- http: https://crm.example/callers/${call.caller.num}\n  on_error: continue",
		asterisk: "env agi_callerid: ..", http: respond(200, ""),
		want: "http: expression: app.yaml:6:43: call.caller.num: \"..\" would lead to another place on the server (on_error: continue)\nDONE by dialplan",
	}.run(t)
}

// TestHTTPServer asks a real server with the engine's own client.
func TestHTTPServer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/moved":
			http.Redirect(w, r, "/there", http.StatusFound)
		default:
			fmt.Fprint(w, `{"id": 1234567890123}`)
		}
	}))
	defer server.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	a := load(t, strings.NewReplacer("SERVER", server.URL, "GONE", gone.URL).Replace(`
flows:
  main:
    - { http: SERVER/moved, as: answer }
    - log: ${answer.json.id}
    - { http: SERVER/loop, on: { failed: { log: loop } } }
    - { http: GONE/, on: { failed: { log: gone } } }
`))
	loopback := flows.Outgoing{Private: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	trace, err := (&flows.Engine{HTTP: loopback.Client()}).RunSteps(t.Context(), a.Program, a.Program.Flows["main"].Steps, map[string]any{}, flows.Meta{})
	if err != nil {
		t.Fatal(err)
	}
	want := "http → ok\nlog 1234567890123\nhttp → failed (on)\n  log loop\nhttp → failed (on)\n  log gone\nDONE by flow"
	if diff := cmp.Diff(want, summary(trace)); diff != "" {
		t.Errorf("trace differs (-want +got):\n%s", diff)
	}
}

func TestNotify(t *testing.T) {
	const flow = `
		- notify: ops
		  text: from ${call.caller.num}
		  on_error: { log: "${error.id}: ${error.message}" }`
	var bodies []string
	// statuses answers one request after the other; the last status stays.
	statuses := func(list ...int) http.Handler {
		bodies = nil
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			bodies = append(bodies, string(body))
			w.WriteHeader(list[min(len(bodies), len(list))-1])
		})
	}
	for _, test := range []struct {
		name  string
		serve http.Handler
		tries int
		want  string
	}{
		{"delivered", statuses(204), 1, "notify\nDONE by dialplan"},
		{"retried", statuses(500, 429, 200), 3, "notify\nDONE by dialplan"},
		{"refused", statuses(400), 1, "notify: notify.failed: notice to ops: the server answered with status 400 (on_error)\n" +
			"  log notify.failed: notice to ops: the server answered with status 400\nDONE by dialplan"},
		{"never", statuses(500), 4, "notify: notify.failed: notice to ops: the server answered with status 500 (on_error)\n" +
			"  log notify.failed: notice to ops: the server answered with status 500\nDONE by dialplan"},
	} {
		t.Run(test.name, func(t *testing.T) {
			bodies = nil
			conversation{flow: flow, http: test.serve, asterisk: "\n. 1m\n", want: test.want}.run(t)
			if len(bodies) != test.tries {
				t.Fatalf("got %d requests, want %d", len(bodies), test.tries)
			}
			var notice map[string]any
			if err := json.Unmarshal([]byte(bodies[0]), &notice); err != nil {
				t.Fatal(err)
			}
			delete(notice, "time")
			want := map[string]any{"text": "from 5550100", "flow": "main", "call": "1763712000.1"}
			if diff := cmp.Diff(want, notice); diff != "" {
				t.Errorf("notice differs (-want +got):\n%s", diff)
			}
		})
	}
}
