package rules

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/pbxflow/pbxflow/ami/catalog"
	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// Rule says what to do when something happens. It is immutable once decoded.
type Rule struct {
	Name string
	Pos  lang.Pos

	keys    ruleKeys
	hash    string   // of what decides when the rule fires
	does    string   // its actions as written
	waiting []string // keys of forms that the engine does not run
}

// ruleKeys are the keys of a rule, in the order in which they are decoded: the
// events decide which names the rest may use.
type ruleKeys struct {
	Description string            `yaml:"description" doc:"What the rule is for."`
	On          events            `yaml:"on" doc:"The event, or events, that the rule looks at: derived ones such as call.ended, or Asterisk's own such as Hangup."`
	While       lang.Cond         `yaml:"while" doc:"A condition on what goes on, such as queues.support.waiting > 5. The rule fires when it is true."`
	Every       time.Duration     `yaml:"every" doc:"Fires again and again, with this time between."`
	At          schedule          `yaml:"at" doc:"Fires at a time of the day, such as 18:00, or by a cron line such as 0 18 * * 1-5."`
	Timezone    flows.Zone        `yaml:"timezone" default:"Local" doc:"The time zone of at; the server's own if left out."`
	Then        events            `yaml:"then" doc:"Events that must follow, in this order, for the rule to fire."`
	Unless      absences          `yaml:"unless" doc:"Events of which none may follow. A mapping gives each a condition."`
	Within      time.Duration     `yaml:"within" doc:"The time for then, unless and count."`
	For         time.Duration     `yaml:"for" doc:"How long the condition of while must hold before the rule fires."`
	Where       lang.Cond         `yaml:"where" doc:"A condition on the event."`
	Count       int               `yaml:"count" doc:"Fires when so many events came within the time."`
	Distinct    lang.Expr[any]    `yaml:"distinct" doc:"Counts only events that differ in this."`
	Hours       hoursRef          `yaml:"hours" doc:"Only while these hours are open."`
	Per         caseKey           `yaml:"per" doc:"What tells one case from another: the call, unless said otherwise."`
	Cooldown    time.Duration     `yaml:"cooldown" doc:"How long the rule keeps quiet for the same case after it fired."`
	Repeat      time.Duration     `yaml:"repeat" doc:"Fires again after this time as long as the case lasts."`
	Keep        time.Duration     `yaml:"keep" doc:"How long the case must be over before it counts as resolved."`
	Group       group             `yaml:"group" doc:"Gathers notices for this time: a duration, or a mapping with by and wait."`
	Mode        string            `yaml:"mode" enum:"queued,restart,single,parallel" default:"queued" doc:"What a new firing does while the actions for the same case still run."`
	Severity    string            `yaml:"severity" enum:"info,warning,critical" default:"info" doc:"How important it is."`
	Labels      map[string]string `yaml:"labels" doc:"Names and texts that go along with notices."`
	Enabled     bool              `yaml:"enabled" default:"true" doc:"Whether the rule is in force."`
	DryRun      bool              `yaml:"dry_run" doc:"Evaluates and traces, but does nothing."`
	Do          actions           `yaml:"do,required" doc:"What to do. How many cases the cooldown swallowed is read as suppressed, how long the case has lasted as elapsed, and how many events were counted as count."`
	Resolved    actions           `yaml:"resolved" doc:"What to do when the case is over."`
}

// HintKey knows what other rule systems call the keys.
func (*ruleKeys) HintKey(key string) string {
	return map[string]string{
		"trigger": "on, while, every or at", "event": "on", "events": "on", "alert": "do",
		"condition": "where", "conditions": "where", "if": "where", "when": "where", "filter": "where",
		"action": "do", "actions": "do", "run": "do", "steps": "do", "notify": "a step below do",
		"window": "within", "timeframe": "within", "duration": "for or within", "state": "while",
		"throttle": "cooldown", "debounce": "cooldown", "silence": "cooldown", "realert": "cooldown",
		"key": "per", "group_by": "per", "groupby": "per", "until": "unless", "cancel_on": "unless",
		"threshold": "count", "cron": "at", "schedule": "at or every", "interval": "every",
		"priority": "severity", "level": "severity", "else": "resolved", "resolve": "resolved", "disabled": "enabled: false",
	}[key]
}

// Events returns the names of the events that the rule looks at.
func (r *Rule) Events() []string { return r.keys.On.names }

// Needs returns what the rule's steps want Asterisk to have.
func (r *Rule) Needs() []flows.Need {
	return slices.Concat(r.keys.Do.Needs(), r.keys.Resolved.Needs())
}

// DecodeYAML reads the rule.
func (r *Rule) DecodeYAML(d *lang.Decoder, n lang.Node) {
	r.Pos = n.Pos()
	outer := d.Scope
	d.Scope = outer.Child(nil)
	if n.Lookup("on").IsZero() {
		explainMissing(d, "only a rule with on has one")
	}
	r.keys.Do.where, r.keys.Resolved.where = &r.keys.Where, &r.keys.Where
	d.Soundly(func() {
		d.Decode(n, &r.keys)
		if n.IsMapping() || n.IsNull() {
			r.check(d, n)
		}
	})
	d.Scope = outer
	r.hash, r.does = triggerHash(n), n.Lookup("do").Text()
	for _, pair := range n.Pairs() {
		if slices.Contains(waiting, pair.Key.Value) {
			r.waiting = append(r.waiting, pair.Key.Value)
		}
	}
}

// waiting are the keys of forms that the engine does not run. They are checked like all
// others, so that an author can write them; a rule that has one is not in force, and
// the log says so.
var waiting = []string{"while", "every", "at", "then", "unless", "count", "distinct", "repeat", "keep", "group", "mode", "resolved"}

// actionKeys are the keys that do not decide when a rule fires.
var actionKeys = []string{"description", "do", "resolved", "severity", "labels", "enabled", "dry_run", "mode", "group"}

// triggerHash identifies what decides when a rule fires, as it is written. State
// belongs to it.
func triggerHash(n lang.Node) string {
	sum := sha256.New()
	for _, pair := range n.Pairs() {
		if !slices.Contains(actionKeys, pair.Key.Value) {
			// Writing to a hash never fails.
			fmt.Fprintf(sum, "%s: %s\n", pair.Key.Value, pair.Value.Text())
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// Schema describes a rule.
func (r *Rule) Schema(s *lang.Schema) map[string]any {
	return s.Define("rule", func() map[string]any { return s.Object(&ruleKeys{}) })
}

// SchemaWords names a rule in the reference.
func (r *Rule) SchemaWords() string { return "a rule" }

// Keys describes the keys of a rule for the reference.
func Keys() []lang.Key { return lang.Describe(ruleKeys{}) }

// actions are steps that run without a call.
type actions struct {
	flows.Steps

	where *lang.Cond // what is true when they run; set before decoding, nil for nothing
}

// DecodeYAML decodes the steps with what only they can read.
func (a *actions) DecodeYAML(d *lang.Decoder, n lang.Node) {
	outer, path := d.Scope, d.Path
	d.Scope = outer.Child(lang.Names{"suppressed": 0, "elapsed": time.Duration(0), "count": 0})
	d.Path = lang.NewPath()
	if a.where != nil {
		d.Path = d.Path.With(a.where.Facts(true))
	}
	a.Steps.DecodeYAML(d, n)
	d.WarnUnused("in this rule")
	d.Scope, d.Path = outer, path
}

// hoursRef is the name of opening hours.
type hoursRef struct{ name string }

// DecodeYAML looks the hours up.
func (h *hoursRef) DecodeYAML(d *lang.Decoder, n lang.Node) {
	h.name = flows.DecodeHoursName(d, n)
}

// Schema describes the name.
func (h *hoursRef) Schema(*lang.Schema) map[string]any { return map[string]any{"type": "string"} }

// SchemaWords names it in the reference.
func (h *hoursRef) SchemaWords() string { return "the name of opening hours" }

// key returns the default key of an event: the call, else what it is about, the channel
// or the server.
func key(e live.Event) any {
	switch {
	case e.Call != nil:
		return e.Call.ID
	case e.Agent != nil:
		return e.Agent.ID
	case e.Voicemail != nil:
		return e.Server + "/" + e.Voicemail.Mailbox
	case e.Device != nil:
		return e.Server + "/" + e.Device.Name
	case e.Endpoint != nil:
		return e.Server + "/" + e.Endpoint.Name
	case e.CDR != nil:
		return e.Server + "/" + cmp.Or(e.CDR.Linkedid, e.CDR.Uniqueid)
	case e.Peer != nil:
		return e.Server
	}
	for _, header := range []string{"Uniqueid", "Linkedid"} {
		if id := e.Raw.Get(header); id != "" {
			return e.Server + "/" + id
		}
	}
	return e.Server
}

// fieldsOf returns the fields that an event of Asterisk's own can have.
func fieldsOf(event string) []catalog.Field {
	t, _ := lookupEvent(event)
	return t.Fields
}
