package flowtest

import (
	"context"
	"strings"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/app"
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

	"mixmonitor":     {"record_call", "File"},
	"stopmixmonitor": {"stop_recording", "MixMonitorID"},
	"mixmonitormute": {"pause_recording", "State"},
	"setvar":         {"setvar", "Variable"},
	"getvar":         {"getvar", "Variable"},
}

// refusals are the words with which Asterisk refuses an action that ends so.
var refusals = map[string]string{
	"not_found": "No such channel", "not_member": "Interface not found", "already": "Unable to add interface: Already there",
	"unknown": "Unable to add interface to queue: No such queue", "not_recording": "Cannot set mute flag",
}

// reasons are those of OriginateResponse, by the outcomes of originate.
var reasons = map[string]string{"answered": "4", "no_answer": "3", "busy": "5", "congestion": "8", "failed": "0"}

// servers are the Asterisk servers of the app.
func (w *world) servers(names []string, config app.Config) []flows.Server {
	var servers []flows.Server
	for _, name := range names {
		servers = append(servers, flows.Server{
			Name: name, Manager: &manager{w, name}, Live: picture{w.stage, name == cmpOr(w.test.Server, names[0])},
			Outbound: string(config.Asterisk[name].Outbound),
			AGI:      func(context.Context) (string, error) { return "127.0.0.1:4573", nil },
		})
	}
	return servers
}

// Connected reports whether the test has the session up.
func (m *manager) Connected() bool { return m.Server(m.name).Connected }

// Do takes an action.
func (m *manager) Do(ctx context.Context, a ami.Action) (ami.Response, error) {
	answer, _, err := m.take(ctx, a)
	return ami.Response{Message: ami.NewEvent("", pairs(answer.Fields)...).Message}, err
}

// List takes an action, and lists what the test says.
func (m *manager) List(ctx context.Context, a ami.Action) ([]ami.Event, error) {
	answer, _, err := m.take(ctx, a)
	if a.Name == "Status" && err == nil {
		m.use("channels", field(a, "Channel"))
		state, known := m.test.Given.Channels[field(a, "Channel")]
		if !known {
			return nil, &ami.Error{Action: a.Name, Message: refusals["not_found"]}
		}
		return []ami.Event{ami.NewEvent("Status", "ChannelStateDesc", state)}, nil
	}
	var rows []ami.Event
	for _, row := range answer.List {
		rows = append(rows, ami.NewEvent(a.Name, pairs(row)...))
	}
	return rows, err
}

// Originate takes the action, and the device answers unless the test says otherwise.
func (m *manager) Originate(ctx context.Context, a ami.Action) (ami.Event, error) {
	answer, it, err := m.take(ctx, a)
	if err != nil {
		return ami.Event{}, err
	}
	fields := pairs(answer.Fields) // the first of a name counts
	if it != nil && it.asked.Ends != "" {
		if it.asked.Ends == "no_answer" && it.asked.Answer == nil && !m.clock.Sleep(ctx, millis(field(a, "Timeout"))) {
			return ami.Event{}, context.Cause(ctx)
		}
		fields = []string{"Reason", reasons[it.asked.Ends]}
	}
	return ami.NewEvent("OriginateResponse", append(fields, "Response", "Success", "Reason", reasons["answered"])...), nil
}

// take compares an action with the script and returns what Asterisk answers, and the item
// that it is. An action that only asks may be in no script.
func (m *manager) take(ctx context.Context, a ami.Action) (managerAnswer, *item, error) {
	if a.Name == "PlayDTMF" && field(a, "Receive") == "true" {
		m.press(keys(field(a, "Digit")), m.now())
		return managerAnswer{}, nil, nil
	}
	it, _ := m.happens(actionEvent(a))
	m.use("ami", a.Name)
	answer := m.test.Given.AMI[a.Name]
	after := answer.After
	if it != nil && it.asked.Answer != nil {
		after = *it.asked.Answer
	}
	if after > 0 && !m.clock.Sleep(ctx, after) {
		return answer, it, context.Cause(ctx)
	}
	refusal := answer.Error
	if it != nil && it.asked.Ends != "" {
		refusal = refusals[it.asked.Ends]
	}
	if refusal != "" {
		return answer, it, &ami.Error{Action: a.Name, Message: refusal}
	}
	return answer, it, nil
}

// actionEvent is an action in terms of scripts.
func actionEvent(a ami.Action) *event {
	e := &event{kind: "ami", what: []string{a.Name}, fields: map[string][]string{}}
	known, isKnown := actionKinds[strings.ToLower(a.Name)]
	if isKnown {
		e.kind, e.what = known.kind, nil
	}
	for _, f := range a.Fields {
		e.fields[f.Name] = append(e.fields[f.Name], f.Value)
		if isKnown && strings.EqualFold(f.Name, known.header) {
			e.what = []string{f.Value}
		}
	}
	if e.kind == "pause_recording" {
		e.what = []string{map[string]string{"0": "off", "1": "on"}[e.what[0]]}
	}
	e.silent = strings.HasPrefix(a.Name, "Get") || strings.HasSuffix(a.Name, "Status")
	return e
}

// pairs are fields as names and values in turn.
func pairs(fields map[string]string) []string {
	var list []string
	for _, name := range sorted(fields) {
		list = append(list, name, fields[name])
	}
	return list
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
type picture struct {
	*stage
	home bool // the call is on this server
}

// Channels are the caller's, and those of the devices that are in a conversation.
func (p picture) Channels() []live.Channel {
	var channels []live.Channel
	if p.home {
		channels = append(channels, live.Channel{Name: p.test.Channel, Uniqueid: uniqueID})
	}
	p.use("talking", "")
	for _, device := range p.test.Given.Talking {
		channels = append(channels, live.Channel{
			Name: device + "-0000000a", Uniqueid: talkingID + device, State: "Up", Bridge: "bridge-" + device,
		})
	}
	return channels
}

// Queues are those that the test tells of, with their members.
func (p picture) Queues() []live.QueueState {
	p.use("queues", "")
	var queues []live.QueueState
	for _, name := range sorted(p.test.Given.Queues) {
		q := live.QueueState{Name: name}
		for _, device := range p.test.Given.Queues[name].Agents {
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
