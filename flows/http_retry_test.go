package flows_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/flows"
)

// moody is a transport that does something else at each request; the last stays.
type moody struct {
	answers []any // a status, an error, or a header Retry-After with status 503
	bodies  []string
}

func (m *moody) RoundTrip(r *http.Request) (*http.Response, error) {
	body := ""
	if r.Body != nil {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		body = string(b)
	}
	m.bodies = append(m.bodies, r.Method+body)
	response := &http.Response{StatusCode: http.StatusServiceUnavailable, Header: http.Header{}, Body: http.NoBody, Request: r}
	switch a := m.answers[min(len(m.bodies), len(m.answers))-1].(type) {
	case error:
		return nil, a
	case int:
		response.StatusCode = a
	case string:
		response.Header.Set("Retry-After", a)
	case time.Duration: // no answer before that
		select {
		case <-time.After(a):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	return response, nil
}

// TestHTTPRetry sends requests again when that may help, as long as time is left, and
// never what could do something twice.
func TestHTTPRetry(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	const get = "- http: https://crm.example/\n  timeout: 10s\n  retry: { times: 3, delay: 2s }\n  on_error: continue"
	const failed = ": the server could not be reached, or its answer could not be read (on_error: continue)\nDONE by flow"
	const busy = "http: http.status_5xx: the server failed (on_error: continue)\nDONE by flow"
	for _, test := range []struct {
		name, step string
		answers    []any
		want       string
		again      []string
		bodies     []string
		took       time.Duration
	}{
		{name: "at once", step: get, answers: []any{200}, want: "http → ok\nDONE by flow", bodies: []string{"GET"}},
		{
			name: "busy", step: get, answers: []any{502, 503, 504, 200}, want: "http → ok\nDONE by flow",
			again: []string{"after 2s: status 502", "after 2s: status 503", "after 2s: status 504"}, bodies: []string{"GET", "GET", "GET", "GET"}, took: 6 * time.Second,
		},
		{
			name: "never", step: get, answers: []any{429}, want: "http: http.status_4xx: the server refused the request (on_error: continue)\nDONE by flow",
			again: []string{"after 2s: status 429", "after 2s: status 429", "after 2s: status 429"}, bodies: []string{"GET", "GET", "GET", "GET"}, took: 6 * time.Second,
		},
		{
			name: "not there, then there", step: get, answers: []any{refused, io.ErrUnexpectedEOF, 204}, want: "http → ok\nDONE by flow",
			again: []string{
				"after 2s: Get \"https://crm.example/\": dial: connection refused", "after 2s: Get \"https://crm.example/\": unexpected EOF",
			},
			bodies: []string{"GET", "GET", "GET"}, took: 4 * time.Second,
		},
		{name: "an error of its own", step: get, answers: []any{500}, want: busy, bodies: []string{"GET"}},
		{name: "not found", step: get, answers: []any{404}, want: "http: http.status_4xx: the server refused the request (on_error: continue)\nDONE by flow", bodies: []string{"GET"}},
		{
			name: "no such name", step: get, answers: []any{&net.DNSError{Err: "no such host", IsNotFound: true}},
			want: "http: http.failed" + failed, bodies: []string{"GET"},
		},
		{
			name: "a wrong certificate", step: get, answers: []any{&tls.CertificateVerificationError{Err: errors.New("unknown authority")}},
			want: "http: http.failed" + failed, bodies: []string{"GET"},
		},
		{
			name: "the server wants time", step: get, answers: []any{"5", 200}, want: "http → ok\nDONE by flow",
			again: []string{"after 5s: status 503"}, bodies: []string{"GET", "GET"}, took: 5 * time.Second,
		},
		{
			name: "the server wants time until then", step: get, answers: []any{"Sat, 01 Jan 2000 00:00:07 GMT", 200}, want: "http → ok\nDONE by flow",
			again: []string{"after 7s: status 503"}, bodies: []string{"GET", "GET"}, took: 7 * time.Second,
		},
		{name: "the server wants too much time", step: get, answers: []any{"3600", 200}, want: busy, bodies: []string{"GET"}},
		{name: "the server wants more time than there is", step: get, answers: []any{"99999999999999999999", "9223372036854775807", 200}, want: busy, again: []string{"after 2s: status 503"}, bodies: []string{"GET", "GET"}, took: 2 * time.Second},
		{
			name: "no time is left", step: get, answers: []any{7 * time.Second, 7 * time.Second}, want: "http: http.timeout: the server did not answer in time (on_error: continue)\nDONE by flow",
			again: []string{"after 2s: status 503"}, bodies: []string{"GET", "GET"}, took: 10 * time.Second,
		},
		{
			name: "no time is left to ask again", step: get, answers: []any{9 * time.Second}, want: busy, bodies: []string{"GET"}, took: 9 * time.Second,
		},
		{
			name: "a PUT", step: "- http: https://crm.example/\n  method: PUT\n  body: hello\n  retry: { delay: 1s }", answers: []any{503, 200},
			want: "http → ok\nDONE by flow", again: []string{"after 1s: status 503"}, bodies: []string{"PUThello", "PUThello"}, took: time.Second,
		},
		{
			name: "a POST that may arrive twice", step: "- http: https://crm.example/\n  json: { n: \"${1 + 1}\" }\n  retry: { twice: true }", answers: []any{refused, 200},
			want: "http → ok\nDONE by flow", again: []string{"after 1s: Post \"https://crm.example/\": dial: connection refused"},
			bodies: []string{`POST{"n":2}`, `POST{"n":2}`}, took: time.Second,
		},
		{name: "a POST without", step: "- http: https://crm.example/\n  json: {}\n  on_error: continue", answers: []any{503}, want: busy, bodies: []string{"POST{}"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := load(t, "flows:\n  main:\n    "+strings.ReplaceAll(test.step, "\n", "\n    "))
				server := &moody{answers: test.answers}
				began := time.Now()
				// How it ended is in the trace.
				trace, _ := (&flows.Engine{HTTP: &http.Client{Transport: server}}).RunSteps(t.Context(), a.Program, a.Program.Flows["main"].Steps, map[string]any{}, flows.Meta{})
				if took := time.Since(began); took != test.took {
					t.Errorf("it took %v, want %v", took, test.took)
				}
				var again []string
				for _, arg := range trace.Steps[0].Args {
					if arg.Key == "again" {
						again = append(again, fmt.Sprint(arg.Value))
					}
				}
				if diff := cmp.Diff([]any{test.want, test.again, test.bodies}, []any{summary(trace), again, server.bodies}); diff != "" {
					t.Errorf("trace, tries and requests differ (-want +got):\n%s", diff)
				}
			})
		})
	}
}
