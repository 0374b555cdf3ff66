package flows

import (
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// Steps are steps to run one after another.
type Steps []*Node

// Node is a step where it stands: its verb, its decoded options, and the
// modifiers that every step can have.
type Node struct {
	Verb *Verb
	Step Step
	Pos  lang.Pos

	condition
	modifiers

	effect   effect
	at       string // Pos as traces write it
	inner    Steps  // all that stand within it, directly
	answered bool   // the call is answered here, whatever it was where the flow began
}

// Walk calls f for every step, and for those within it, from top to bottom.
func (s Steps) Walk(f func(*Node)) {
	for _, n := range s {
		f(n)
		n.inner.Walk(f)
	}
}

// condition is the key that is decoded before all others: what it says holds for the
// step.
type condition struct {
	When when `yaml:"when" doc:"Skips the step unless this is true."`
}

// when is a condition for the rest of the step.
type when struct{ lang.Cond }

// DecodeYAML decodes the condition; where it is true the step is decoded.
func (w *when) DecodeYAML(d *lang.Decoder, n lang.Node) {
	w.Cond.DecodeYAML(d, n)
	d.Path = d.Path.With(w.Facts(true))
}

// modifiers are the keys that steps of every verb can have, in the order in
// which they are decoded: what `as` names is known to `on` and `on_error`, but
// not to the step itself.
type modifiers struct {
	Timeout lang.Value[time.Duration] `yaml:"timeout" doc:"Bounds the step, and the caller hears no more of it. For say, play with keys, record, conference, page and spy that needs the call's Asterisk under asterisk in pbxflow.yaml. Without it, and in voicemail and voicemail_main, Asterisk goes on until the caller ends it: the flow goes on as well, but its next command waits."`
	As      resultName                `yaml:"as" doc:"Keeps the step's result under this name."`
	On      Handlers                  `yaml:"on" doc:"What to do for each outcome; else takes the failures that are not named."`
	OnError OnError                   `yaml:"on_error" doc:"What to do when the step fails: continue, retry, or steps."`
}

// DecodeYAML reads a list of steps, or a single one.
func (s *Steps) DecodeYAML(d *lang.Decoder, n lang.Node) {
	*s = nil
	items := n.Items()
	if !n.IsList() && !n.IsNull() {
		items = []lang.Node{n}
	}
	entry, left := d.Path, ""
	for _, item := range items {
		if left != "" {
			d.Warnf(item, "unreachable", "this is never reached: %s above does not go on here", left)
			left = "" // once is enough
		}
		before := d.Path
		node := decodeStep(d, item)
		d.Path = before
		if node == nil {
			continue
		}
		*s = append(*s, node)
		if owner := namesOf(d).owner; owner != nil {
			owner.inner = append(owner.inner, node)
		}
		if node.effect.leaves {
			left = node.Verb.Name
			continue
		}
		d.Path = node.effect.behind(before)
	}
	d.Path = entry
}

// decodeStep reads one step: a mapping whose first key is the verb, or the bare
// word of a verb without arguments.
func decodeStep(d *lang.Decoder, n lang.Node) *Node {
	var key lang.Node
	switch {
	case n.IsMapping() && len(n.Pairs()) > 0:
		key = n.Pairs()[0].Key
	case n.IsScalar() && !n.IsNull():
		key = n
		n = n.BareKey() // answer is short for answer: with nothing behind it
	default:
		d.Errorf(n, "no-verb", "a step is a mapping whose first key is a verb, such as play: welcome")
		return nil
	}
	names := namesOf(d)
	verb := names.Verbs.Lookup(key.Value)
	if verb == nil {
		near := unknownVerb(d, n, key)
		if near == nil {
			return nil
		}
		// Read on as if it were spelt right, to find the other mistakes in it.
		verb, n = near, n.WithFirstKey(near.Name)
	}
	checkPlace(d, key, verb)
	node := &Node{Verb: verb, Step: verb.New(), Pos: key.Pos(), at: key.Pos().String(), answered: d.Path.Proves(answeredFact)}
	node.As.verb, node.As.step = verb, node.Step
	node.On.verb, node.On.step, node.On.as = verb, node.Step, &node.As
	in(d, func(names *Names) { names.owner = node }, func() {
		d.Fields(n, &node.condition, node.Step, &node.modifiers)
	})
	node.effect = node.findEffect()
	hintSteps(d, n)
	return node
}

// checkPlace refuses verbs where they cannot work.
func checkPlace(d *lang.Decoder, key lang.Node, verb *Verb) {
	switch place := namesOf(d).place; {
	case place == inRule && (verb.NeedsCall || verb.Media):
		d.Errorf(key, "needs-call", "%s needs a call, and a rule has none", verb.Name)
	case place == inParallel && (verb.NeedsCall || verb.Media):
		d.Errorf(key, "needs-call", "%s needs the call, which cannot be in several places at once", verb.Name).
			Hint("put it below parallel")
	case place == afterCall && verb.Media:
		d.Errorf(key, "media-after-hangup", "%s needs the caller on the line, and here the call is over", verb.Name)
	}
}

// Schema describes steps: one or a list, each the keys of one verb.
func (s *Steps) Schema(schema *lang.Schema) map[string]any {
	verbs := schema.Host.(*Verbs)
	step := schema.Define("step", func() map[string]any {
		var bare []string
		var forms []any
		for _, name := range verbs.Names() {
			verb := verbs.Lookup(name)
			object := schema.Object(verb.New(), &condition{}, &modifiers{})
			object["description"] = verb.Summary
			required, _ := object["required"].([]string)
			if len(required) == 0 {
				bare = append(bare, name)
			}
			// The verb itself is always there: it is what makes this form apply.
			if !contains(required, name) {
				object["required"] = append([]string{name}, required...)
			}
			forms = append(forms, object)
		}
		return map[string]any{"anyOf": append([]any{map[string]any{"enum": bare}}, forms...)}
	})
	return schema.Define("steps", func() map[string]any {
		return map[string]any{"anyOf": []any{step, map[string]any{"type": "array", "items": step}, map[string]any{"type": "null"}}}
	})
}

// SchemaWords names steps in the reference.
func (s *Steps) SchemaWords() string { return "steps" }

func contains(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}
