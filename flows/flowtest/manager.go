package flowtest

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/flows"
)

// manager is the manager interface of a simulated Asterisk server.
type manager struct {
	*world
	name string
}

// actionKinds are the kinds of items of scripts that actions are, and the header that
// says with what. Others are ami, with the name of the action.
var actionKinds = map[string]struct{ kind, header string }{
	"originate":    {"originate", "Channel"},
	"redirect":     {"redirect", "Channel"},
	"hangup":       {"hangup_channel", "Channel"},
	"muteaudio":    {"mute", "Channel"},
	"bridge":       {"bridge", "Channel1"},
	"queueadd":     {"queue_add", "Interface"},
	"queueremove":  {"queue_remove", "Interface"},
	"queuepause":   {"queue_pause", "Interface"},
	"queuepenalty": {"queue_penalty", "Interface"},
}

// servers are the Asterisk servers of the app.
func (w *world) servers(names []string) []flows.Server {
	var servers []flows.Server
	for _, name := range names {
		servers = append(servers, flows.Server{
			Name: name, Manager: &manager{w, name}, Live: nothing{},
			AGI: func(context.Context) (string, error) { return "127.0.0.1:4573", nil },
		})
	}
	return servers
}

// Connected reports whether the test has the session up.
func (m *manager) Connected() bool { return m.Server(m.name).Connected }

// Do takes an action.
func (m *manager) Do(ctx context.Context, a ami.Action) (ami.Response, error) {
	fields, err := m.take(ctx, a)
	return ami.Response{Message: ami.NewEvent("", fields...).Message}, err
}

// List takes an action, and has nothing to list.
func (m *manager) List(ctx context.Context, a ami.Action) ([]ami.Event, error) {
	_, err := m.take(ctx, a)
	return nil, err
}

// Originate takes the action, and the device answers unless the test says otherwise.
func (m *manager) Originate(ctx context.Context, a ami.Action) (ami.Event, error) {
	fields, err := m.take(ctx, a)
	if err != nil {
		return ami.Event{}, err
	}
	return ami.NewEvent("OriginateResponse", append(fields, "Response", "Success", "Reason", "4")...), nil // the first of a name counts
}

// take compares an action with the script and returns what Asterisk answers, as names
// and values in turn. An action that only asks is in no script.
func (m *manager) take(ctx context.Context, a ami.Action) ([]string, error) {
	e := &event{kind: "ami", what: []string{a.Name}, fields: map[string][]string{}}
	known, isKnown := actionKinds[strings.ToLower(a.Name)]
	for _, f := range a.Fields {
		e.fields[f.Name] = append(e.fields[f.Name], f.Value)
		if isKnown && strings.EqualFold(f.Name, known.header) {
			e.kind, e.what = known.kind, []string{f.Value}
		}
	}
	e.silent = strings.HasPrefix(a.Name, "Get") || strings.HasSuffix(a.Name, "Status")
	m.happens(e)
	answer := m.test.Given.AMI[a.Name]
	if answer.After > 0 && !m.clock.Sleep(ctx, answer.After) {
		return nil, context.Cause(ctx)
	}
	if answer.Error != "" {
		return nil, &ami.Error{Action: a.Name, Message: answer.Error}
	}
	var fields []string
	for _, name := range slices.Sorted(maps.Keys(answer.Fields)) {
		fields = append(fields, name, answer.Fields[name])
	}
	return fields, nil
}

// nothing is a picture of a server on which nothing goes on.
type nothing struct{}

func (nothing) Channels() []live.Channel  { return nil }
func (nothing) Calls() []live.Call        { return nil }
func (nothing) Queues() []live.QueueState { return nil }
func (nothing) Agents() []live.Agent      { return nil }
