package flowtest

import (
	"encoding/json"
	"fmt"
	"io"
	"path"
	"slices"

	"github.com/pbxflow/pbxflow/flows"
)

// Coverage is what of an app's flows the tests have run.
type Coverage struct {
	steps []*coveredStep
	byPos map[string]*coveredStep
}

// coveredStep is a step with the outcomes that it can have.
type coveredStep struct {
	flow     string
	pos      string
	verb     string
	ran      bool
	outcomes []string
	seen     map[string]bool
}

func newCoverage(program *flows.Program) *Coverage {
	c := &Coverage{byPos: map[string]*coveredStep{}}
	for _, name := range sorted(program.Flows) {
		f := program.Flows[name]
		for _, steps := range []flows.Steps{f.Steps, f.OnError, f.OnHangup, f.Finally} {
			steps.Walk(func(n *flows.Node) {
				s := &coveredStep{flow: name, pos: n.Pos.String(), verb: n.Verb.Name, seen: map[string]bool{}}
				for _, o := range n.Verb.Outcomes {
					s.outcomes = append(s.outcomes, o.Name)
				}
				if c.byPos[s.pos] == nil { // an anchor's steps stand in one place
					c.byPos[s.pos] = s
					c.steps = append(c.steps, s)
				}
			})
		}
	}
	return c
}

// add adds what a call ran.
func (c *Coverage) add(t *flows.Trace) {
	if t == nil {
		return
	}
	for _, step := range t.Steps {
		s := c.byPos[step.Pos]
		if s == nil || step.Skipped != "" {
			continue
		}
		s.ran = true
		switch {
		case step.Outcome != "":
			s.seen[step.Outcome] = true
		case step.Handled != "" && step.Error == "":
			s.seen[flows.Done.Name] = true // what was chosen in it goes on elsewhere
		}
	}
}

// Steps returns how many steps ran, of how many.
func (c *Coverage) Steps() (ran, all int) {
	for _, s := range c.steps {
		if s.ran {
			ran++
		}
	}
	return ran, len(c.steps)
}

// Outcomes returns how many outcomes happened, of how many that steps with more than
// one can have.
func (c *Coverage) Outcomes() (seen, all int) {
	for _, s := range c.steps {
		if len(s.outcomes) > 1 {
			seen, all = seen+len(s.outcomes)-len(s.missing()), all+len(s.outcomes)
		}
	}
	return seen, all
}

// missing are the outcomes that never happened, of a step that can have several.
func (s *coveredStep) missing() []string {
	if len(s.outcomes) < 2 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(s.outcomes), func(o string) bool { return s.seen[o] })
}

// WriteTo says which steps never ran and which outcomes never happened, flow by flow.
func (c *Coverage) WriteTo(w io.Writer) (int64, error) {
	var n int64
	print := func(format string, args ...any) error {
		m, err := fmt.Fprintf(w, format, args...)
		n += int64(m)
		return err
	}
	ran, all := c.Steps()
	seen, outcomes := c.Outcomes()
	if err := print("%d of %d steps ran, %d of %d outcomes happened\n", ran, all, seen, outcomes); err != nil {
		return n, err
	}
	for _, s := range c.steps {
		var err error
		switch missing := s.missing(); {
		case !s.ran:
			err = print("  %s: %s of flow %s never ran\n", s.pos, s.verb, s.flow)
		case len(missing) > 0:
			err = print("  %s: %s of flow %s never ended in %s\n", s.pos, s.verb, s.flow, list(missing))
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// WriteJSON writes the same as a JSON object on a line of its own, under "coverage". dir is
// put before the places.
func (c *Coverage) WriteJSON(w io.Writer, dir string) error {
	type count struct {
		Happened int `json:"happened"`
		All      int `json:"all"`
	}
	type gap struct {
		Pos      string   `json:"pos"`
		Flow     string   `json:"flow"`
		Verb     string   `json:"verb"`
		Ran      bool     `json:"ran"`
		Outcomes []string `json:"outcomes,omitempty"` // that never happened, of a step that ran
	}
	var out struct {
		Coverage struct {
			Steps    count `json:"steps"`
			Outcomes count `json:"outcomes"`
			Missing  []gap `json:"missing"`
		} `json:"coverage"`
	}
	out.Coverage.Steps.Happened, out.Coverage.Steps.All = c.Steps()
	out.Coverage.Outcomes.Happened, out.Coverage.Outcomes.All = c.Outcomes()
	out.Coverage.Missing = []gap{}
	for _, s := range c.steps {
		g := gap{Pos: path.Join(dir, s.pos), Flow: s.flow, Verb: s.verb, Ran: s.ran}
		if s.ran {
			g.Outcomes = s.missing()
		}
		if !s.ran || len(g.Outcomes) > 0 {
			out.Coverage.Missing = append(out.Coverage.Missing, g)
		}
	}
	return json.NewEncoder(w).Encode(out)
}

// list returns words as "a, b or c".
func list(words []string) string {
	text := words[0]
	for i, word := range words[1:] {
		if i == len(words)-2 {
			text += " or " + word
		} else {
			text += ", " + word
		}
	}
	return text
}
