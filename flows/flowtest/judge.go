package flowtest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// judge compares how a call went with what the test says, and returns all that is
// different; nothing when the test has passed.
func (r *run) judge() []string {
	if r.stuck {
		return []string{fmt.Sprintf("the call did not end within %v by the clock on the wall: what waits in a verb must use the call's clock", patience)}
	}
	steps := r.steps()
	problems := r.faults(steps)
	if r.trace == nil {
		return append(problems, fmt.Sprintf("%s: the flow could not begin: %s", r.test.node.Lookup("params").Pos(), strings.TrimPrefix(r.err.Error(), "flows: ")))
	}
	for _, e := range r.call.entries {
		switch {
		case e.item != nil && e.event != nil:
			e.compare(steps[e.event])
		case e.event == nil && e.item.kind == "hangup" && e.item.what[0] != "flow" && e.item.what[0] != "caller":
			e.notes = append(e.notes, "nobody was there to hang up: write answer: 10s above")
		}
	}
	if slices.ContainsFunc(r.call.entries, (*entry).differs) {
		problems = append(problems, "what happened is not what the script says:\n"+transcript(r.call.lines(), steps))
	}
	return slices.Concat(problems, r.expected(), r.unused())
}

// unused says what of given made no difference. Callbacks are refused behind the scenes.
func (r *run) unused() []string {
	if r.call.clock == nil {
		return nil // a real Asterisk answers by itself
	}
	if slices.ContainsFunc(r.trace.Steps, func(s *flows.StepTrace) bool { return s.Verb == "callback" && s.Outcome == "full" }) {
		r.call.use("callbacks", "full")
	}
	return r.call.unused()
}

// faults are what the test lacks, with the steps where it showed.
func (r *run) faults(steps map[*event]*flows.StepTrace) (problems []string) {
	for _, f := range r.call.faults {
		text := f.text
		if s := steps[f.event]; s != nil {
			text = s.Pos + ": " + text
		}
		problems = append(problems, text)
	}
	return problems
}

// differs reports whether an entry is a difference between script and call.
func (e *entry) differs() bool {
	return e.item == nil && !e.silent || e.event == nil || e.partial > 0 || len(e.notes) > 0
}

// lines are the entries of a transcript: of those that need not stand in the script, the
// ones that came where it wanted others of their kind.
func (s *stage) lines() []*entry {
	wanted := map[string]bool{}
	for _, e := range s.entries {
		if e.event == nil {
			wanted[e.item.kind] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(s.entries), func(e *entry) bool { return e.silent && !wanted[e.event.kind] })
}

// steps finds the step of each event: that which sent the command, asked the address or
// wrote the line.
func (r *run) steps() map[*event]*flows.StepTrace {
	type sent struct {
		at   time.Time
		step *flows.StepTrace
	}
	var commands []sent
	by := map[string][]*flows.StepTrace{}
	if r.trace != nil {
		for _, s := range r.trace.Steps {
			by[s.Verb] = append(by[s.Verb], s)
			for _, x := range s.AGI {
				commands = append(commands, sent{x.Start, s})
			}
		}
	}
	slices.SortStableFunc(commands, func(a, b sent) int { return a.at.Compare(b.at) })
	steps := map[*event]*flows.StepTrace{}
	for _, e := range r.call.entries {
		switch {
		case e.event == nil:
		case e.event.command > 0 && e.event.command <= len(commands):
			steps[e.event] = commands[e.event.command-1].step
		case len(by[e.event.kind]) > 0:
			list := by[e.event.kind]
			i := max(slices.IndexFunc(list, func(s *flows.StepTrace) bool { return e.event.isOf(s) }), 0)
			steps[e.event] = list[i]
			by[e.event.kind] = slices.Delete(list, i, i+1)
		}
	}
	return steps
}

// isOf reports whether a step did the event, as far as its arguments tell.
func (e *event) isOf(s *flows.StepTrace) bool {
	return slices.ContainsFunc(s.Args, func(a flows.Arg) bool {
		text := argText(a.Value)
		return slices.Contains(e.what, text) || text == e.text
	})
}

// compare compares the options that an item names with those that the step had.
func (e *entry) compare(s *flows.StepTrace) {
	var now []string
	for _, name := range sorted(e.item.with.With) {
		want := e.item.with.With[name]
		sent, wasSent := e.event.fields[name]
		got := slices.Clone(sent)
		var known []string
		if s != nil {
			for _, a := range s.Args {
				known = append(known, a.Key)
				if a.Key == name && !wasSent {
					got = append(got, argText(a.Value))
				}
			}
		}
		switch {
		case got == nil && s == nil:
			e.notes = append(e.notes, name+" is not known here")
		case got == nil:
			e.notes = append(e.notes, fmt.Sprintf("%s has no %s; it has %s", s.Verb, name, strings.Join(known, ", ")))
		case !slices.EqualFunc(want, got, matchesValue):
			e.notes = append(e.notes, fmt.Sprintf("%s is %s", name, yamlList(got)))
			want = got
		}
		now = append(now, name+": "+yamlList(want))
	}
	if len(now) > 0 {
		if e.changed == nil {
			e.changed = map[string]string{}
		}
		e.changed["with"] = "{ " + strings.Join(now, ", ") + " }"
	}
}

// matchesValue compares texts, and times by what they say.
func matchesValue(want, got string) bool {
	if matches(want, got) {
		return true
	}
	a, errA := time.ParseDuration(want)
	b, errB := time.ParseDuration(got)
	return errA == nil && errB == nil && a == b
}

// argText writes an argument of a step as tests have it.
func argText(v any) string {
	if d, ok := v.(time.Duration); ok {
		return yamlTime(d)
	}
	if text, err := lang.Text(v); err == nil {
		return text
	}
	return fmt.Sprint(v)
}
