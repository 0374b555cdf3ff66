// Package rules watches the telephone system and acts on what happens there.
//
// A rule names the events it looks at (`on`), a condition on them (`where`), a key
// that tells cases apart (`per`), a quiet time for each key (`cooldown`), and
// steps to run (`do`). Events are those of [live]: derived ones, such as
// call.ended, and Asterisk's own, such as Hangup, whose headers a rule reads as
// event.Cause: as text, or as a duration where it is one. The steps are those of package flows, without the verbs that need
// a call.
//
// The [Engine] takes the events of all Asterisk servers, in order for each. It
// decides at once and acts later: actions run on goroutines of their own, one
// after another for each rule and key, so that a slow web server delays neither
// events nor other rules. What a rule decided, and why it kept silent, is told in
// a [Trace].
//
// State belongs to a rule's name and trigger: a reload that does not touch the
// trigger keeps the rule's cooldowns.
package rules
