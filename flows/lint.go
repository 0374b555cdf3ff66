package flows

import (
	"maps"
	"slices"
	"strings"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// Lint warns of what can only be seen once all flows are decoded: outcomes that nothing
// handles, flows that lead in circles, flows that nobody calls.
func Lint(d *lang.Decoder, flows map[string]*Flow) {
	l := linter{d: d, flows: flows, called: map[*Flow]bool{}, told: map[*Node]bool{}}
	for _, name := range slices.Sorted(maps.Keys(flows)) {
		l.flow(flows[name])
	}
	for _, name := range slices.Sorted(maps.Keys(flows)) {
		f := flows[name]
		if len(f.Returns) > 0 && !l.called[f] {
			d.WarnAt(f.Returns[0].pos, "unused-flow", "flow %s returns values, but no flow calls it", name).
				Hint("call it with call: %s, or remove returns if the dialplan does not read FLOWRESULT", name)
		}
	}
	l.circles()
	l.endlessCalls()
}

type linter struct {
	d      *lang.Decoder
	flows  map[string]*Flow
	called map[*Flow]bool
	told   map[*Node]bool // steps that lead in a circle
}

// flow looks at the steps of one flow, wherever they stand.
func (l *linter) flow(f *Flow) {
	for _, steps := range f.all() {
		steps.Walk(func(n *Node) {
			if call, ok := n.Step.(*callStep); ok && call.Target.flow != nil {
				l.called[call.Target.flow] = true
			}
			if f.OnError == nil {
				l.uncovered(n)
			}
		})
	}
	LintSteps(l.d, f.all()...)
}

func (f *Flow) all() []Steps { return []Steps{f.Steps, f.OnError, f.OnHangup, f.Finally} }

// uncovered warns of a step whose failures are everyday things and that handles none of
// them. One that handles some was thought about.
func (l *linter) uncovered(n *Node) {
	if !n.Verb.MustCover || n.On.byOutcome != nil || n.OnError.Continue || n.OnError.Steps != nil {
		return
	}
	var failures []string
	for _, o := range n.Verb.Outcomes {
		if o.Failure {
			failures = append(failures, o.Name)
		}
	}
	l.d.WarnAt(n.Pos, "uncovered-outcome", "%s can end in %s, and then the flow fails", n.Verb.Name, strings.Join(failures, ", ")).
		Hint("write what to do then: on: { else: … }, or give the flow an on_error")
}

// circles warns of flows that go on in each other for ever without asking or playing
// anything in between.
func (l *linter) circles() {
	state := map[*Flow]int{} // 1: on the way, 2: done
	var visit func(f *Flow) bool
	visit = func(f *Flow) bool {
		if state[f] == 2 || f.pauses() {
			return false
		}
		if state[f] == 1 {
			return true
		}
		state[f] = 1
		defer func() { state[f] = 2 }()
		for _, n := range f.always() {
			target := targetOf(n)
			if target == nil || !visit(target) {
				continue
			}
			l.d.WarnAt(n.Pos, "goto-cycle", "flow %s comes back here without anything in between that waits", target.Name).
				Hint("ask or play something on the way, or go on only when a condition is true")
			l.told[n] = true
			return false
		}
		return false
	}
	for _, name := range slices.Sorted(maps.Keys(l.flows)) {
		visit(l.flows[name])
	}
}

// endlessCalls warns of flows that call each other, or themselves, whatever happens: they
// never come back.
func (l *linter) endlessCalls() {
	told := map[*Flow]bool{}
	for _, name := range slices.Sorted(maps.Keys(l.flows)) {
		seen := map[*Flow]bool{}
		for f := l.flows[name]; f != nil && !told[f]; {
			seen[f] = true
			n := f.calledForSure()
			if n == nil {
				break
			}
			if f = targetOf(n); l.told[n] {
				break
			} else if seen[f] {
				l.d.WarnAt(n.Pos, "endless-calls", "flow %s is called here before it has come back, again and again", f.Name).
					Hint("call it only when a condition is true; to begin again write goto: %s", f.Name)
				maps.Copy(told, seen)
			}
		}
	}
}

// calledForSure is the first step of the flow that calls another whatever happens before;
// nil if there is none.
func (f *Flow) calledForSure() *Node {
	for _, n := range f.Steps {
		if _, call := n.Step.(*callStep); call && !n.When.IsSet() && targetOf(n) != nil {
			return n
		}
		if n.mayLeave() {
			return nil
		}
	}
	return nil
}

// mayLeave reports whether the step, or one within it, can leave the flow.
func (n *Node) mayLeave() bool {
	if n.effect.leaves {
		return true
	}
	_, leaver := n.Step.(leaver)
	return leaver || slices.ContainsFunc(n.inner, (*Node).mayLeave)
}

// always are the steps of the flow that are not within others and have no condition.
func (f *Flow) always() []*Node {
	var nodes []*Node
	for _, n := range f.Steps {
		if !n.When.IsSet() {
			nodes = append(nodes, n)
		}
	}
	return nodes
}

// targetOf is the flow to which a step goes; nil for other steps.
func targetOf(n *Node) *Flow {
	switch step := n.Step.(type) {
	case *gotoStep:
		return step.Target.flow
	case *callStep:
		return step.Target.flow
	}
	return nil
}

// pauses reports whether anything in the flow takes its time.
func (f *Flow) pauses() bool { return f.Steps.pause() }

// pause reports whether anything in the steps takes its time: a sound, a question, a
// conversation, an answer from elsewhere.
func (s Steps) pause() bool {
	found := false
	s.Walk(func(n *Node) {
		_, again := n.Step.(*againStep)
		_, back := n.Step.(*returnStep)
		found = found || n.Verb.Media && targetOf(n) == nil && !again && !back || n.Verb.Name == "wait"
	})
	return found
}
