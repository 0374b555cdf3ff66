package flows

import (
	"github.com/pbxflow/pbxflow/internal/lang"
)

// Flow is what happens on a call: a list of steps with what surrounds it. It is
// immutable once decoded.
type Flow struct {
	Name string
	Pos  lang.Pos

	Description string
	Params      Params
	Steps       Steps
	// OnError runs when a step fails and does not handle it itself.
	OnError Steps
	// OnHangup runs when the caller has hung up.
	OnHangup Steps
	// Finally runs last, however the flow ended.
	Finally Steps
}

// flowKeys are the keys of a flow that is written as a mapping, in the order
// in which they are decoded.
type flowKeys struct {
	Description string `yaml:"description" doc:"What the flow is for."`
	Params      Params `yaml:"params" doc:"Its parameters, each as name: type = default."`
	Steps       Steps  `yaml:"steps,required" doc:"What happens on the call."`
	OnError     failed `yaml:"on_error" doc:"What to do when a step fails and does not handle it itself. The error is read as error.id, error.message and error.at."`
	OnHangup    after  `yaml:"on_hangup" doc:"What to do when the caller has hung up, within five seconds and without sound."`
	Finally     after  `yaml:"finally" doc:"What to do last, however the flow ended, within five seconds and without sound."`
}

// failed is steps that know the error which they handle.
type failed struct{ Steps }

// DecodeYAML decodes the steps with the error in scope.
func (f *failed) DecodeYAML(d *lang.Decoder, n lang.Node) { decodeErrorSteps(d, n, &f.Steps) }

// after is steps that run when there is nobody to listen.
type after struct{ Steps }

// DecodeYAML decodes the steps in a place where no caller is.
func (a *after) DecodeYAML(d *lang.Decoder, n lang.Node) {
	outer := namesOf(d)
	names := *outer
	names.place = afterCall
	d.Host = &names
	a.Steps.DecodeYAML(d, n)
	d.Host = outer
}

// DecodeYAML reads a flow in one of its three forms: a list of steps, one step,
// or a mapping with the keys above.
func (f *Flow) DecodeYAML(d *lang.Decoder, n lang.Node) {
	f.Pos = n.Pos()
	outer, path := d.Scope, d.Path
	defer func() { d.Scope, d.Path = outer, path }()
	d.Scope, d.Path = outer.Child(nil), lang.NewPath(f.Params.list()...)
	for _, p := range f.Params {
		d.Scope.DeclareVariable(p.Name, p.Type, p.pos)
	}
	d.Soundly(func() {
		f.decode(d, n)
		d.WarnUnused("in this flow")
	})
}

func (f *Flow) decode(d *lang.Decoder, n lang.Node) {
	if !n.IsMapping() || isStep(d, n) || !hasFlowKey(n) {
		f.Steps.DecodeYAML(d, n)
		return
	}
	var keys flowKeys
	d.Decode(n, &keys)
	f.Description, f.Steps, f.OnError = keys.Description, keys.Steps, keys.OnError.Steps
	f.OnHangup, f.Finally = keys.OnHangup.Steps, keys.Finally.Steps
}

// DecodeParams reads only the parameters of a flow. They must be known before
// any flow's steps are decoded, since flows call each other.
func (f *Flow) DecodeParams(d *lang.Decoder, n lang.Node) {
	if params := n.Lookup("params"); !params.IsZero() && !isStep(d, n) {
		d.Decode(params, &f.Params)
	}
}

// isStep reports whether the mapping n is a step: its first key is a verb.
func isStep(d *lang.Decoder, n lang.Node) bool {
	pairs := n.Pairs()
	return len(pairs) > 0 && namesOf(d).Verbs.Lookup(pairs[0].Key.Value) != nil
}

// hasFlowKey reports whether a mapping has a key of a flow. One without is more
// likely a step with a misspelt verb.
func hasFlowKey(n lang.Node) bool {
	for _, key := range lang.Describe(flowKeys{}) {
		if !n.Lookup(key.Name).IsZero() {
			return true
		}
	}
	return false
}

// Schema describes the three forms of a flow.
func (f *Flow) Schema(s *lang.Schema) map[string]any {
	return s.Define("flow", func() map[string]any {
		return map[string]any{"anyOf": []any{f.Steps.Schema(s), s.Object(&flowKeys{})}}
	})
}

// SchemaWords names a flow in the reference.
func (f *Flow) SchemaWords() string { return "a flow" }
