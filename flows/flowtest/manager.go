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
			Name: name, Manager: &manager{w, name}, Live: picture{&w.test.Given},
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
	if a.Name == "PlayDTMF" && field(a, "Receive") == "true" {
		m.press(keys(field(a, "Digit")), m.now())
		return nil, nil
	}
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

// field returns the value of a header.
func field(a ami.Action, name string) string {
	for _, f := range a.Fields {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// talkingID begins the unique id of a channel of a device that is in a conversation.
const talkingID = "talking-"

// picture is what goes on in a simulated Asterisk server.
type picture struct{ given *given }

// Channels are those of the devices that are in a conversation.
func (p picture) Channels() []live.Channel {
	var channels []live.Channel
	for _, device := range p.given.Talking {
		channels = append(channels, live.Channel{
			Name: device + "-0000000a", Uniqueid: talkingID + device, State: "Up", Bridge: "bridge-" + device,
		})
	}
	return channels
}

// Queues are those that the test tells of, with their members.
func (p picture) Queues() []live.QueueState {
	var queues []live.QueueState
	for _, name := range sorted(p.given.Queues) {
		q := live.QueueState{Name: name}
		for _, device := range p.given.Queues[name].Agents {
			q.Members = append(q.Members, live.Member{Queue: name, Name: device, Interface: device, StateInterface: device})
		}
		queues = append(queues, q)
	}
	return queues
}

func (picture) Calls() []live.Call   { return nil }
func (picture) Agents() []live.Agent { return nil }

// Own changes nothing: no rule looks on.
func (picture) Own(string) {}
