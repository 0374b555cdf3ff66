package flows

import (
	"strings"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// LintSteps warns of steps that are right one by one and make no sense together.
func LintSteps(d *lang.Decoder, lists ...Steps) {
	l := stepLinter{d: d, set: map[string]bool{}}
	for _, steps := range lists {
		steps.Walk(l.note)
	}
	for _, steps := range lists {
		steps.Walk(l.step)
	}
}

type stepLinter struct {
	d   *lang.Decoder
	set map[string]bool // names that set or as give
}

// note remembers the names that a step gives.
func (l *stepLinter) note(n *Node) {
	if n.As.name != "" {
		l.set[n.As.name] = true
	}
	if s, ok := n.Step.(*setStep); ok {
		for _, a := range s.Values {
			l.set[a.name] = true
		}
	}
}

func (l *stepLinter) step(n *Node) {
	switch s := n.Step.(type) {
	case *menuStep:
		l.tries(s.Tries)
	case *readStep:
		l.tries(s.Tries)
	case *switchStep:
		l.cases(s)
	case *repeatStep:
		l.loop(n, s)
	case *eachStep:
		if l.set[s.Name.text] {
			l.d.WarnAt(s.Name.pos, "hidden-name", "%q has a value already, which is lost when the loop runs", s.Name.text).
				Hint("take another name")
		}
	}
}

// tries warns of a number of tries that is none: there is one try always.
func (l *stepLinter) tries(tries lang.Value[int]) {
	if n, ok := tries.Constant(); ok && n < 1 {
		l.d.WarnAt(tries.Pos(), "bad-count", "the caller is asked once at least, so %d tries are 1", n).Hint("write 1 or more")
	}
}

// cases warns of a switch whose outcome is known.
func (l *stepLinter) cases(s *switchStep) {
	if s.Value.Constant() {
		l.d.WarnAt(s.Value.Pos(), "constant-condition", "this is always the same: it reads nothing that changes").
			Hint("write a name, such as switch: call.dialed")
		return
	}
	values := map[any]bool{}
	for _, c := range s.Cases.list {
		for _, v := range c.values {
			values[v] = true
		}
	}
	if values[true] && values[false] && len(s.Else) > 0 {
		l.d.WarnAt(s.Else[0].Pos, "unreachable", "this is never reached: there is a case for true and one for false").Hint("remove else")
	}
}

// loop warns of a loop that goes round as fast as the machine can: nothing in it waits,
// and nothing in it changes what its condition reads.
func (l *stepLinter) loop(n *Node, s *repeatStep) {
	if !s.While.IsSet() || s.Times.IsSet() || s.Do.pause() || s.Do.Uses("break") || s.Do.Uses("http") {
		return
	}
	given := stepLinter{set: map[string]bool{}}
	s.Do.Walk(given.note)
	for _, path := range s.While.Reads() {
		name, _, _ := strings.Cut(path, ".")
		if given.set[name] || name == "try" {
			return
		}
	}
	l.d.WarnAt(n.Pos, "busy-loop", "nothing in this loop waits, and nothing in it ends it: its %d turns are over at once", maxTurns).
		Hint("play or ask something in it, or write wait: 1s")
}
