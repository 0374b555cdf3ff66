package pbxcheck

import (
	"context"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// extensions are a dialplan: the extensions and includes of each context, and what calls
// flows.
type extensions struct {
	contexts map[string]map[string]bool
	includes map[string][]string
	calls    []agiCall
}

// agiCall is a row of the dialplan that calls a flow.
type agiCall struct{ at, address, flow string }

// dialplan compares the places to which flows go with the dialplan, and the calls of
// flows there with the flows.
func (c *checker) dialplan(ctx context.Context) error {
	items, asked, err := c.list(ctx, "what the dialplan holds", ami.Action{Name: "ShowDialPlan"}, "reporting")
	if err != nil || !asked {
		return err
	}
	d := readDialplan(items)
	for _, n := range c.needs {
		switch n.Kind {
		case "context":
			c.context(d, n)
		case "place":
			c.goesTo(d, n, n.Name)
		case "device":
			if rest, ok := strings.CutPrefix(n.Name, "Local/"); ok {
				exten, context, _ := strings.Cut(rest, "@")
				context, _, _ = strings.Cut(context, "/")
				c.goesTo(d, n, context+","+exten)
			}
		}
	}
	c.called(d)
	return nil
}

func (c *checker) context(d extensions, n need) bool {
	if d.contexts[n.Name] == nil {
		c.errorf(n.Pos, "pbx-dialplan", near(n.Name, slices.Sorted(maps.Keys(d.contexts)), "write into extensions.conf: ["+n.Name+"]"), "there is no context %q in the dialplan", n.Name)
		return false
	}
	return true
}

// goesTo checks a place of the dialplan, context,extension with or without a priority.
func (c *checker) goesTo(d extensions, n need, place string) {
	context, rest, ok := strings.Cut(place, ",")
	exten, _, _ := strings.Cut(rest, ",")
	n.Name = context
	if !c.context(d, n) || !ok || exten == "" || d.has(context, exten, 0) {
		return
	}
	c.errorf(n.Pos, "pbx-dialplan", "write into extensions.conf, below ["+context+"]: exten => "+exten+",1,…", "the context %s has no extension %s", context, exten)
}

// called tells which flows nothing calls, and which calls lead to no flow.
func (c *checker) called(d extensions) {
	reached := map[string]bool{}
	for _, call := range d.calls {
		if c.app.Program.Flows[call.flow] == nil {
			names := slices.Sorted(maps.Keys(c.app.Program.Flows))
			c.errorf(lang.Pos{Source: lang.NewSource("extensions.conf", nil)}, "pbx-flow", near(call.flow, names, "write the flow, or correct the address"),
				"%s calls AGI(%s), but there is no flow %q", call.at, call.address, call.flow)
		}
		reached[call.flow] = true
	}
	for _, f := range c.app.Program.Flows {
		for _, other := range f.Called() {
			reached[other.Name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.app.Program.Flows)) {
		if !reached[name] {
			c.warnf(c.place("flows", name), "pbx-not-called", "write into extensions.conf: same => n,AGI(agi://HOST/"+name+")", "nothing in the dialplan calls flow %s", name)
		}
	}
}

var agiAddress = regexp.MustCompile(`^h?agi://`)

// readDialplan reads the answer to ShowDialPlan.
func readDialplan(items []ami.Event) extensions {
	d := extensions{contexts: map[string]map[string]bool{}, includes: map[string][]string{}}
	for _, e := range items {
		context := e.Get("Context")
		if context == "" {
			continue
		}
		if d.contexts[context] == nil {
			d.contexts[context] = map[string]bool{}
		}
		if include := e.Get("IncludeContext"); include != "" {
			d.includes[context] = append(d.includes[context], include)
			continue
		}
		exten := e.Get("Extension")
		if exten == "" {
			exten = e.Get("Exten")
		}
		if exten == "" {
			continue
		}
		d.contexts[context][exten] = true
		address, _, _ := strings.Cut(e.Get("AppData"), ",")
		if !strings.EqualFold(strings.TrimPrefix(e.Get("Application"), "E"), "AGI") || !agiAddress.MatchString(address) {
			continue
		}
		u, err := url.Parse(address)
		if err != nil || strings.Contains(u.Path, "$") {
			continue // what is only known in a call
		}
		flow := strings.Trim(u.Path, "/")
		if flow == "" {
			continue
		}
		d.calls = append(d.calls, agiCall{context + "," + exten + "," + e.Get("Priority"), address, flow})
	}
	return d
}

// has reports whether a context or what it includes has an extension, by itself or by a
// pattern.
func (d extensions) has(context, exten string, depth int) bool {
	for pattern := range d.contexts[context] {
		if pattern == exten || strings.HasPrefix(pattern, "_") && matches(pattern[1:], exten) {
			return true
		}
	}
	return depth < 20 && slices.ContainsFunc(d.includes[context], func(c string) bool { return d.has(c, exten, depth+1) })
}

// matches reports whether a number fits a pattern of the dialplan, without its _.
func matches(pattern, number string) bool {
	for pattern != "" {
		switch pattern[0] {
		case '.':
			return number != ""
		case '!':
			return true
		case '-', ' ':
			pattern = pattern[1:]
			continue
		}
		if number == "" {
			return false
		}
		set, rest := pattern[:1], pattern[1:]
		if pattern[0] == '[' {
			end := strings.IndexByte(pattern, ']')
			if end < 0 {
				return false
			}
			set, rest = pattern[1:end], pattern[end+1:]
		} else if class, ok := map[byte]string{'X': "0-9", 'x': "0-9", 'Z': "1-9", 'z': "1-9", 'N': "2-9", 'n': "2-9"}[pattern[0]]; ok {
			set = class
		}
		if !within(set, number[0]) {
			return false
		}
		pattern, number = rest, number[1:]
	}
	return number == ""
}

// within reports whether a set such as 1-35 has a digit.
func within(set string, digit byte) bool {
	for i := 0; i < len(set); i++ {
		if i+2 < len(set) && set[i+1] == '-' {
			if set[i] <= digit && digit <= set[i+2] {
				return true
			}
			i += 2
		} else if set[i] == digit {
			return true
		}
	}
	return false
}
