package flowtest

import (
	"slices"
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// file is what a *.test.yaml can hold.
type file struct {
	Env   map[string]string `yaml:"env" doc:"The environment of the server for all tests of the app, such as PINs of people."`
	Tests map[string]*test  `yaml:"tests,required" doc:"The tests by their names, which say what is so."`
}

// test is one test: a call to a flow, or events for rules.
type test struct {
	name string
	pos  lang.Pos
	node lang.Node

	expectAt lang.Node

	Flow      string            `yaml:"flow" doc:"The flow that is called."`
	At        moment            `yaml:"at" doc:"When the call begins, such as 2026-11-23T10:00:00+01:00. It is needed where opening hours or now() are read."`
	Caller    caller            `yaml:"caller" doc:"Who calls: a number, or num and name. The number is withheld if left out."`
	Dialed    string            `yaml:"dialed" default:"100" doc:"The number that was dialled."`
	Language  string            `yaml:"language" default:"en" doc:"The channel's language."`
	Context   string            `yaml:"context" default:"default" doc:"The dialplan context that called the flow."`
	Account   string            `yaml:"account" doc:"The account code."`
	Channel   string            `yaml:"channel" default:"PJSIP/caller-00000001" doc:"The name of the caller's channel."`
	Server    string            `yaml:"server" doc:"The Asterisk server that the call is on; the first of pbxflow.yaml if left out."`
	Params    map[string]string `yaml:"params" doc:"The flow's parameters."`
	Args      []string          `yaml:"args" doc:"The arguments of AGI() behind the address."`
	Variables map[string]string `yaml:"variables" doc:"Variables and functions of the channel, as Asterisk has them when the call begins."`
	Given     given             `yaml:"given" doc:"What the world is like."`
	Script    script            `yaml:"script" doc:"What happens, in order."`
	Expect    expected          `yaml:"expect" doc:"How it ends."`

	Rules    raw `yaml:"rules" doc:"The rules that are tested."`
	Timeline raw `yaml:"timeline" doc:"What happens to rules, and when."`
	Replay   raw `yaml:"replay" doc:"The recording of an Asterisk that rules look at."`
}

// given is what the world around a call is like.
type given struct {
	HTTP      answers                  `yaml:"http" doc:"What web servers answer, by address; an address may be a glob. The first that fits counts."`
	Queues    map[string]*queueState   `yaml:"queues" doc:"What goes on in queues."`
	Agents    []*agentState            `yaml:"agents" doc:"The agents that are known."`
	Servers   map[string]*serverState  `yaml:"servers" doc:"What goes on in Asterisk servers."`
	DB        map[string]string        `yaml:"db" doc:"Asterisk's database: family/key: value."`
	Dial      map[string]string        `yaml:"dial" doc:"How it ends when a device is dialled, where the script does not say it: an outcome of dial by device, or glob."`
	Queue     map[string]string        `yaml:"queue" doc:"How a queue ends, where the script does not say it: an outcome of queue by its name, or glob."`
	Missing   []string                 `yaml:"missing" doc:"Sounds and tones that Asterisk does not have, and recordings that it cannot write; globs."`
	Sounds    map[string]time.Duration `yaml:"sounds" doc:"How long sounds are. Others take no time."`
	Channels  map[string]string        `yaml:"channels" doc:"Other channels by their names, with what they do: up, ringing or the like."`
	Talking   []string                 `yaml:"talking" doc:"Devices that are in a conversation, which can be listened to."`
	Notify    map[string]string        `yaml:"notify" doc:"Places whose notices cannot be delivered (ops: failed), or phones where nobody acknowledges them (ops: unacknowledged)."`
	Callbacks string                   `yaml:"callbacks" enum:"full" doc:"full: too many callbacks wait already."`
	AMI       map[string]managerAnswer `yaml:"ami" doc:"What the manager interface answers, by action; anything else is a success."`
}

// What can become of notices.
const (
	noticeFailed         = "failed"
	noticeUnacknowledged = "unacknowledged"
)

// managerAnswer is what the manager interface answers to an action.
type managerAnswer struct {
	Error  string              `yaml:"error" doc:"The words with which Asterisk refuses it."`
	Fields map[string]string   `yaml:"fields" doc:"Fields of the answer or, of Originate, of the event that tells how it ended."`
	List   []map[string]string `yaml:"list" doc:"The events that an action lists, each with its fields."`
	After  time.Duration       `yaml:"after" doc:"How long it takes."`
}

// queueState is what expressions read of a queue.
type queueState struct {
	Waiting     int           `yaml:"waiting" doc:"How many callers wait."`
	LongestWait time.Duration `yaml:"longest_wait" doc:"How long the first of them has waited."`
	Members     int           `yaml:"members" doc:"How many agents are members."`
	Available   int           `yaml:"available" doc:"How many of them could take a call."`
	Busy        int           `yaml:"busy" doc:"How many of them are on a call."`
	Paused      int           `yaml:"paused" doc:"How many of them are paused."`
	Offered     int           `yaml:"offered" doc:"How many callers joined, within any time."`
	Answered    int           `yaml:"answered" doc:"How many of them were answered."`
	Abandoned   int           `yaml:"abandoned" doc:"How many of them gave up."`
	Agents      []string      `yaml:"agents" doc:"The devices of its members."`
}

// agentState is what expressions read of an agent.
type agentState struct {
	Name      string        `yaml:"name,required" doc:"The agent's name."`
	Interface string        `yaml:"interface" doc:"The agent's device."`
	Server    string        `yaml:"server" doc:"The Asterisk server."`
	State     string        `yaml:"state" doc:"What the agent does."`
	Reason    string        `yaml:"reason" doc:"Why the agent is paused."`
	For       time.Duration `yaml:"for" doc:"How long the state has lasted."`
	Queues    []string      `yaml:"queues" doc:"The queues whose member the agent is."`
}

// serverState is what expressions read of an Asterisk server.
type serverState struct {
	Connected bool          `yaml:"connected" default:"true" doc:"Whether the manager session is up."`
	For       time.Duration `yaml:"for" doc:"How long it has been up, or down."`
	Calls     int           `yaml:"calls" doc:"How many calls last."`
}

// expectation is how a call ends. What is not written is not compared, but for errors.
type expectation struct {
	Ended     string            `yaml:"ended" enum:"by caller,by flow,in dialplan,in error" doc:"Who or what ended the flow."`
	Took      *time.Duration    `yaml:"took" doc:"How long it took."`
	Errors    []string          `yaml:"errors" doc:"The ids of all errors of steps, handled or not, in order."`
	Status    *string           `yaml:"status" doc:"The FLOWSTATUS that the dialplan reads."`
	Result    *string           `yaml:"result" doc:"The FLOWRESULT that the dialplan reads."`
	Variables map[string]string `yaml:"variables" doc:"Variables of the channel as the flow leaves them; globs."`
	DB        map[string]string `yaml:"db" doc:"Asterisk's database as the flow leaves it, as family/key; globs."`
}

// expected is an expectation or, in tests of rules, a word.
type expected struct {
	expectation
	word lang.Node // not zero for a word
}

// DecodeYAML reads either.
func (e *expected) DecodeYAML(d *lang.Decoder, n lang.Node) {
	if n.IsScalar() && !n.IsNull() {
		e.word = n
		return
	}
	d.Decode(n, &e.expectation)
}

// CheckYAML demands a flow, and tells apart what belongs to rules.
func (t *test) CheckYAML(d *lang.Decoder, n lang.Node) {
	names := d.Host.(*host)
	t.pos = n.Pos()
	if t.isForRules() {
		return
	}
	if !t.Expect.word.IsZero() {
		d.Errorf(t.Expect.word, "wrong-type", "what a flow ends in is a mapping such as { ended: by caller }, not %q", t.Expect.word.Value)
	}
	flow := n.Lookup("flow")
	if flow.IsZero() {
		d.Errorf(n, "missing-key", "a test calls a flow, or is about rules").Hint("write flow: and its name")
		return
	}
	f := names.program.Flows[t.Flow]
	if f == nil {
		d.Errorf(flow, "unknown-flow", "there is no flow %q", t.Flow).Suggest(t.Flow, sorted(names.program.Flows))
		return
	}
	declared := map[string]bool{}
	var known []string
	for _, p := range f.Params {
		declared[p.Name], known = true, append(known, p.Name)
		if _, given := t.Params[p.Name]; !given && p.Default == nil {
			d.Errorf(flow, "missing-param", "flow %s needs the parameter %q", t.Flow, p.Name).Hint("write params: { %s: … }", p.Name)
		}
	}
	for _, pair := range n.Lookup("params").Pairs() {
		if !declared[pair.Key.Value] {
			d.Errorf(pair.Key, "unknown-param", "flow %s has no parameter %q", t.Flow, pair.Key.Value).Suggest(pair.Key.Value, known)
		}
	}
}

// isForRules reports whether rules are tested, which needs no call.
func (t *test) isForRules() bool {
	return !t.Rules.IsZero() || !t.Timeline.IsZero() || !t.Replay.IsZero()
}

// CheckYAML checks what the world can be asked for.
func (g *given) CheckYAML(d *lang.Decoder, n lang.Node) {
	names := d.Host.(*host)
	for _, pair := range n.Lookup("queues").Pairs() {
		if names.program.Queues[pair.Key.Value] == nil {
			d.Errorf(pair.Key, "unknown-queue", "there is no queue %q", pair.Key.Value).Suggest(pair.Key.Value, sorted(names.program.Queues))
		}
	}
	for _, pair := range n.Lookup("notify").Pairs() {
		if names.program.Notifiers[pair.Key.Value] == nil {
			d.Errorf(pair.Key, "unknown-notifier", "there is no notifier %q", pair.Key.Value).Suggest(pair.Key.Value, sorted(names.program.Notifiers))
		}
		switch n := names.program.Notifiers[pair.Key.Value]; pair.Value.Value {
		case noticeFailed:
		case noticeUnacknowledged:
			if n != nil && len(n.Phones) == 0 {
				d.Errorf(pair.Value, "not-one-of", "only a phone can be unacknowledged, and %s is none", pair.Key.Value)
			}
		default:
			d.Errorf(pair.Value, "not-one-of", "a place for notices can only be failed or unacknowledged, not %q", pair.Value.Value)
		}
	}
	for _, pair := range n.Lookup("channels").Pairs() {
		if !slices.Contains(channelStates, pair.Value.Value) {
			d.Errorf(pair.Value, "not-one-of", "a channel is never %q", pair.Value.Value).Suggest(pair.Value.Value, channelStates)
		}
	}
	for _, verb := range []string{"dial", "queue"} {
		for _, pair := range n.Lookup(verb).Pairs() {
			checkOutcome(d, pair.Value, verb)
		}
	}
}

// moment is a time of the calendar with its zone.
type moment struct{ time.Time }

// UnmarshalText reads 2026-11-23T10:00:00+01:00.
func (m *moment) UnmarshalText(b []byte) error {
	at, err := time.Parse(time.RFC3339, string(b))
	if err != nil {
		return lang.Mistake("\""+string(b)+"\" is no time with its zone", "write one such as 2026-11-23T10:00:00+01:00")
	}
	m.Time = at
	return nil
}

// LangType describes a time for messages and editors.
func (moment) LangType() (string, string) { return "a time such as 2026-11-23T10:00:00+01:00", "" }

// caller is who calls.
type caller struct{ num, name string }

// callerKeys are the keys of a caller who has a name.
type callerKeys struct {
	Num  string `yaml:"num" doc:"The number."`
	Name string `yaml:"name" doc:"The name that comes with it."`
}

// DecodeYAML reads a number, or a mapping.
func (c *caller) DecodeYAML(d *lang.Decoder, n lang.Node) {
	if !n.IsMapping() {
		d.Decode(n, &c.num)
		return
	}
	var keys callerKeys
	d.Decode(n, &keys)
	c.num, c.name = keys.Num, keys.Name
}

// raw is what is decoded by others.
type raw struct{ lang.Node }

// DecodeYAML keeps the node.
func (r *raw) DecodeYAML(_ *lang.Decoder, n lang.Node) { r.Node = n }
