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
	node   lang.Node
	items  []*item
	shared bool // it stands elsewhere, and an alias here
}

// DecodeYAML reads a list of items, or a single one.
func (s *script) DecodeYAML(d *lang.Decoder, n lang.Node) {
	s.node = n
	items := n.Items()
	if !n.IsList() && !n.IsNull() {
		items = []lang.Node{n}
	}
	for i, node := range items {
		it := &item{at: placeOf(node)}
		if n.IsList() { // where an alias stands, not what it stands for
			it.at = place{n.Content[i].Line - 1, n.Content[i].Column - 1}
		}
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
	at   place // where it begins in its file
	node lang.Node
	next *item // nil for the last

	media media
	talk  talk
	told  told
	acts  acts
	asked asked
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

// asked is what becomes of what is asked of the manager interface.
type asked struct {
	Answer *time.Duration `yaml:"answer" doc:"How long it takes until it is done, or until somebody answers."`
	Ends   string         `yaml:"ends" doc:"How it ends: an outcome of the verb."`
}

// with is what is compared of a step.
type with struct {
	With map[string]texts `yaml:"with" doc:"Options of the step, as they are when it runs; globs."`
}

// texts is a text, or a list of them.
type texts []string

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
	all := map[options]any{mediaKeys: &it.media, talkKeys: &it.talk, toldKeys: &it.told, actKeys: &it.acts, endKeys: &it.asked}
	targets := []any{&it.with}
	for _, o := range []options{mediaKeys, talkKeys, toldKeys, actKeys, endKeys} {
		if k.options&o != 0 {
			targets = append(targets, all[o])
		}
	}
	return targets
}

// leavers are who can hang up.
var leavers = []string{"caller", "agent", "peer", "flow"}

// needed is what must stand behind the first key of some kinds.
var needed = map[string]string{
	"hear": "a sound", "hangup": "who hangs up: caller, agent, peer or flow", "press": "keys", "silence": "a time",
}

// check reports what makes no sense.
func (it *item) check(d *lang.Decoder, value lang.Node) bool {
	if what := needed[it.kind]; what != "" && (len(it.what) == 0 || it.what[0] == "" || len(it.what) > 1 && it.kind != "hear") {
		d.Errorf(it.node, "missing-value", "%q wants %s", it.kind, what)
		return false
	}
	switch it.kind {
	case "hangup":
		if !slices.Contains(leavers, it.what[0]) {
			d.Errorf(value, "not-one-of", "%q cannot hang up", it.what[0]).Suggest(it.what[0], leavers)
			return false
		}
	case "press":
		d.Decode(value, &it.media.Press.keys)
	case "silence":
		d.DecodeAs(it.kind, value, &it.acts.After)
	}
	if it.talk.Ends != "" || it.asked.Ends != "" {
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

func sorted[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
