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
	// Returns are what the flow gives to the flow that called it.
	Returns Params
	Steps   Steps
	// OnError runs when a step fails and does not handle it itself.
	OnError Steps
	// OnHangup runs when the caller has hung up.
	OnHangup Steps
	// Finally runs last, however the flow ended.
	Finally Steps

	decoded  bool // or being so
	dialled  bool // new calls run it, which are answered
	complete bool
	tainted  map[string]bool // returns that are text from outside
}

// flowKeys are the keys of a flow that is written as a mapping, in the order
// in which they are decoded.
type flowKeys struct {
	Description string `yaml:"description" doc:"What the flow is for."`
	Params      Params `yaml:"params" doc:"Its parameters, each as name: type = default."`
	Returns     Params `yaml:"returns" doc:"What it returns, each as name: type."`
	Steps       Steps  `yaml:"steps,required" doc:"What happens on the call."`
	OnError     failed `yaml:"on_error" doc:"What to do when a step fails and does not handle it itself. The error is read as error.id, error.message and error.at."`
	OnHangup    after  `yaml:"on_hangup" doc:"What to do when the caller has hung up, within five seconds and without sound."`
	Finally     after  `yaml:"finally" doc:"What to do last, however the flow ended, within five seconds and without sound."`
}

// failed is steps that know the error which they handle.
type failed struct{ Steps }

// DecodeYAML decodes the steps with the error in scope.
func (f *failed) DecodeYAML(d *lang.Decoder, n lang.Node) {
	path := d.Path
	d.Path = namesOf(d).flow.anywhere()
	decodeErrorSteps(d, n, &f.Steps)
	d.Path = path
}

// after is steps that run when there is nobody to listen.
type after struct{ Steps }

// DecodeYAML decodes the steps in a place where no caller is.
func (a *after) DecodeYAML(d *lang.Decoder, n lang.Node) {
	path := d.Path
	d.Path = namesOf(d).flow.anywhere()
	in(d, func(names *Names) { names.place = afterCall }, func() { a.Steps.DecodeYAML(d, n) })
	d.Path = path
}

// DecodeYAML reads a flow in one of its three forms: a list of steps, one step,
// or a mapping with the keys above.
func (f *Flow) DecodeYAML(d *lang.Decoder, n lang.Node) {
	if f.decoded {
		return
	}
	f.decoded, f.Pos = true, n.Pos()
	outer, path := d.Scope, d.Path
	defer func() { d.Scope, d.Path = outer, path }()
	d.Scope, d.Path = outer.Child(nil), f.anywhere()
	for _, p := range f.Params {
		d.Scope.DeclareVariable(p.Name, p.Type, p.pos)
	}
	d.Soundly(func() {
		in(d, func(names *Names) { names.flow = f }, func() { f.decode(d, n) })
		f.complete = true
		f.checkReturns(d)
		d.WarnUnused("in this flow")
	})
}

// anywhere is what is known at any place of the flow: its parameters.
func (f *Flow) anywhere() *lang.Path { return lang.NewPath(f.Params.list()...) }

// checkReturns reports a flow that ends on some way without returning what it says.
func (f *Flow) checkReturns(d *lang.Decoder) {
	if len(f.Returns) == 0 {
		return
	}
	if !f.Steps.effect().leaves {
		d.ErrorAt(f.Returns[0].pos, "missing-return", "on some way this flow ends without returning %q", f.Returns[0].Name).
			Hint("end it with return or fail")
	}
	if f.OnError != nil && !f.OnError.effect().leaves {
		d.ErrorAt(f.Returns[0].pos, "missing-return", "after on_error this flow ends without returning %q", f.Returns[0].Name).
			Hint("end on_error with return or fail")
	}
}

// taint notes that a value which the flow returns is text from outside.
func (f *Flow) taint(name string) {
	if f.tainted == nil {
		f.tainted = map[string]bool{}
	}
	f.tainted[name] = true
}

// provenReturns are the values whose form every return has shown. A flow that is being
// decoded, because it calls itself, has shown nothing yet.
func (f *Flow) provenReturns() []string {
	var names []string
	for _, p := range f.Returns {
		if f.complete && !f.tainted[p.Name] {
			names = append(names, p.Name)
		}
	}
	return names
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

// DecodeParams reads only the parameters of a flow and what it returns. They must be known before
// any flow's steps are decoded, since flows call each other.
func (f *Flow) DecodeParams(d *lang.Decoder, n lang.Node) {
	if isStep(d, n) {
		return
	}
	if params := n.Lookup("params"); !params.IsZero() {
		d.Decode(params, &f.Params)
	}
	if returns := n.Lookup("returns"); !returns.IsZero() {
		d.DecodeAs("returns", returns, &f.Returns)
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
