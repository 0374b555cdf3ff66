package graph

import (
	"slices"
	"strings"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// Flow is a flow to draw.
type Flow struct {
	Name  string
	parts []branch // its steps, then its handlers
}

// branch are steps that are gone through one after another, and when.
type branch struct {
	label string
	steps []*step
}

// step is a box.
type step struct {
	verb, about string
	condition   string // of when
	link        string // the flow to which it leads
	leaves      bool   // nothing below it is reached through it
	branches    []branch
}

// leaving are the verbs after which the steps below are not reached.
var leaving = []string{"goto", "hangup", "return", "fail", "break", "next", "again", "dialplan", "busy", "congestion"}

// Read reads the flow of that name as it is written in one of the three forms.
func Read(name string, n lang.Node, verbs []string) *Flow {
	f := &Flow{Name: name}
	pairs := n.Pairs()
	if len(pairs) == 0 || slices.Contains(verbs, pairs[0].Key.Value) {
		f.parts = []branch{{"", readSteps(n)}}
		return f
	}
	for _, key := range []string{"steps", "on_error", "on_hangup", "finally"} {
		if part := n.Lookup(key); !part.IsZero() {
			label := key
			if key == "steps" {
				label = ""
			}
			f.parts = append(f.parts, branch{label, readSteps(part)})
		}
	}
	return f
}

func readSteps(n lang.Node) []*step {
	if n.IsZero() || n.IsNull() {
		return nil
	}
	items := []lang.Node{n}
	if n.IsList() {
		items = n.Items()
	}
	var steps []*step
	for _, item := range items {
		steps = append(steps, readStep(item))
	}
	return steps
}

func readStep(n lang.Node) *step {
	pairs := n.Pairs()
	if len(pairs) == 0 {
		return &step{verb: n.Value, leaves: slices.Contains(leaving, n.Value)}
	}
	verb := pairs[0].Key.Value
	s := &step{verb: verb, about: brief(pairs[0].Value)}
	if when := n.Lookup("when"); when.IsScalar() {
		s.condition = when.Value
	}
	if verb == "goto" || verb == "call" {
		s.link = s.about
	}
	if verb == "parallel" {
		s.about = ""
		for _, item := range pairs[0].Value.Items() {
			s.branches = append(s.branches, branch{"at once", readSteps(item)})
		}
	}
	for _, p := range pairs[1:] {
		s.branch(verb, p)
	}
	s.bypass(verb, n)
	s.leaves = slices.Contains(leaving, verb) && s.condition == ""
	if len(s.branches) > 0 && !slices.ContainsFunc(s.branches, func(b branch) bool { return !b.leaves() }) {
		s.leaves = s.condition == ""
	}
	return s
}

// branch adds what a key of the step leads to.
func (s *step) branch(verb string, p lang.Pair) {
	switch key := p.Key.Value; key {
	case "then":
		s.branches = append(s.branches, branch{"yes", readSteps(p.Value)})
	case "else":
		label := "else"
		if verb == "if" {
			label = "no"
		}
		s.branches = append(s.branches, branch{label, readSteps(p.Value)})
	case "do":
		s.branches = append(s.branches, branch{"each turn", readSteps(p.Value)}.back("next turn"))
	case "no_input", "no_match":
		s.branches = append(s.branches, branch{strings.ReplaceAll(key, "_", " "), readSteps(p.Value)}.back("asks again"))
	case "give_up":
		s.branches = append(s.branches, branch{"give up", readSteps(p.Value)})
	case "options", "case", "on":
		for _, option := range p.Value.Pairs() {
			label := brief(option.Key)
			if key == "options" {
				label = "key " + label
			}
			s.branches = append(s.branches, branch{strings.ReplaceAll(label, "_", " "), readSteps(option.Value)})
		}
	case "on_error":
		if p.Value.IsList() || p.Value.IsMapping() && p.Value.Lookup("retry").IsZero() || p.Value.IsScalar() && p.Value.Value != "continue" {
			s.branches = append(s.branches, branch{"error", readSteps(p.Value)})
		}
	}
}

// bypass adds the way on which none of the branches is taken.
func (s *step) bypass(verb string, n lang.Node) {
	has := func(key string) bool { return !n.Lookup(key).IsZero() }
	switch {
	case len(s.branches) == 0 || verb == "parallel" || verb == "menu":
	case verb == "if" && !has("else"):
		s.branches = append(s.branches, branch{label: "no"})
	case verb == "switch" && !has("else"):
		s.branches = append(s.branches, branch{label: "else"})
	case verb == "repeat" || verb == "each":
		s.branches = append(s.branches, branch{label: "done"})
	case verb != "if" && verb != "switch":
		s.branches = slices.Insert(s.branches, 0, branch{label: "goes on"})
	}
}

// back returns the branch with a box at its end that says where the way leads back.
func (b branch) back(where string) branch {
	if !b.leaves() {
		b.steps = append(b.steps, &step{verb: "↺ " + where, leaves: true})
	}
	return b
}

// leaves reports whether the branch never comes back.
func (b branch) leaves() bool {
	return slices.ContainsFunc(b.steps, func(s *step) bool { return s.leaves })
}

// brief is a value in a few words.
func brief(n lang.Node) string {
	text := n.Text()
	if n.IsScalar() {
		text = n.Value
	} else {
		text = strings.ReplaceAll(text, `"`, "")
	}
	const most = 60
	if runes := []rune(strings.Join(strings.Fields(text), " ")); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return strings.Join(strings.Fields(text), " ")
}
