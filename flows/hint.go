package flows

import (
	"slices"
	"strings"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// hintSteps helps where a step's keys hold another step: the dash before it was
// forgotten.
func hintSteps(d *lang.Decoder, n lang.Node) {
	for _, pair := range n.Pairs()[1:] {
		if namesOf(d).Verbs.Lookup(pair.Key.Value) == nil {
			continue
		}
		d.Hint(pair.Key, "unknown-key", "a step of its own begins with a dash: - %s", pair.Key.Value)
	}
}

// unknownVerb reports a first key that is no verb, and returns the verb that was
// likely meant, if any. When a later key is one, the keys are likely in the wrong
// order.
func unknownVerb(d *lang.Decoder, n, key lang.Node) *Verb {
	verbs := namesOf(d).Verbs
	p := d.Errorf(key, "unknown-verb", "there is no verb %q", key.Value)
	for _, pair := range n.Pairs()[1:] {
		if verbs.Lookup(pair.Key.Value) != nil {
			p.Hint("the verb comes first: put %q above", pair.Key.Value)
			return nil
		}
	}
	if hintSpelling(p, verbs, key) || hintMeaning(d, p, key.Value) {
		return nil
	}
	near := lang.Nearest(key.Value, verbs.Names())
	if p.Suggest(key.Value, verbs.Names()); near == "" {
		p.Hint("the reference lists all verbs").Suggest(key.Value, flowKeyNames())
	}
	return verbs.Lookup(near)
}

// hintSpelling helps with a verb that is there but written differently, and reports
// whether it could.
func hintSpelling(p *lang.Problem, verbs *Verbs, key lang.Node) bool {
	rewrite := func(written string) {
		p.Fix = &lang.Fix{Pos: key.Pos(), Old: key.Value, New: written}
	}
	if word, rest, spaced := strings.Cut(key.Value, " "); spaced && verbs.Lookup(word) != nil {
		p.Hint("put a colon behind the verb: %s: %s", word, rest)
		rewrite(word + ": " + rest)
		return true
	}
	if word, rest, colon := strings.Cut(key.Value, ":"); colon && rest != "" && verbs.Lookup(word) != nil {
		p.Hint("put a space behind the colon: %s: %s", word, rest)
		rewrite(word + ": " + rest)
		return true
	}
	if word, dash := strings.CutPrefix(key.Value, "-"); dash && verbs.Lookup(word) != nil {
		p.Hint("put a space behind the dash: - %s", word)
		return true
	}
	if lower := strings.ToLower(key.Value); lower != key.Value && verbs.Lookup(lower) != nil {
		p.Hint("verbs are written small: %s", lower)
		rewrite(lower)
		return true
	}
	return false
}

// foreignVerbs are words of other systems, and the verbs that do the same.
var foreignVerbs = map[string]string{
	"gather": "menu, or read for a number", "getdigits": "read", "input": "read", "background": "menu",
	"playback": "play", "prompt": "play", "speak": "play or say", "pause": "wait", "sleep": "wait",
	"enqueue": "queue", "reject": "busy or hangup", "end": "hangup", "stop": "hangup", "exit": "return",
	"gosub": "call", "execute": "call", "gotoif": "if and goto", "jump": "goto", "redirect_to": "goto",
	"while": "repeat: and while:", "for": "each", "foreach": "each", "else": "if, then and else in one step",
	"request": "http", "webhook": "notify or http", "print": "log", "verbose": "log", "noop": "log",
	"voicemailmain": "voicemail_main", "chanspy": "spy", "monitor": "record_call", "mixmonitor": "record_call",
	"raise": "fail", "error": "fail", "var": "set", "let": "set",
}

// hintMeaning helps with a word that is something else than a verb, and reports whether
// it could.
func hintMeaning(d *lang.Decoder, p *lang.Problem, word string) bool {
	_, isFlow := namesOf(d).Flows[word]
	isKey := slices.Contains(flowKeyNames(), word)
	foreign := foreignVerbs[strings.ToLower(word)]
	switch {
	case word == "continue":
		p.Hint("only a step has it: on_error: continue")
	case word == "ignore":
		p.Hint("to go on all the same, a step has on_error: continue")
	case word == "<<":
		p.ID, p.Message = "yaml-merge", "keys cannot be merged into a step"
		p.Hint("write them out, or make a flow of the steps and call it")
	case isFlow:
		p.Hint("it is a flow: write goto: %s, or call: %[1]s to come back", word)
	case isKey && word != "description":
		p.Hint("it belongs to the flow as a whole, beside steps")
	case foreign != "":
		p.Hint("here that is %s", foreign)
	default:
		return false
	}
	return true
}

func flowKeyNames() []string {
	var names []string
	for _, k := range FlowKeys() {
		names = append(names, k.Name)
	}
	return names
}
