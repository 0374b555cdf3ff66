package flows

import (
	"maps"
	"slices"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// answeredFact is proven where the call is answered for sure. No expression reads it.
const answeredFact = "call (answered)"

// answerer is a step that has the call answered when it ends in some of its outcomes.
type answerer interface{ answers(o Outcome) bool }

// answers reports whether the call is answered when a step has ended in an outcome. Behind
// a verb that needs that it counts as answered: whoever wrote it has been told once.
func answers(verb *Verb, step Step, o Outcome) bool {
	a, ok := step.(answerer)
	return verb.Answered || ok && a.answers(o)
}

// answers reports whether the flow comes back with an answered call, whatever it was before.
func (f *Flow) answers() bool {
	if !f.complete || !slices.Contains(f.Steps.effect().facts.Proven, answeredFact) {
		return false
	}
	always := true
	f.Steps.Walk(func(n *Node) {
		_, back := n.Step.(*returnStep)
		always = always && (!back || n.answered)
	})
	return always
}

// LintAnswered warns of steps that need an answered call where nothing has answered it.
// A flow to which others go begins as they are there; all others begin unanswered. It
// comes last, when it is known which flows new calls run.
func LintAnswered(d *lang.Decoder, flows map[string]*Flow) {
	l := answerLinter{d: d, seen: map[*Flow]bool{}, unanswered: map[*Flow]bool{}}
	for _, f := range l.roots(flows) {
		if !l.seen[f] {
			l.enter(f, !f.dialled)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(flows)) {
		if f := flows[name]; l.unanswered[f] {
			l.warn(f.Steps)
		}
	}
}

type answerLinter struct {
	d          *lang.Decoder
	seen       map[*Flow]bool
	unanswered map[*Flow]bool // flows that may begin so
}

// roots are flows in the order in which they may be where calls begin: those to which no
// other goes, then those that answer.
func (l *answerLinter) roots(flows map[string]*Flow) []*Flow {
	targets := map[*Flow]bool{}
	for _, f := range flows {
		for _, other := range f.Called() {
			if other != f {
				targets[other] = true
			}
		}
	}
	rank := func(f *Flow) int {
		switch {
		case !targets[f]:
			return 0
		case f.Steps.Uses("answer"):
			return 1
		}
		return 2
	}
	var list []*Flow
	for _, name := range slices.Sorted(maps.Keys(flows)) {
		list = append(list, flows[name])
	}
	slices.SortStableFunc(list, func(a, b *Flow) int { return rank(a) - rank(b) })
	return list
}

// enter follows the call into a flow, and into those in which it goes on. What on_error
// does is left out: nobody knows where it comes from.
func (l *answerLinter) enter(f *Flow, unanswered bool) {
	if l.seen[f] && (!unanswered || l.unanswered[f]) {
		return
	}
	l.seen[f] = true
	l.unanswered[f] = l.unanswered[f] || unanswered
	f.Steps.Walk(func(n *Node) {
		if target := targetOf(n); target != nil {
			l.enter(target, unanswered && !n.answered)
		}
	})
	for _, other := range f.Called() {
		if !l.seen[other] {
			l.enter(other, false)
		}
	}
}

// warn tells of the first steps, on each way, that need an answered call.
func (l *answerLinter) warn(steps Steps) {
	for _, n := range steps {
		quiet, _ := n.Step.(interface{ silent() bool })
		if n.Verb.Answered && !n.answered && (quiet == nil || !quiet.silent()) {
			l.d.WarnAt(n.Pos, "not-answered", "%s needs an answered call, and on some way here nothing has answered it", n.Verb.Name).
				Hint("write answer above; where the dialplan has answered it does no harm")
			return // what comes behind it is told the same
		}
		l.warn(n.inner)
		if n.effect.leaves {
			return
		}
	}
}
