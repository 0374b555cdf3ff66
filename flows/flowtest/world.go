package flowtest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/flows"
)

// noticeHost is where the notices of a test go.
const noticeHost = "notices.invalid"

// world is what flows reach beside their call: web servers, places for notices, queues.
type world struct {
	*stage
	clock waiter
	chaos chaos
	press func(keys, time.Duration) // keys that Asterisk has the channel receive

	asked  map[*answer]int   // requests so far; guarded by mu
	phones map[string]string // the first phone of each place that has phones
}

// waiter lets a time pass; false says that ctx ended before.
type waiter interface {
	Sleep(ctx context.Context, d time.Duration) bool
}

// RoundTrip answers a request.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host == noticeHost {
		return w.notice(r)
	}
	address := r.URL.String()
	e := &event{kind: "http", what: []string{address}, fields: map[string][]string{"method": {r.Method}}}
	w.happens(e)
	if w.chaos.http != "" {
		return (&answer{failure: w.chaos.http}).give(w.clock, r)
	}
	a := w.test.Given.HTTP.find(address)
	if a == nil {
		if !w.chaos.on {
			w.fault(e, "the flow asks %s, and the test does not say what that answers: write\n  given: { http: { %q: { status: 200, json: {} } } }", address, address)
		}
		return nil, errUnreachable
	}
	w.use("http", a.glob)
	w.mu.Lock()
	nth := w.asked[a]
	w.asked[a]++
	w.mu.Unlock()
	return a.after(nth).give(w.clock, r)
}

// notice takes a notice.
func (w *world) notice(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var notice struct{ Text string }
	if err := json.Unmarshal(body, &notice); err != nil {
		return nil, fmt.Errorf("a notice that is no JSON: %w", err)
	}
	to := strings.TrimPrefix(r.URL.Path, "/")
	w.happens(&event{kind: "notify", what: []string{to}, text: notice.Text})
	w.use("notify", to)
	if w.test.Given.Notify[to] == noticeFailed || w.chaos.http != "" {
		return (&answer{Status: http.StatusBadRequest}).give(w.clock, r)
	}
	return (&answer{Status: http.StatusNoContent}).give(w.clock, r)
}

// callPhones takes a notice to a phone, where it is acknowledged unless the test says otherwise.
func (w *world) callPhones(_ context.Context, to, text string) (by string, err error) {
	w.happens(&event{kind: "notify", what: []string{to}, text: text})
	w.use("notify", to)
	switch {
	case w.test.Given.Notify[to] == noticeFailed || w.chaos.http != "":
		return "", errUnreachable
	case w.test.Given.Notify[to] == noticeUnacknowledged:
		return "", nil
	}
	return w.phones[to], nil
}

// Write takes a record for the audit.
func (w *world) Write(_ time.Time, text string, fields map[string]string, _ flows.Meta) error {
	w.happens(&event{kind: "audit", what: []string{text}, fields: lists(fields), silent: text == flows.ListeningIn})
	return nil
}

// emit takes an event of the app's own.
func (w *world) emit(name string, fields map[string]string, _ flows.Meta) {
	w.happens(&event{kind: "emit", what: []string{name}, fields: lists(fields)})
}

// lists makes a list of each value.
func lists(fields map[string]string) map[string][]string {
	m := map[string][]string{}
	for name, value := range fields {
		m[name] = []string{value}
	}
	return m
}

// Queue tells expressions what goes on in a queue.
func (w *world) Queue(name string) *flows.QueueInfo {
	w.use("queues", name)
	q := w.test.Given.Queues[name]
	if q == nil {
		q = &queueState{}
	}
	always := func(n int) func(time.Duration) int { return func(time.Duration) int { return n } }
	return &flows.QueueInfo{
		Waiting: q.Waiting, LongestWait: q.LongestWait, Members: q.Members, Available: q.Available, Busy: q.Busy, Paused: q.Paused,
		Offered: always(q.Offered), Answered: always(q.Answered), Abandoned: always(q.Abandoned),
		AnsweredWithin: func(_, _ time.Duration) float64 {
			if q.Offered == 0 {
				return 1
			}
			return float64(q.Answered) / float64(q.Offered)
		},
	}
}

// Agents tells expressions of the agents.
func (w *world) Agents() []*flows.AgentInfo {
	w.use("agents", "")
	var agents []*flows.AgentInfo
	for _, a := range w.test.Given.Agents {
		agents = append(agents, &flows.AgentInfo{
			Name: a.Name, Interface: a.Interface, Server: a.Server, State: a.State, Reason: a.Reason, For: a.For, Queues: a.Queues,
		})
	}
	return agents
}

// Server tells expressions of an Asterisk server.
func (w *world) Server(name string) *flows.ServerInfo {
	w.use("servers", name)
	s := w.test.Given.Servers[name]
	if s == nil {
		return &flows.ServerInfo{Connected: true}
	}
	return &flows.ServerInfo{Connected: s.Connected, For: s.For, Calls: s.Calls}
}
