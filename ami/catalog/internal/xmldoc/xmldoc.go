// Package xmldoc reads the names and facts that package catalog needs out of the
// documentation that comes with Asterisk (core-en_US.xml): no descriptions.
//
// The documentation includes parts of itself elsewhere; an event often has the fields
// of another one. The inclusions are followed.
package xmldoc

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pbxflow/pbxflow/ami/catalog/internal/table"
)

// Read returns what the documentation of one version describes, each entry and word
// with that version only.
func Read(r io.Reader, version int) ([]table.Entry, error) {
	in := table.Of(version)
	if in == 0 {
		return nil, fmt.Errorf("xmldoc: the table has no version %d", version)
	}
	d := document{in: in}
	if err := xml.NewDecoder(r).Decode(&d.root); err != nil {
		return nil, fmt.Errorf("xmldoc: %w", err)
	}
	var all []table.Entry
	for _, n := range d.root.Nodes {
		switch n.tag() {
		case "manager":
			all = append(all, d.entry(table.Action, n))
		case "application":
			all = append(all, d.entry(table.Application, n))
		case "function":
			all = append(all, d.entry(table.Function, n))
		case "agi":
			e := d.entry(table.AGI, n)
			e.Name = strings.ToUpper(e.Name)
			all = append(all, e)
		}
	}
	for n := range d.root.all("managerEvent") { // some stand within the action that answers with them
		if e := d.event(n); !slices.ContainsFunc(all, func(other table.Entry) bool { return other.Kind == e.Kind && other.Name == e.Name }) {
			all = append(all, e)
		}
	}
	table.Sort(all)
	return all, nil
}

// document is the documentation of one version.
type document struct {
	root node
	in   table.Versions
}

// entry reads anything but an event.
func (d *document) entry(kind string, n node) table.Entry {
	e := table.Entry{Kind: kind, Name: n.attr("name"), Versions: d.in}
	if kind != table.AGI {
		e.Added = releases(n)
	}
	for _, syntax := range n.Nodes {
		if syntax.tag() == "syntax" {
			d.members(&e, syntax)
		}
	}
	return e
}

func (d *document) event(n node) table.Entry {
	e := table.Entry{Kind: table.Event, Name: n.attr("name"), Versions: d.in}
	for instance := range n.all("managerEventInstance") {
		class := strings.ToLower(strings.TrimPrefix(instance.attr("class"), "EVENT_FLAG_"))
		if !slices.Contains(e.Rights, class) {
			e.Rights = append(e.Rights, class)
		}
		for syntax := range instance.all("syntax") {
			d.members(&e, syntax)
		}
	}
	return e
}

// members reads the parameters of a syntax.
func (d *document) members(e *table.Entry, syntax node) {
	for _, n := range syntax.Nodes {
		switch n.tag() {
		case "channel_snapshot":
			e.Channels = append(e.Channels, table.Word{Text: n.attr("prefix"), Versions: d.in})
		case "bridge_snapshot":
			e.Bridges = append(e.Bridges, table.Word{Text: n.attr("prefix"), Versions: d.in})
		case "parameter":
			d.member(e, n)
		case "include":
			for _, p := range d.included(n.attr("xpointer")) {
				d.member(e, p)
			}
		}
	}
}

func (d *document) member(e *table.Entry, n node) {
	name := n.attr("name")
	same := func(m table.Member) bool { return strings.EqualFold(m.Name, name) }
	if name == "" || e.Kind == table.Action && name == "ActionID" || slices.ContainsFunc(e.Members, same) {
		return
	}
	m := table.Member{Name: name, Versions: d.in, Required: n.attr("required") == "true" && e.Kind != table.Event}
	for _, list := range n.Nodes {
		for _, value := range list.Nodes {
			tag, text := list.tag()+"/"+value.tag(), value.attr("name")
			if tag != "optionlist/option" && tag != "enumlist/enum" || !isWord(text) {
				continue
			}
			m.Options = tag == "optionlist/option"
			if w := (table.Word{Text: text, Versions: d.in}); !slices.Contains(m.Values, w) {
				m.Values = append(m.Values, w)
			}
		}
	}
	e.Members = append(e.Members, m)
}

// isWord reports whether a documented value is one, and not the form of one.
func isWord(text string) bool { return text != "" && !strings.ContainsAny(text, "<>()|,@\t") }

var pointer = regexp.MustCompile(`^xpointer\(/?docs/(managerEvent|manager|application)\[@name='([^']*)'\](?:/managerEventInstance)?` +
	`/syntax/parameter(?:\[@name='([^']*)'\]|\[contains\(@name, '([^']*)'\)\])?\)$`)

// included finds the parameters that a pointer speaks of.
func (d *document) included(path string) []node {
	m := pointer.FindStringSubmatch(path)
	if m == nil {
		return nil
	}
	for n := range d.root.all(m[1]) {
		if n.attr("name") != m[2] {
			continue
		}
		var found []node
		for syntax := range n.all("syntax") {
			for _, p := range syntax.Nodes {
				if p.tag() == "include" {
					found = append(found, d.included(p.attr("xpointer"))...)
				} else if p.tag() == "parameter" {
					found = append(found, p)
				}
			}
			break // of a second instance the documentation means other fields
		}
		return slices.DeleteFunc(found, func(p node) bool {
			name := p.attr("name")
			return m[3] != "" && name != m[3] || !strings.Contains(name, m[4])
		})
	}
	return nil
}

// releases returns the releases since which it exists, those after 16.0.0.
func releases(n node) []string {
	var found [][]int
	for _, since := range n.Nodes {
		if since.tag() != "since" {
			continue
		}
		for v := range since.all("version") {
			var release []int
			for part := range strings.SplitSeq(strings.TrimSpace(v.Text), ".") {
				number, err := strconv.Atoi(part)
				if err != nil {
					break
				}
				release = append(release, number)
			}
			if slices.Compare(release, []int{16, 0, 0}) > 0 {
				found = append(found, release)
			}
		}
	}
	slices.SortFunc(found, func(a, b []int) int { return cmp.Or(slices.Compare(a, b)) })
	texts := make([]string, len(found))
	for i, release := range found {
		texts[i] = strings.Trim(strings.ReplaceAll(fmt.Sprint(release), " ", "."), "[]")
	}
	return slices.Compact(texts)
}
