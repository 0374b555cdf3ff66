package flows

import (
	"slices"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// effect is what the checker knows behind a step: which variables have a value and
// what is proven of their text, whichever way the step took, and whether any way goes
// on below at all.
type effect struct {
	facts  lang.Facts
	leaves bool // nothing below is reached
}

// leaving is the effect of a step that never goes on below.
var leaving = effect{leaves: true}

// effector is a step that holds others, or that leaves the flow. Other steps only
// set what `as` names.
type effector interface{ effect() effect }

// leaver is a step that leaves the flow when it ends in some of its outcomes.
type leaver interface{ leaves(o Outcome) bool }

// prover is a step that makes sure of the form of some fields of its result, so that
// they are harmless wherever they are put.
type prover interface{ proven() []string }

// then is e followed by next.
func (e effect) then(next effect) effect {
	if e.leaves {
		return e
	}
	return effect{e.facts.And(next.facts), next.leaves}
}

// either is what is known when one of several ways was taken. Those that leave do not
// count; without any other way it leaves as well.
func either(ways ...effect) effect {
	var open []effect
	for _, w := range ways {
		if !w.leaves {
			open = append(open, w)
		}
	}
	if len(open) == 0 {
		return leaving
	}
	common := open[0]
	for _, w := range open[1:] {
		common.facts = lang.Facts{
			Assigned: both(common.facts.Assigned, w.facts.Assigned),
			Proven:   both(common.facts.Proven, w.facts.Proven),
		}
	}
	return common
}

func both(a, b []string) []string {
	var list []string
	for _, s := range a {
		if slices.Contains(b, s) {
			list = append(list, s)
		}
	}
	return list
}

// effect is that of all steps, one after another.
func (s Steps) effect() effect {
	var e effect
	var seen [2]map[string]bool // a long list sets the same again and again
	for _, n := range s {
		if e.leaves {
			break
		}
		e.facts.Assigned = appendNew(e.facts.Assigned, n.effect.facts.Assigned, &seen[0])
		e.facts.Proven = appendNew(e.facts.Proven, n.effect.facts.Proven, &seen[1])
		e.leaves = n.effect.leaves
	}
	return e
}

// appendNew appends what has not been seen.
func appendNew(list, more []string, seen *map[string]bool) []string {
	for _, s := range more {
		if *seen == nil {
			*seen = map[string]bool{}
		}
		if !(*seen)[s] {
			(*seen)[s] = true
			list = append(list, s)
		}
	}
	return list
}

// Uses reports whether a verb stands among the steps or within them.
func (s Steps) Uses(verb string) bool {
	found := false
	s.Walk(func(n *Node) { found = found || n.Verb.Name == verb })
	return found
}

// behind returns the path behind steps with that effect.
func (e effect) behind(path *lang.Path) *lang.Path {
	for _, name := range e.facts.Assigned {
		path = path.Assign(name)
	}
	return path.With(lang.Facts{Proven: e.facts.Proven})
}

// findEffect works out the effect of a decoded step with its modifiers.
func (n *Node) findEffect() effect {
	own := effect{}
	if step, ok := n.Step.(effector); ok {
		own = step.effect()
	}
	var ways []effect
	for _, o := range n.Verb.Outcomes {
		if o.Hangup {
			continue // the flow ends
		}
		end := own.then(n.result(o))
		if step, ok := n.Step.(leaver); ok && step.leaves(o) {
			end = leaving
		}
		if steps, ok := n.On.find(o); ok {
			ways = append(ways, end.then(steps.effect()))
		} else if !o.Failure {
			ways = append(ways, end)
		}
	}
	failed := n.result(Outcome{Failure: true})
	if n.OnError.Continue {
		ways = append(ways, failed)
	} else if n.OnError.Steps != nil {
		ways = append(ways, failed.then(n.OnError.Steps.effect()))
	}
	if n.When.IsSet() {
		ways = append(ways, effect{facts: n.When.Facts(false)})
	}
	return either(ways...)
}

// result is the effect of keeping the result of a step that ended in o.
func (n *Node) result(o Outcome) effect { return resultEffect(n.Verb, n.Step, n.As.name, o) }

func resultEffect(verb *Verb, step Step, as string, o Outcome) effect {
	var facts lang.Facts
	if answers(verb, step, o) {
		facts.Proven = append(facts.Proven, answeredFact)
	}
	if as == "" || o.Failure && !verb.ResultAlways {
		return effect{facts: facts}
	}
	facts.Assigned = []string{as}
	if p, ok := step.(prover); ok && !o.Failure { // a result that is empty is of no form
		for _, field := range p.proven() {
			facts.Proven = append(facts.Proven, as+"."+field)
		}
	}
	return effect{facts: facts}
}
