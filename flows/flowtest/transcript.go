package flowtest

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pbxflow/pbxflow/flows"
)

// transcript shows a call beside its script: what is only in the script begins with -,
// what is not in it with +, and what is different with !. Behind are the places in the
// test and in the flow.
func transcript(entries []*entry, steps map[*event]*flows.StepTrace) string {
	type row struct{ mark, text, test, flow, note string }
	var rows []row
	wide, places := 0, 0
	for _, e := range missingFirst(entries) {
		r := row{mark: " "}
		if e.item != nil {
			r.text, r.test = e.item.String(), e.item.pos.String()
		} else {
			r.text = e.event.String()
		}
		switch {
		case e.item == nil:
			r.mark = "+"
		case e.event == nil:
			r.mark, r.note = "-", strings.Join(e.notes, "; ")
		case e.differs():
			r.mark, r.note = "!", strings.Join(e.notes, "; ")
			if e.partial > 0 {
				r.note = fmt.Sprintf("only %s came", yamlList(e.event.what))
			}
		}
		if e.event != nil && steps[e.event] != nil {
			r.flow = steps[e.event].Pos
		}
		rows = append(rows, r)
		wide, places = max(wide, utf8.RuneCountInString(r.text)), max(places, utf8.RuneCountInString(r.test))
	}
	var b strings.Builder
	for _, r := range rows {
		line := fmt.Sprintf("  %s %-*s  %-*s  %s", r.mark, wide, r.text, places, r.test, r.flow)
		b.WriteString(strings.TrimRight(line, " ") + "\n")
		if r.note != "" {
			b.WriteString("      " + r.note + "\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// missingFirst sorts entries so that among those that differ in a row, what did not
// happen stands before what did in its place.
func missingFirst(entries []*entry) []*entry {
	sorted := slices.Clone(entries)
	for i := 1; i < len(sorted); i++ {
		for j := i; j > 0 && sorted[j].event == nil && sorted[j-1].item == nil; j-- {
			sorted[j], sorted[j-1] = sorted[j-1], sorted[j]
		}
	}
	return sorted
}

// String returns the item as it is written, on one line.
func (it *item) String() string {
	var parts []string
	for _, p := range it.node.Pairs() {
		parts = append(parts, strings.TrimSuffix(p.Key.Value+": "+inline(p.Value), ": "))
	}
	return strings.Join(parts, ", ")
}
