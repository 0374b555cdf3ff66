package flows

import (
	"maps"
	"slices"
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// resultName is the name that `as` gives to a step's result.
type resultName struct {
	name string

	// Set before decoding.
	verb *Verb
	step Step
}

// DecodeYAML reads the name and declares it for what follows.
func (r *resultName) DecodeYAML(d *lang.Decoder, n lang.Node) {
	d.Decode(n, &r.name)
	if !n.IsScalar() || !checkVariable(d, n) {
		return
	}
	prototype, untrusted := r.verb.Result, false
	if c, ok := r.step.(*callStep); ok {
		if prototype, untrusted = nil, true; c.result() != nil {
			prototype = c.result()
		}
	}
	if prototype == nil {
		d.Errorf(n, "no-result", "%s has no result to keep", r.verb.Name)
		return
	}
	d.Scope.DeclareVariable(r.name, prototype, n.Pos()).Untrusted = untrusted
}

// Schema describes the name.
func (r *resultName) Schema(*lang.Schema) map[string]any {
	return map[string]any{"type": "string", "pattern": namePatterns.String()}
}

// SchemaWords names it in the reference.
func (r *resultName) SchemaWords() string { return "a name" }

// Handlers says what to do for each outcome of a step.
type Handlers struct {
	byOutcome map[string]Steps

	// Set before decoding.
	verb *Verb
	step Step
	as   *resultName
}

// otherwise is the key of `on` that takes the failures which are not named.
const otherwise = "else"

// find returns the steps for an outcome and whether there are any.
func (h Handlers) find(o Outcome) (Steps, bool) {
	if steps, ok := h.byOutcome[o.Name]; ok {
		return steps, true
	}
	steps, ok := h.byOutcome[otherwise]
	return steps, ok && o.Failure
}

// DecodeYAML reads a mapping of outcomes to steps.
func (h *Handlers) DecodeYAML(d *lang.Decoder, n lang.Node) {
	if !n.IsMapping() {
		d.Errorf(n, "wrong-type", `"on" wants a mapping from outcomes to steps`)
		return
	}
	h.byOutcome = map[string]Steps{}
	known := append(h.verb.outcomeNames(), otherwise)
	for _, pair := range d.Unique(n) {
		if !slices.Contains(known, pair.Key.Value) {
			d.Errorf(pair.Key, "unknown-outcome", "%s never ends in %q; it ends in %s",
				h.verb.Name, pair.Key.Value, orNone(h.verb.outcomeNames())).Suggest(pair.Key.Value, known)
		}
		entry := d.Path
		d.Path = h.after(pair.Key.Value).behind(entry)
		var steps Steps
		in(d, func(names *Names) {
			if h.hangsUp(pair.Key.Value) {
				names.place = afterCall
			}
		}, func() { d.Decode(pair.Value, &steps) })
		h.byOutcome[pair.Key.Value] = steps
		d.Path = entry
	}
}

// hangsUp reports whether the caller is gone after an outcome.
func (h *Handlers) hangsUp(outcome string) bool {
	return slices.ContainsFunc(h.verb.Outcomes, func(o Outcome) bool { return o.Name == outcome && o.Hangup })
}

// after is what is known when the step ended in an outcome, or in one of those that
// `else` takes.
func (h *Handlers) after(outcome string) effect {
	o := Outcome{Failure: true}
	if i := slices.IndexFunc(h.verb.Outcomes, func(o Outcome) bool { return o.Name == outcome }); i >= 0 {
		o = h.verb.Outcomes[i]
	}
	return resultEffect(h.verb, h.step, h.as.name, o)
}

// Schema describes the mapping.
func (h *Handlers) Schema(s *lang.Schema) map[string]any {
	return map[string]any{"type": "object", "additionalProperties": new(Steps).Schema(s)}
}

// SchemaWords names it in the reference.
func (h *Handlers) SchemaWords() string { return "steps for each outcome" }

// OnError is what a step does when it fails.
type OnError struct {
	// Continue goes on with the next step as if nothing had happened.
	Continue bool
	// Retry runs the step again.
	Retry *Retry
	// Steps handle the error.
	Steps Steps
}

// Retry says how often a failed step is run again, and after what delay.
type Retry struct {
	Times int           `yaml:"times" default:"3" doc:"How often to try again."`
	Delay time.Duration `yaml:"delay" default:"1s" doc:"How long to wait before."`
}

// onErrorRetry is the long form of on_error with retries; what is left over after
// the last try goes to the flow's on_error.
type onErrorRetry struct {
	Retry Retry `yaml:"retry,required" doc:"How often, and after what delay."`
}

// DecodeYAML reads continue, a mapping with retry, or steps that know the error.
func (o *OnError) DecodeYAML(d *lang.Decoder, n lang.Node) {
	switch {
	case n.IsScalar() && n.Value == "continue":
		o.Continue = true
		return
	case n.IsScalar() && lang.Nearest(n.Value, []string{"continue"}) != "":
		d.Errorf(n, "not-one-of", "on_error is %q", n.Value).Hint("did you mean %q?", "continue")
		return
	}
	if pairs := n.Pairs(); len(pairs) > 0 && pairs[0].Key.Value == "retry" {
		var long onErrorRetry
		d.Decode(n, &long)
		o.Retry = &long.Retry
		return
	}
	decodeErrorSteps(d, n, &o.Steps)
	if o.Steps == nil {
		o.Steps = Steps{} // an empty list handles the error by doing nothing
	}
}

// decodeErrorSteps decodes steps in which `error` can be read.
func decodeErrorSteps(d *lang.Decoder, n lang.Node, steps *Steps) {
	outer := d.Scope
	d.Scope = outer.Child(lang.Names{"error": errorInfo{}})
	steps.DecodeYAML(d, n)
	d.Scope = outer
}

// Schema describes the three forms.
func (o *OnError) Schema(s *lang.Schema) map[string]any {
	return map[string]any{"anyOf": []any{
		map[string]any{"const": "continue"}, s.Object(&onErrorRetry{}), new(Steps).Schema(s),
	}}
}

// SchemaWords names it in the reference.
func (o *OnError) SchemaWords() string { return "continue, retry or steps" }

// Args are the parameters that a step hands to another flow.
type Args map[string]lang.Value[any]

// check reports names that are no parameters, values of the wrong type, and
// parameters without a value. Literal text becomes the parameter's type.
func (a Args) check(d *lang.Decoder, at lang.Pos, flow *Flow) {
	for _, name := range slices.Sorted(maps.Keys(a)) {
		p, ok := flow.Params.lookup(name)
		if !ok {
			problem := d.ErrorAt(a[name].Pos(), "unknown-param", "flow %s has no parameter %q", flow.Name, name).
				Suggest(name, flow.Params.list())
			if problem.Suggestion == "" {
				problem.Hint("its parameters are %s", orNone(flow.Params.list()))
			}
			continue
		}
		if v, problem := lang.As(a[name], p.Type); problem != "" {
			d.ErrorAt(a[name].Pos(), "wrong-type", "parameter %s of flow %s wants %s", name, flow.Name, problem)
		} else {
			a[name] = v
		}
	}
	for _, p := range flow.Params {
		if _, given := a[p.Name]; !given && p.Default == nil {
			d.ErrorAt(at, "missing-param", "flow %s needs the parameter %q", flow.Name, p.Name).
				Hint("write with: { %s: … }", p.Name)
		}
	}
}
