package flowtest

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// Update returns the test files whose failed tests have another script than what
// happened, with scripts that say it, by their names in the app's folder. Items that
// happened keep their text and comments; what a test expects at the end stays as it is.
// Scripts that are written once for several tests stay as well.
func (r *Report) Update() map[string]string {
	byFile := map[string][]*Result{}
	for _, result := range r.Results {
		if result.run != nil && slices.ContainsFunc(result.run.call.entries, (*entry).differs) {
			name := result.test.pos.Source.Name
			byFile[name] = append(byFile[name], result)
		}
	}
	files := map[string]string{}
	for name, results := range byFile {
		lines := strings.Split(r.files[name].Text, "\n")
		// From the end to the beginning, so that the lines above stay where they are.
		slices.Reverse(results)
		for _, result := range results {
			lines = result.run.rewrite(lines)
		}
		text := strings.Join(lines, "\n")
		if _, problem := lang.Parse(lang.NewSource(name, []byte(text))); problem == nil && text != r.files[name].Text {
			files[name] = text // otherwise an item that is gone stands for others
		}
	}
	return files
}

// rewrite replaces the script of a test in the lines of its file. One that other tests
// share, by an alias, stays as it is.
func (r *run) rewrite(lines []string) []string {
	node, items := r.test.Script.node, r.test.Script.items
	switch {
	case r.test.Script.shared:
		return lines
	case len(items) > 0 && isBlock(lines, items):
		return r.replaceItems(lines)
	case r.test.node.Style&yaml.FlowStyle != 0:
		return r.replaceInline(lines, node)
	}
	return r.replace(lines, node)
}

// replaceItems writes the items that differ anew.
func (r *run) replaceItems(lines []string) []string {
	items := r.test.Script.items
	first, last := items[0].at, items[len(items)-1].at
	end := endOfBlock(lines, last.line, last.column-2)
	indent := strings.Repeat(" ", first.column-2) + "- "
	text := map[*item][]string{}
	for i, it := range items {
		till := end
		if i+1 < len(items) {
			till = items[i+1].at.line
		}
		text[it] = lines[it.at.line:till]
	}
	var script []string
	for _, e := range r.call.lines() {
		switch {
		case e.event == nil:
		case e.item == nil || e.differs():
			script = append(script, indent+e.yaml())
		default:
			script = append(script, text[e.item]...)
		}
	}
	return slices.Concat(lines[:first.line], script, lines[end:])
}

// replace writes a script that is not a list with an item a line, or none at all, anew.
func (r *run) replace(lines []string, node lang.Node) []string {
	flow := r.test.node.Pairs()[0].Key
	indent := strings.Repeat(" ", flow.Column-1)
	script := []string{indent + "script:"}
	for _, text := range r.happened() {
		script = append(script, indent+"  - "+text)
	}
	at, till := flow.Line, flow.Line
	for _, pair := range r.test.node.Pairs() {
		if pair.Key.Value != "script" {
			continue
		}
		at = pair.Key.Line - 1
		till = endOfBlock(lines, at, pair.Key.Column-1)
		if node.Style&yaml.FlowStyle != 0 {
			till = endOf(lines, placeOf(node)).line + 1
		}
	}
	return slices.Concat(lines[:at], script, lines[till:])
}

// replaceInline writes the script of a test that stands in braces anew.
func (r *run) replaceInline(lines []string, node lang.Node) []string {
	script := "[" + strings.Join(r.happened(), ", ") + "]"
	if !node.IsZero() {
		from := placeOf(node)
		return splice(lines, from, endOf(lines, from), script)
	}
	flow := r.test.node.Pairs()[0].Value
	at := endOf(lines, placeOf(flow))
	return splice(lines, at, at, ", script: "+script)
}

// happened are the items of a script that says what happened.
func (r *run) happened() (items []string) {
	for _, e := range r.call.lines() {
		if e.event != nil {
			items = append(items, e.yaml())
		}
	}
	return items
}

// isBlock reports whether every item begins on a line of its own.
func isBlock(lines []string, items []*item) bool {
	return !slices.ContainsFunc(items, func(it *item) bool {
		return it.at.column < 2 || strings.TrimLeft(string([]rune(lines[it.at.line])[:it.at.column]), " ") != "- "
	})
}

// placeOf returns where a node begins.
func placeOf(n lang.Node) place { return place{n.Line - 1, n.Column - 1} }

// yaml writes an entry as it happened, on one line.
func (e *entry) yaml() string {
	if e.item == nil {
		return braces(e.event.String())
	}
	if e.partial > 0 {
		return braces(e.event.kind + ": " + yamlList(e.event.what))
	}
	var parts []string
	for _, p := range e.item.node.Pairs() {
		if changed, ok := e.changed[p.Key.Value]; ok {
			parts = append(parts, p.Key.Value+": "+changed)
			continue
		}
		parts = append(parts, p.Key.Value+": "+inline(p.Value))
	}
	return braces(strings.Join(parts, ", "))
}

// braces puts a mapping of several keys into braces.
func braces(text string) string {
	if strings.Contains(text, ", ") && !strings.Contains(text, ": [") || strings.Contains(text, "], ") {
		return "{ " + text + " }"
	}
	return text
}

// inline writes what stands at n on one line.
func inline(n lang.Node) string {
	switch {
	case n.IsNull():
		return ""
	case n.IsList():
		var list []string
		for _, item := range n.Items() {
			list = append(list, inline(item))
		}
		return "[" + strings.Join(list, ", ") + "]"
	case n.IsMapping():
		var list []string
		for _, p := range n.Pairs() {
			list = append(list, p.Key.Value+": "+inline(p.Value))
		}
		return "{ " + strings.Join(list, ", ") + " }"
	}
	return yamlText(n.Value)
}
