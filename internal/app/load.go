package app

import (
	"io/fs"
	"slices"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/lang"
	"github.com/pbxflow/pbxflow/rules"
)

// Load reads the app in fsys. The problems are sorted by place; if one of them is
// an error, the app is nil. verbs are those that steps may use.
func Load(fsys fs.FS, verbs *flows.Verbs) (*App, lang.Problems) {
	l := &loader{verbs: verbs, sections: map[string][]entry{}, named: map[string]lang.Pos{}}
	sources, problems := read(fsys)
	l.problems = problems
	l.partial = problems != nil
	for _, s := range sources {
		l.parse(s)
	}
	a := l.decode(fsys)
	a.Revision = revision(sources)
	a.Program.Revision = a.Revision
	for _, s := range sources {
		a.Files = append(a.Files, s.Name)
		a.sources = append(a.sources, s)
	}
	l.problems = l.problems.Ignores(sources)
	if l.problems.Err() != nil {
		return nil, l.problems
	}
	return a, l.problems
}

// loader collects what the files hold before any of it is decoded, since names in
// one file are used in others.
type loader struct {
	verbs    *flows.Verbs
	problems lang.Problems
	sections map[string][]entry
	named    map[string]lang.Pos // where the name of a section stands first
	config   lang.Node
	partial  bool // a file is missing, so names may be
}

// maxAhead is how many flows are decoded ahead of their turn because one calls the
// next. Further down nobody knows what comes back, and it is trusted less.
const maxAhead = 100

// entry is one named thing in a section, or the whole value of a section that has
// no names.
type entry struct {
	key, value lang.Node
}

// decode turns what was collected into an app: first what others refer to, then
// the parameters of all flows, then flows and rules.
func (l *loader) decode(fsys fs.FS) *App {
	a := &App{Program: &flows.Program{Flows: map[string]*flows.Flow{}}}
	d := lang.NewDecoder(lang.NewScope(envNames()))
	d.Decode(orEmpty(l.config), &a.Config)
	l.hintConfig(d)
	a.Program.Sorry = string(a.Config.Sorry)
	a.Program.Hours = named[flows.Hours](l, d, "hours")
	a.Queues = named[flows.Queue](l, d, "queues")
	for _, e := range l.sections["trunks"] {
		var trunks []trunk
		d.DecodeAs("trunks", e.value, &trunks)
		for _, t := range trunks {
			a.Trunks = append(a.Trunks, string(t))
		}
	}
	a.Program.Verbs = l.verbs
	a.Program.Outward = flows.Outward{Trunks: a.Trunks, Dialing: l.dialing(d)}
	a.Program.Queues, a.Program.Servers = a.Queues, sortedKeys(a.Config.Asterisk)
	names := &flows.Names{
		Servers: a.Program.Servers, Outward: a.Program.Outward, Verbs: l.verbs, Flows: a.Program.Flows, Queues: a.Queues, Hours: a.Program.Hours,
		Allow: a.Config.allowed(), Outbound: map[string]bool{},
	}
	for name, server := range a.Config.Asterisk {
		names.Outbound[name] = server.Outbound != ""
	}
	d.Host = names
	l.scope(d.Scope)
	a.Program.People = named[flows.Person](l, d, "people")
	names.People = a.Program.People
	a.Program.Notifiers = named[flows.Notifier](l, d, "notify")
	names.Notifiers = a.Program.Notifiers
	for _, e := range l.sections["flows"] {
		flow := &flows.Flow{Name: e.key.Value}
		flow.DecodeParams(d, e.value)
		a.Program.Flows[flow.Name] = flow
	}
	scope := l.scope(names.FlowScope())
	flowNodes := map[string]lang.Node{}
	for _, e := range l.sections["flows"] {
		if _, twice := flowNodes[e.key.Value]; !twice {
			flowNodes[e.key.Value] = e.value
		}
	}
	depth := 0
	names.Decode = func(name string) {
		if depth >= maxAhead {
			return
		}
		depth++
		d.Apart(scope, names, func() { d.DecodeAs(name, flowNodes[name], a.Program.Flows[name]) })
		depth--
	}
	for _, e := range l.sections["flows"] {
		names.Decode(e.key.Value)
	}
	if d.Problems().Err() == nil {
		flows.Lint(d, a.Program.Flows)
	}
	d.Host, d.Scope = names.InRule(), l.scope(names.RuleScope())
	for _, e := range l.sections["rules"] {
		rule := &rules.Rule{Name: e.key.Value}
		d.DecodeAs(rule.Name, e.value, rule)
		a.Rules = append(a.Rules, rule)
	}
	l.checkSounds(d, a, fsys)
	if d.Problems().Err() == nil {
		rules.Lint(d, a.Rules)
		flows.LintAnswered(d, a.Program.Flows)
	}
	l.problems = append(l.problems, d.Problems()...)
	return a
}

// hintConfig helps who wrote flows and rules into the configuration.
func (l *loader) hintConfig(d *lang.Decoder) {
	for _, key := range lang.Describe(asteriskConfig{}) {
		// Whoever has one server forgets that it has a name.
		if value := l.config.Lookup("asterisk").Lookup(key.Name); value.IsScalar() {
			d.Hint(value, "wrong-type", "give the server a name: asterisk: { pbx1: { %s: … } }", key.Name)
		}
	}
	for _, pair := range l.config.Pairs() {
		if !slices.Contains(sectionNames(), pair.Key.Value) {
			continue
		}
		l.partial = true
		d.Hint(pair.Key, "unknown-key", "%s only configures the server: put it into a file beside it, such as %s.yaml", ConfigFile, pair.Key.Value)
	}
}

func (l *loader) scope(s *lang.Scope) *lang.Scope {
	if l.partial {
		s.SetPartial()
	}
	return s
}

// dialing decodes what may be called.
func (l *loader) dialing(d *lang.Decoder) *flows.Dialing {
	var dialing *flows.Dialing
	l.once(d, "dialing", &dialing)
	return dialing
}

// once decodes a section without names, which an app has once.
func (l *loader) once(d *lang.Decoder, section string, to any) {
	for i, e := range l.sections[section] {
		if i > 0 {
			d.Errorf(e.key, "duplicate-name", "%s stands twice", section).Hint("the first one is at %s", l.sections[section][0].key.Pos())
			continue
		}
		d.DecodeAs(section, e.value, to)
	}
}

// named decodes a section of named things.
func named[T any](l *loader, d *lang.Decoder, section string) map[string]*T {
	things := map[string]*T{}
	for _, e := range l.sections[section] {
		thing := new(T)
		d.DecodeAs(e.key.Value, e.value, thing)
		things[e.key.Value] = thing
	}
	return things
}

// orEmpty returns n, or an empty mapping when nothing is written at all, so that
// defaults apply.
func orEmpty(n lang.Node) lang.Node {
	if n.IsZero() {
		return lang.EmptyMapping(n)
	}
	return n
}
