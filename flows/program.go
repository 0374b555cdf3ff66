package flows

import (
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// Program is everything that calls need of a loaded app. It is immutable; a
// reload makes a new one.
type Program struct {
	// Revision identifies the files it was loaded from.
	Revision  string
	Flows     map[string]*Flow
	Hours     map[string]*Hours
	Notifiers map[string]*Notifier
	Queues    map[string]*Queue
	// People are those who may sign in.
	People map[string]*Person
	// Servers are the names of the Asterisk servers.
	Servers []string
	// Verbs are those that the flows were decoded with.
	Verbs *Verbs
	// Outward says what may be called outside.
	Outward Outward
	// Sorry is the sound of the built-in error handler; empty means silence.
	Sorry string

	retired atomic.Pointer[time.Time] // when its calls are given back; nil: never
}

// HoursAt returns what expressions read as hours at a time.
func (p *Program) HoursAt(now time.Time) map[string]any {
	infos := make(map[string]any, len(p.Hours))
	for name, h := range p.Hours {
		infos[name] = &HoursInfo{Open: h.IsOpen(now)}
	}
	return infos
}

// Names tells the decoder of steps which named things there are. It is the Host
// of the [lang.Decoder].
type Names struct {
	Verbs *Verbs
	// Flows holds the flow of each name; the flows are filled in later, so that
	// they can refer to each other.
	Flows     map[string]*Flow
	Queues    map[string]*Queue
	Notifiers map[string]*Notifier
	Hours     map[string]*Hours
	People    map[string]*Person
	Servers   []string
	// Outbound holds the servers that know how to call a number outside.
	Outbound map[string]bool
	Outward  Outward
	// Allow are the verbs that are off unless the configuration allows them.
	Allow []string

	// Decode decodes the flow of that name now, if that has not been done: what calls it
	// wants to know what it returns. Nil decodes nothing.
	Decode func(name string)

	place  place
	inLoop bool  // break and next make sense
	inMenu bool  // again does
	flow   *Flow // whose steps these are; nil in a rule
	owner  *Node // the step that holds these; nil for none
}

// place is where steps stand, which decides what they may do.
type place int

const (
	inFlow place = iota
	afterCall
	inRule
	inParallel
)

// Queue is an Asterisk queue that the app knows.
type Queue struct {
	ServiceLevel time.Duration `yaml:"service_level" default:"20s" doc:"Within this time a call should be answered."`
	ShortAbandon time.Duration `yaml:"short_abandon" default:"5s" doc:"Callers who give up within this time do not count as lost."`
}

// FlowScope returns the names that every flow can use in expressions.
func (n *Names) FlowScope() *lang.Scope {
	names := n.common()
	names["call"] = CallInfo{}
	return lang.NewScope(names)
}

// RuleScope returns the names that every rule can use, apart from those of its
// events.
func (n *Names) RuleScope() *lang.Scope { return lang.NewScope(n.common()) }

func (n *Names) common() lang.Names {
	hours := lang.Names{}
	for name := range n.Hours {
		hours[name] = HoursInfo{}
	}
	names := n.worldNames()
	n.Verbs.functions.declare(names)
	names["hours"], names["now"] = hours, (func() time.Time)(nil)
	return names
}

// InRule returns a copy of n for the steps of rules, where no call is at hand.
func (n *Names) InRule() *Names {
	c := *n
	c.place = inRule
	return &c
}

// in decodes with another idea of the place.
func in(d *lang.Decoder, change func(*Names), decode func()) {
	outer := namesOf(d)
	names := *outer
	change(&names)
	d.Host = &names
	decode()
	d.Host = outer
}

// namesOf returns the decoder's host.
func namesOf(d *lang.Decoder) *Names { return d.Host.(*Names) }

// decodeRef reads a name that must be a key of known.
func decodeRef[T any](d *lang.Decoder, n lang.Node, what string, known map[string]T) string {
	var name string
	d.Decode(n, &name)
	if n.IsNull() {
		p := d.Errorf(n, "unknown-"+what, "the name of the %s is missing", what)
		if names := slices.Sorted(maps.Keys(known)); len(names) > 0 {
			p.Hint("write one of %s", strings.Join(names, ", "))
		}
	}
	if name != "" {
		checkName(d, n.Pos(), what, name, known)
	}
	return name
}

// checkName reports a name that is not a key of known.
func checkName[T any](d *lang.Decoder, at lang.Pos, what, name string, known map[string]T) {
	if _, ok := known[name]; ok || d.Scope.Partial() {
		return
	}
	p := lang.SuggestKey(d.ErrorAt(at, "unknown-"+what, "there is no %s %q", what, name), name, known)
	if p.Suggestion == "" {
		p.Hint("declare it under %s", section[what])
	}
}

// section is the top-level key under which a kind of thing is declared.
var section = map[string]string{"flow": "flows", "queue": "queues", "notifier": "notify", "hours": "hours", "person": "people"}

// DecodeHoursName reads the name of opening hours that the app has.
func DecodeHoursName(d *lang.Decoder, n lang.Node) string {
	return decodeRef(d, n, "hours", namesOf(d).Hours)
}
