package flows

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// Verb is one kind of step. The table of verbs is the only place that knows
// which there are.
type Verb struct {
	// Name is the first key of the step in YAML.
	Name string
	// Summary is one sentence without the name: "Plays sounds."
	Summary string
	// Doc says more, in Markdown; may be empty.
	Doc string
	// Example is a list of steps in YAML. A test checks it and runs it.
	Example string
	// Outcomes are the ways the verb can end, the usual one first. None means
	// that it is done or fails with an error.
	Outcomes []Outcome
	// NeedsCall verbs talk to a channel, so rules cannot use them.
	NeedsCall bool
	// Media verbs need the caller on the line; on_hangup and finally refuse them.
	Media bool
	// Answered verbs need an answered call: before that most networks let no sound and no
	// key through. The checker warns where nothing has answered.
	Answered bool
	// Result is a nil pointer to the struct that the step keeps under the name
	// given by `as`; nil for a verb that has no result.
	Result any
	// ResultAlways says that there is a result however the step ended; one that it did
	// not set is empty. Otherwise there is none after a failure, and the checker demands
	// that what reads it minds that.
	ResultAlways bool
	// MustCover says that failures of the verb are everyday things, such as a busy line:
	// the checker warns of a step that handles none of them.
	MustCover bool
	// New returns a new, empty step: a pointer to a struct with yaml tags.
	New func() Step
}

// Step is a decoded step, ready to run. Run may be called by many calls at once
// and must not change the step.
//
// Run blocks until the step is over. It returns one of the verb's outcomes, or an
// error; when ctx ends it returns soon, with the cause.
type Step interface {
	Run(ctx context.Context, c *Call) (Outcome, error)
}

// Outcome is one way in which a verb can end.
type Outcome struct {
	Name string
	Doc  string
	// Failure marks an outcome that raises an error unless `on` handles it.
	Failure bool
	// Hangup marks an outcome after which the caller is gone. What `on` says to it runs
	// as on_hangup does, and then the flow ends.
	Hangup bool
}

// Done is the outcome of verbs that can end in one way only.
var Done = Outcome{Name: "done", Doc: "The step did what it says."}

// Verbs is a set of verbs by name, with the functions that expressions may call beside
// the built-in ones. It is immutable.
type Verbs struct {
	byName    map[string]*Verb
	functions functions
}

// NewVerbs returns the built-in verbs together with more. A name that is taken,
// or a verb without a name, a summary or New, is an error.
func NewVerbs(more ...Verb) (*Verbs, error) {
	vs := &Verbs{byName: map[string]*Verb{}}
	for _, v := range slices.Concat(Builtin(), more) {
		switch {
		case v.Name == "" || v.Summary == "" || v.New == nil:
			return nil, fmt.Errorf("flows: verb %q lacks a name, a summary or New", v.Name)
		case vs.byName[v.Name] != nil:
			return nil, fmt.Errorf("flows: there are two verbs named %q", v.Name)
		}
		if len(v.Outcomes) == 0 {
			v.Outcomes = []Outcome{Done}
		}
		vs.byName[v.Name] = &v
	}
	return vs, nil
}

// Lookup returns the verb of that name, or nil.
func (vs *Verbs) Lookup(name string) *Verb { return vs.byName[name] }

// Names returns the names of all verbs, sorted.
func (vs *Verbs) Names() []string { return slices.Sorted(maps.Keys(vs.byName)) }

// noResult is the result of a step that has not set one.
func (v *Verb) noResult() any {
	if !v.ResultAlways {
		return nil
	}
	return reflect.New(reflect.TypeOf(v.Result).Elem()).Interface()
}

func (v *Verb) outcomeNames() []string {
	names := make([]string, len(v.Outcomes))
	for i, o := range v.Outcomes {
		names[i] = o.Name
	}
	return names
}
