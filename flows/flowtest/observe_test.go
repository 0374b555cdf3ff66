package flowtest

import (
	"strings"
	"time"
)

// observe says what a command that a server sends to a real Asterisk does in terms of
// scripts; nil when it is nothing that scripts know. length is how long the caller
// hears it, and among are the keys that end it.
func (t *test) observe(words []string) (e *event, length time.Duration, among string) {
	name, args := (*call)(nil).lookup(words)
	verb, how, _ := strings.Cut(strings.ToLower(name), " ")
	switch {
	case name == "STREAM FILE" || name == "GET OPTION" || name == "CONTROL STREAM FILE":
		e, among = &event{kind: "hear", what: []string{arg(args, 0)}}, arg(args, 1)
	case name == "GET DATA" && arg(args, 0) != "":
		e, among = &event{kind: "hear", what: []string{arg(args, 0)}}, allKeys
	case name == "RECORD FILE":
		e, among = &event{kind: "record", what: []string{arg(args, 0)}}, arg(args, 2)
	case name == "ANSWER":
		return &event{kind: "answer"}, 0, ""
	case name == "SET VARIABLE":
		return &event{kind: "setvar", what: []string{arg(args, 0)}, text: arg(args, 1)}, 0, ""
	case name == "SET MUSIC":
		return &event{kind: "music", what: []string{musicOf(args)}}, 0, ""
	case verb == "say":
		return &event{kind: "say", what: []string{arg(args, 0)}, how: how}, 0, arg(args, 1)
	case name == "EXEC":
		app, known := applications[strings.ToLower(arg(args, 0))]
		first, _, _ := strings.Cut(arg(args, 1), ",")
		if !known {
			return &event{kind: "exec", what: args[:1], text: arg(args, 1)}, 0, ""
		}
		if strings.HasPrefix(strings.ToLower(args[0]), "stop") {
			return &event{kind: app.kind, what: []string{"off"}, silent: true}, 0, ""
		}
		return &event{kind: app.kind, what: strings.Split(first, "&")}, 0, ""
	default:
		return nil, 0, ""
	}
	if _, missing := t.missing(e.what[0]); missing {
		return nil, 0, ""
	}
	return e, t.Given.Sounds[e.what[0]], among
}
