package rules

import (
	"reflect"
	"slices"
	"strings"

	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// caseKey is an expression whose value tells cases apart.
type caseKey struct{ lang.Expr[any] }

// DecodeYAML refuses what is another value each time, such as a whole call, whose
// duration differs from event to event.
func (k *caseKey) DecodeYAML(d *lang.Decoder, n lang.Node) {
	k.Expr.DecodeYAML(d, n)
	if !k.IsSet() {
		return
	}
	switch {
	case k.Constant():
		d.Warnf(n, "constant-key", `"per" is always the same here, so it tells nothing apart`).
			Hint("write what differs, such as call.caller.num, or leave per out")
	case slices.Contains(k.Reads(), "now"):
		d.Errorf(n, "wrong-type", `"per" is another value each time: no two events are of one case`).
			Hint("write what stays the same, such as call.id or queue.name")
	}
	t := k.Type()
	if t == nil {
		return
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Func:
		d.Errorf(n, "wrong-type", `"per" wants one value, but this is %s`, lang.Words(t)).
			Hint("write a field of it, such as call.id or queue.name")
	}
}

// subjects are what an event can be about, in the order in which one of them is the
// default key of a case.
var subjects = []string{"call", "agent", "voicemail", "device", "endpoint", "cdr", "server"}

// subjectWords names them in messages.
var subjectWords = map[string]string{
	"call": "the call", "agent": "the agent", "voicemail": "the mailbox", "device": "the device",
	"endpoint": "the endpoint", "cdr": "the call detail record", "server": "the server", "channel": "the channel",
}

// subject is what an event is about as long as the rule does not say: one of the
// subjects, the channel of an event of Asterisk's own, or the server.
func subject(event string) string {
	if t, ok := live.LookupEvent(event); ok {
		for _, s := range subjects {
			if slices.Contains(t.Vars, s) {
				return s
			}
		}
	}
	if t, ok := lookupEvent(event); ok && (t.Has("Uniqueid") || t.Has("Linkedid")) {
		return "channel"
	}
	return "server"
}

// checkKey reports events that must follow, or must not, and of which cannot be told to
// which case they belong, because they lack what the key is read from.
func (r *Rule) checkKey(d *lang.Decoder, n lang.Node) {
	if len(r.keys.On.names) == 0 {
		return
	}
	for _, following := range []struct {
		key    string
		events []string
	}{{"then", r.keys.Then.names}, {"unless", r.keys.Unless.names}} {
		for _, event := range following.events {
			at := eventPos(n.Lookup(following.key), event)
			if r.keys.Per.IsSet() {
				r.checkPer(d, at, event)
			} else if n.Lookup("per").IsZero() {
				r.checkDefaultKey(d, at, event)
			}
		}
	}
}

// checkPer reports an event that lacks what per reads.
func (r *Rule) checkPer(d *lang.Decoder, at lang.Pos, event string) {
	carried := eventNames(event)
	for _, path := range r.keys.Per.Reads() {
		name, field, _ := strings.Cut(path, ".")
		if _, mine := eventNames(r.keys.On.names[0])[name]; !mine {
			continue // hours and the like are the same for all
		}
		prototype, ok := carried[name]
		if headers, raw := prototype.(lang.Names); ok && raw && field != "" {
			_, ok = headers[field]
		}
		if !ok {
			d.ErrorAt(at, "key-missing", "per is %s, which %s has not, so it is of no case", r.keys.Per, event).
				Hint("write a key that all events of the rule have")
			return
		}
	}
}

// checkDefaultKey reports an event that is about something else than the one that the
// rule begins with, and one that can follow no more.
func (r *Rule) checkDefaultKey(d *lang.Decoder, at lang.Pos, event string) {
	first := r.keys.On.names[0]
	mine, theirs := subject(first), subject(event)
	switch {
	case mine != theirs:
		d.ErrorAt(at, "key-missing", "%s is about %s and %s about %s, so they are never of one case", first, subjectWords[mine], event, subjectWords[theirs]).
			Hint("write in per what both have in common")
	case first == live.CallEnded && len(r.keys.On.names) == 1:
		d.WarnAt(at, "never-follows", "without per this is about the same call, of which nothing follows when it has ended").
			Hint("write what the next call has in common with it, such as per: call.caller.num")
	}
}

// eventPos is where the name of an event stands in a name, a list or a mapping.
func eventPos(n lang.Node, event string) lang.Pos {
	for _, item := range n.Items() {
		if item.Value == event {
			return item.Pos()
		}
	}
	for _, pair := range n.Pairs() {
		if pair.Key.Value == event {
			return pair.Key.Pos()
		}
	}
	return n.Pos()
}

// checkUnbounded warns of a key that nothing forgets, or that has no effect.
func (r *Rule) checkUnbounded(d *lang.Decoder, n lang.Node, has func(string) bool) {
	if !has("per") || !r.keys.Per.IsSet() || r.keys.Per.Constant() {
		return
	}
	if slices.ContainsFunc([]string{"cooldown", "repeat", "within", "group", "mode"}, has) {
		return
	}
	d.WarnAt(keyPos(n, "per"), "unbounded-key", "per tells cases apart, but no case lasts: there is no time after which one is forgotten").
		Hint("write how long to keep quiet about the same case, such as cooldown: 5m, or leave per out")
}
