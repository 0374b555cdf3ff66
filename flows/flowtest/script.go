package flowtest

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// host is what the decoder of tests knows of the app.
type host struct {
	program *flows.Program
	verbs   *flows.Verbs
}

// script is what happens in a call.
type script struct {
	node  lang.Node
	items []*item
}

// DecodeYAML reads a list of items, or a single one.
func (s *script) DecodeYAML(d *lang.Decoder, n lang.Node) {
	s.node = n
	items := n.Items()
	if !n.IsList() && !n.IsNull() {
		items = []lang.Node{n}
	}
	for _, node := range items {
		it := &item{}
		if it.decode(d, node) {
			if len(s.items) > 0 {
				s.items[len(s.items)-1].next = it
			}
			s.items = append(s.items, it)
		}
	}
}

// item is one thing in a script: what the flow does, with what the caller does
// meanwhile, or what the caller does.
type item struct {
	kind string
	what []string
	pos  lang.Pos
	node lang.Node
	next *item // nil for the last

	media media
	talk  talk
	told  told
	acts  acts
	with  with
}

// media is what a caller does who hears something.
type media struct {
	Press  presses        `yaml:"press" doc:"Keys that the caller presses: from the beginning on, or after, or when wait is over; or several times, as time: keys."`
	After  *time.Duration `yaml:"after" doc:"How long after its beginning the keys are pressed."`
	Wait   *time.Duration `yaml:"wait" doc:"How long nothing happens after its end."`
	Hangup *time.Duration `yaml:"hangup" doc:"The caller hangs up so long after its beginning."`
}

// talk is what becomes of somebody who is called.
type talk struct {
	Answer *time.Duration `yaml:"answer" doc:"When somebody answers."`
	Talk   *time.Duration `yaml:"talk" doc:"How long the conversation lasts, if nobody hangs up below."`
	Ends   string         `yaml:"ends" doc:"How it ends: an outcome of the verb."`
	Peer   string         `yaml:"peer" doc:"Who answers: a channel or, in a queue, an agent's device."`
}

// told is what is said or written.
type told struct {
	Text *string `yaml:"text" doc:"The text, or a glob."`
	Type string  `yaml:"type" doc:"How it is said."`
}

// acts is when something is done.
type acts struct {
	After time.Duration `yaml:"after" doc:"How long after what is written before."`
}

// with is what is compared of a step.
type with struct {
	With map[string]texts `yaml:"with" doc:"Options of the step, as they are when it runs; globs."`
}

// texts is a text, or a list of them.
type texts []string

// kind is a kind of items of scripts.
type kind struct {
	options options
	silent  bool // may happen without standing in the script
	doc     string
}

// options are groups of keys that an item can have.
type options int

const (
	mediaKeys options = 1 << iota
	talkKeys
	toldKeys
	actKeys
)

// kinds are what a script can hold, by the first key. Most are named after verbs.
var kinds = map[string]kind{
	"hear":            {options: mediaKeys, doc: "The caller hears sounds, in full unless a key ends them."},
	"say":             {options: mediaKeys | toldKeys, doc: "Digits, a number, a date or the like are said."},
	"tone":            {options: mediaKeys, doc: "The caller hears a tone."},
	"music":           {doc: "Music on hold goes on or off: its class, on, or off."},
	"record":          {options: mediaKeys, doc: "The caller is recorded."},
	"wait":            {options: mediaKeys, doc: "The flow waits."},
	"queue":           {options: mediaKeys | talkKeys, doc: "The caller enters a queue."},
	"dial":            {options: mediaKeys | talkKeys, doc: "Devices are called."},
	"conference":      {options: mediaKeys | talkKeys, doc: "The caller enters a conference."},
	"voicemail":       {options: mediaKeys | talkKeys, doc: "The caller may leave a message."},
	"voicemail_main":  {options: mediaKeys | talkKeys, doc: "The caller listens to messages."},
	"spy":             {options: mediaKeys | talkKeys, doc: "The caller listens in."},
	"page":            {options: mediaKeys | talkKeys, doc: "The caller speaks to loudspeakers."},
	"pickup":          {options: mediaKeys | talkKeys, doc: "The caller takes a call that rings elsewhere."},
	"park":            {options: mediaKeys | talkKeys, doc: "The call is parked."},
	"transfer":        {options: talkKeys, doc: "The call is sent elsewhere."},
	"send_dtmf":       {doc: "Keys are sent to the caller."},
	"ring":            {doc: "The caller hears ringing."},
	"busy":            {options: mediaKeys, doc: "The caller hears busy."},
	"congestion":      {options: mediaKeys, doc: "The caller hears congestion."},
	"record_call":     {doc: "A recording of the call begins."},
	"stop_recording":  {doc: "It ends."},
	"pause_recording": {doc: "It pauses, or goes on."},
	"exec":            {options: mediaKeys | talkKeys, doc: "Another application of Asterisk runs."},
	"dialplan":        {doc: "The call will go on at a place of the dialplan."},
	"notify":          {options: toldKeys, doc: "A notice is sent."},

	"originate":      {doc: "A device is called, beside this call."},
	"redirect":       {doc: "A channel is sent elsewhere."},
	"hangup_channel": {doc: "A channel is hung up."},
	"mute":           {doc: "A channel is muted, or not any more."},
	"bridge":         {doc: "Two channels are connected."},
	"queue_add":      {doc: "A device becomes a member of a queue."},
	"queue_remove":   {doc: "It is none any more."},
	"queue_pause":    {doc: "A member pauses, or goes on."},
	"queue_penalty":  {doc: "A member's penalty changes."},
	"ami":            {doc: "Another action is sent to the manager interface."},

	"answer":  {silent: true, doc: "The call is answered."},
	"setvar":  {silent: true, doc: "A variable of the channel is set."},
	"getvar":  {silent: true, doc: "A variable of the channel is read."},
	"db_put":  {silent: true, doc: "A key of Asterisk's database is set."},
	"db_get":  {silent: true, doc: "A key is read."},
	"db_del":  {silent: true, doc: "A key is deleted."},
	"log":     {silent: true, options: toldKeys, doc: "A line is logged."},
	"http":    {silent: true, doc: "A web server is asked."},
	"hangup":  {options: actKeys, doc: "The caller hangs up, the agent or who was called does, or the flow."},
	"press":   {options: actKeys, doc: "The caller presses keys."},
	"silence": {doc: "Nothing happens for that time."},
}

// byOthers reports whether the item is something that others do, not the flow.
func (it *item) byOthers() bool {
	return it.kind == "press" || it.kind == "silence" || it.kind == "hangup" && it.what[0] != "flow"
}

// decode reads an item: a mapping whose first key says what happens.
func (it *item) decode(d *lang.Decoder, n lang.Node) bool {
	if n.IsScalar() && !n.IsNull() {
		n = n.BareKey()
	}
	if !n.IsMapping() || len(n.Pairs()) == 0 {
		d.Errorf(n, "no-event", "an item of a script is a mapping whose first key says what happens, such as hear: welcome")
		return false
	}
	first := n.Pairs()[0]
	k, ok := kinds[first.Key.Value]
	if !ok {
		p := d.Errorf(first.Key, "unknown-event", "nothing in a script is called %q", first.Key.Value).Suggest(first.Key.Value, sorted(kinds))
		if p.Suggestion == "" {
			p.Hint("what can happen is %s", strings.Join(sorted(kinds), ", "))
		}
		return false
	}
	it.kind, it.pos, it.node = first.Key.Value, first.Key.Pos(), n
	if !first.Value.IsNull() {
		d.DecodeAs(it.kind, first.Value, &it.what)
	}
	rest := *n.Node
	rest.Content = n.Content[2:]
	d.Fields(lang.Node{Node: &rest, Source: n.Source}, it.targets(k)...)
	return it.check(d, first.Value)
}

// targets are the structs with the keys that an item of this kind has.
func (it *item) targets(k kind) []any {
	all := map[options]any{mediaKeys: &it.media, talkKeys: &it.talk, toldKeys: &it.told, actKeys: &it.acts}
	targets := []any{&it.with}
	for _, o := range []options{mediaKeys, talkKeys, toldKeys, actKeys} {
		if k.options&o != 0 {
			targets = append(targets, all[o])
		}
	}
	return targets
}

// check reports what makes no sense.
func (it *item) check(d *lang.Decoder, value lang.Node) bool {
	needs := func(what string) bool {
		if len(it.what) == 1 && it.what[0] != "" {
			return true
		}
		d.Errorf(it.node, "missing-value", "%q wants %s", it.kind, what)
		return false
	}
	switch it.kind {
	case "hangup":
		if !needs("who hangs up: caller, agent, peer or flow") {
			return false
		}
		if who := []string{"caller", "agent", "peer", "flow"}; !slices.Contains(who, it.what[0]) {
			d.Errorf(value, "not-one-of", "%q cannot hang up", it.what[0]).Suggest(it.what[0], who)
			return false
		}
	case "press":
		if !needs("keys") {
			return false
		}
		d.Decode(value, &it.media.Press.keys)
	case "silence":
		if !needs("a time") {
			return false
		}
		d.DecodeAs(it.kind, value, &it.acts.After)
	}
	if it.talk.Ends != "" {
		checkOutcome(d, it.node.Lookup("ends"), it.kind)
	}
	return true
}

// checkOutcome reports what is no outcome of a verb.
func checkOutcome(d *lang.Decoder, n lang.Node, verb string) {
	v := d.Host.(*host).verbs.Lookup(verb)
	if v == nil {
		return
	}
	var names []string
	for _, o := range v.Outcomes {
		names = append(names, o.Name)
	}
	if !slices.Contains(names, n.Value) {
		d.Errorf(n, "unknown-outcome", "%s never ends in %q; it ends in %s", verb, n.Value, strings.Join(names, ", ")).Suggest(n.Value, names)
	}
}

// presses are keys that are pressed once, or keys by the time when they are.
type presses struct {
	keys  keys
	times []timedKeys
}

// timedKeys are keys that are pressed so long after a beginning.
type timedKeys struct {
	after time.Duration
	keys  keys
}

// isSet reports whether keys are pressed.
func (p presses) isSet() bool { return p.keys != "" || p.times != nil }

// DecodeYAML reads keys, or a mapping from times to keys.
func (p *presses) DecodeYAML(d *lang.Decoder, n lang.Node) {
	if !n.IsMapping() {
		d.Decode(n, &p.keys)
		return
	}
	for _, pair := range d.Unique(n) {
		var t timedKeys
		d.Decode(pair.Key, &t.after)
		d.Decode(pair.Value, &t.keys)
		p.times = append(p.times, t)
	}
}

// keys are keys of a telephone.
type keys string

// UnmarshalText takes 0-9, *, # and A-D.
func (k *keys) UnmarshalText(b []byte) error {
	if strings.Trim(string(b), "0123456789*#ABCD") != "" || len(b) == 0 {
		return lang.Mistake("\""+string(b)+"\" are not keys of a telephone", "those are 0-9, * and #")
	}
	*k = keys(b)
	return nil
}

// LangType describes keys for messages and editors.
func (keys) LangType() (string, string) { return `keys such as "12#"`, "" }

func sorted[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
