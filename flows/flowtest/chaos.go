package flowtest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pbxflow/pbxflow/flows"
)

// chaos is what goes wrong in a call on purpose.
type chaos struct {
	on       bool
	hangupAt int    // the caller hangs up after so many commands; 0: does not
	hangupIn int    // the caller hangs up in the command of that number; 0: does not
	noInput  bool   // the caller presses no keys
	http     string // how all requests fail; "": they do not
}

// maxDisturbed bounds how many commands of one call a hangup follows.
const maxDisturbed = 200

// inCommand hangs up if it is time.
func (ch chaos) inCommand(c *call) {
	if ch.hangupIn > 0 && c.commands >= ch.hangupIn {
		c.dead.Store(true)
	}
}

// afterCommand hangs up if it is time.
func (ch chaos) afterCommand(c *call) {
	if ch.hangupAt > 0 && c.commands >= ch.hangupAt {
		c.dead.Store(true)
	}
}

// String says what goes wrong.
func (ch chaos) String() string {
	switch {
	case ch.hangupAt > 0:
		return fmt.Sprintf("when the caller hangs up after command %d", ch.hangupAt)
	case ch.hangupIn > 0:
		return fmt.Sprintf("when the caller hangs up in command %d", ch.hangupIn)
	case ch.noInput:
		return "when the caller presses nothing"
	}
	return "when every web server " + map[string]string{"failed": "is down", "timeout": "does not answer"}[ch.http]
}

// disturb plays a test again and again, and lets something go wrong each time: whatever
// it is, nothing may panic, each flow that began runs its finally, and the call ends.
func (s *suite) disturb(r *Result) {
	ways := []chaos{{on: true, noInput: true}, {on: true, http: "failed"}, {on: true, http: "timeout"}}
	for n := range min(r.run.call.commands, maxDisturbed) {
		ways = append(ways, chaos{on: true, hangupIn: n + 1}, chaos{on: true, hangupAt: n + 1})
	}
	for _, way := range ways {
		run := s.play(r.test, way)
		for _, problem := range run.broken(s.app.Program) {
			r.fail([]string{fmt.Sprintf("chaos: %s, %s", way, problem)})
		}
	}
}

// broken returns what must never be.
func (r *run) broken(program *flows.Program) (problems []string) {
	if r.stuck {
		problems = append(problems, fmt.Sprintf("the call does not end within %v by the clock on the wall", patience))
	}
	if r.trace == nil {
		return append(problems, fmt.Sprintf("the flow cannot begin: %v", r.err))
	}
	ran, began := map[string]bool{}, map[string]string{}
	for _, step := range r.trace.Steps {
		if i := strings.Index(step.Error, flows.IDPanic+": "); i >= 0 { // behind a place, when the call is over
			problems = append(problems, step.Pos+": "+step.Error[i:])
		}
		ran[step.Pos] = true
		if began[step.Flow] == "" {
			began[step.Flow] = step.Pos
		}
	}
	for _, name := range sorted(began) {
		f := program.Flows[name]
		if f == nil || len(f.Finally) == 0 || r.trace.Dropped > 0 {
			continue
		}
		if !slices.ContainsFunc(f.Finally, func(n *flows.Node) bool { return ran[n.Pos.String()] }) {
			problems = append(problems, fmt.Sprintf("%s: finally of flow %s does not run", f.Finally[0].Pos, name))
		}
	}
	return problems
}
