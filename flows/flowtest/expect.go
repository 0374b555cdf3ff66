package flowtest

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// expected compares the end of the call.
func (r *run) expected() (problems []string) {
	x, node := r.test.Expect.expectation, r.test.expectAt
	differ := func(at lang.Node, what, want, got string) {
		if !matches(want, got) {
			problems = append(problems, fmt.Sprintf("%s: %s: %s is expected, and it was %s", at.Pos(), what, cmp.Or(want, "nothing"), cmp.Or(got, "nothing")))
		}
	}
	if x.Ended != "" {
		differ(node.Lookup("ended"), "ended", x.Ended, endings[r.trace.EndedBy])
	}
	if x.Took != nil && (*x.Took-r.trace.Took).Abs() > r.call.slack {
		differ(node.Lookup("took"), "took", yamlTime(*x.Took), yamlTime(r.trace.Took))
	}
	if x.Status != nil {
		differ(node.Lookup("status"), "status", *x.Status, r.call.vars["FLOWSTATUS"])
	}
	if x.Result != nil {
		differ(node.Lookup("result"), "result", *x.Result, r.call.vars["FLOWRESULT"])
	}
	for _, name := range sorted(x.Variables) {
		differ(node.Lookup("variables").Lookup(name), "variable "+name, x.Variables[name], r.call.vars[name])
	}
	for _, key := range sorted(x.DB) {
		differ(node.Lookup("db").Lookup(key), "db "+key, x.DB[key], r.call.db[key])
	}
	return append(problems, r.expectedErrors()...)
}

// expectedErrors compares the errors of steps.
func (r *run) expectedErrors() []string {
	want, got := r.test.Expect.Errors, errorsOf(r.trace)
	if slices.EqualFunc(want, got, func(want string, got stepError) bool { return matches(want, got.id()) }) {
		return nil
	}
	var ids, lines []string
	for _, e := range got {
		ids, lines = append(ids, e.id()), append(lines, "\n    "+string(e))
	}
	at := r.test.pos
	if node := r.test.expectAt.Lookup("errors"); !node.IsZero() {
		at = node.Pos()
	}
	return []string{fmt.Sprintf("%s: errors: %s is expected, and there were %s%s", at, yamlList(want), yamlList(ids), strings.Join(lines, ""))}
}

// endings are how tests name who or what ended a flow.
var endings = map[string]string{
	"caller": "by caller", "flow": "by flow", "dialplan": "in dialplan", "error": "in error", "shutdown": "in shutdown",
}

// stepError is an error of a step: its place, id and text.
type stepError string

func (e stepError) id() string {
	_, text, _ := strings.Cut(string(e), " ")
	id, _, _ := strings.Cut(text, ":")
	return id
}

// elsewhere is the error of a step that was ended because another one failed.
var elsewhere = regexp.MustCompile(`^[^ ]+:\d+:\d+: `)

// errorsOf returns the errors of steps, in the order in which they happened. An error
// that goes up through the steps around it is one.
func errorsOf(t *flows.Trace) []stepError {
	var list []stepError
	for i, s := range t.Steps {
		if s.Error == "" || s.Error == agi.ErrHangup.Error() || !strings.Contains(s.Error, ": ") || elsewhere.MatchString(s.Error) {
			continue
		}
		inner := false
		for _, below := range t.Steps[i+1:] {
			if below.Depth <= s.Depth {
				break
			}
			inner = inner || below.Error == s.Error
		}
		if !inner {
			list = append(list, stepError(s.Pos+" "+s.Error))
		}
	}
	return list
}
