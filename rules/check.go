package rules

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// triggers are the keys of which a rule has exactly one.
var triggers = []string{"on", "while", "every", "at"}

// needs says which keys make sense only beside others: one of those must be there.
var needs = []struct {
	key string
	one []string
	why string
}{
	{"where", []string{"on"}, "it is a condition on an event"},
	{"then", []string{"on"}, "it follows an event"},
	{"unless", []string{"on"}, "it follows an event"},
	{"count", []string{"on"}, "it counts events"},
	{"per", []string{"on"}, "it is read from an event"},
	{"for", []string{"while"}, "it is how long the condition must hold"},
	{"timezone", []string{"at"}, "it is the time zone of at"},
	{"then", []string{"within"}, "events must follow in a time"},
	{"unless", []string{"within"}, "events must not follow for a time"},
	{"count", []string{"within"}, "events are counted in a time"},
	{"within", []string{"then", "unless", "count"}, "it is the time for one of them"},
	{"distinct", []string{"count"}, "it says what is counted"},
	{"keep", []string{"resolved"}, "it is how long before resolved"},
	{"resolved", []string{"while", "unless", "count"}, "nothing else is ever over"},
	{"repeat", []string{"while", "unless", "count"}, "nothing else lasts"},
}

var wholeNumber = regexp.MustCompile(`^-?[0-9]+$`)

// rivals are keys that cannot stand together.
var rivals = [][2]string{{"then", "unless"}, {"then", "count"}, {"unless", "count"}, {"cooldown", "repeat"}}

// check reports keys that need each other or do not go together.
func (r *Rule) check(d *lang.Decoder, n lang.Node) {
	has := func(key string) bool { return !n.Lookup(key).IsZero() }
	r.checkTrigger(d, n)
	for _, need := range needs {
		if has(need.key) && !slices.ContainsFunc(need.one, has) {
			d.ErrorAt(keyPos(n, need.key), "needs-key", "%s makes no sense without %s: %s", need.key, strings.Join(need.one, " or "), need.why)
		}
	}
	for _, pair := range rivals {
		if has(pair[0]) && has(pair[1]) {
			d.ErrorAt(keyPos(n, pair[1]), "keys-clash", "a rule has either %s or %s", pair[0], pair[1])
		}
	}
	if count := n.Lookup("count"); count.IsScalar() && r.keys.Count < 2 && wholeNumber.MatchString(count.Value) {
		d.Errorf(count, "bad-count", "one event is no count").Hint("write 2 or more, or leave out count")
	}
	if has("count") && !has("per") {
		d.WarnAt(keyPos(n, "count"), "count-without-per", "without per all events are counted together, whoever they are about").
			Hint("write what tells one case from another, such as per: call.caller.num")
	}
	r.checkTimes(d, n)
	r.checkKey(d, n)
	r.checkUnbounded(d, n, has)
	r.checkStorm(d, n, has)
}

// checkTimes refuses times in which nothing can happen.
func (r *Rule) checkTimes(d *lang.Decoder, n lang.Node) {
	for _, key := range []struct {
		name  string
		value time.Duration
	}{{"every", r.keys.Every}, {"within", r.keys.Within}} {
		if value := n.Lookup(key.name); value.IsScalar() && key.value == 0 && strings.HasPrefix(value.Value, "0") {
			d.Errorf(value, "wrong-type", "%q must be longer than nothing", key.name).Hint("write a duration such as 30s")
		}
	}
	if value := n.Lookup("every"); r.keys.Every > 0 && r.keys.Every < time.Second {
		d.Errorf(value, "wrong-type", "a rule fires at most once in a second").Hint("write 1s or more")
	}
}

func (r *Rule) checkTrigger(d *lang.Decoder, n lang.Node) {
	var found []string
	for _, key := range triggers {
		if !n.Lookup(key).IsZero() {
			found = append(found, key)
		}
	}
	switch {
	case len(found) == 0:
		d.Errorf(n, "no-trigger", "the rule never fires").Hint("write what it looks at, such as on: call.ended, or while:, every: or at:")
	case len(found) > 1:
		d.ErrorAt(keyPos(n, found[1]), "two-triggers", "a rule has one trigger, but this one has %s", strings.Join(found, " and "))
	}
}

// checkStorm warns of a rule that sends a notice for every event. Rules that fire once
// for a case do not need to be held back.
func (r *Rule) checkStorm(d *lang.Decoder, n lang.Node, has func(string) bool) {
	held := slices.ContainsFunc([]string{"cooldown", "repeat", "group", "then", "unless", "count", "while", "every", "at"}, has)
	if held || !r.keys.Do.Uses("notify") {
		return
	}
	d.WarnAt(keyPos(n, "do"), "notice-storm", "every event sends a notice, however many there are").
		Hint("write how long to keep quiet afterwards, such as cooldown: 5m")
}

// keyPos is where a key of a mapping stands.
func keyPos(n lang.Node, key string) lang.Pos {
	for _, pair := range n.Pairs() {
		if pair.Key.Value == key {
			return pair.Key.Pos()
		}
	}
	return n.Pos()
}
