package flows

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var emitVerb = Verb{
	Name:    "emit",
	Summary: "Raises an event of the app's own, which rules can look at.",
	Doc:     "A rule looks at it with `on: custom.name`, and reads its fields as `event.name`. They are text.",
	Example: "- emit: custom.vip\n  fields: { number: \"${call.caller.num}\" }",
	New:     func() Step { return &emitStep{} },
}

type emitStep struct {
	Name   CustomEvent                   `yaml:"emit,required" doc:"The name of the event: custom. and a name."`
	Fields map[string]lang.Value[string] `yaml:"fields" doc:"What the event carries, by names."`
}

// maxEmitDepth is how many events may have caused each other.
const maxEmitDepth = 8

// CheckYAML checks the names of the fields, which expressions read.
func (s *emitStep) CheckYAML(d *lang.Decoder, n lang.Node) {
	for _, pair := range n.Lookup("fields").Pairs() {
		if !namePatterns.MatchString(pair.Key.Value) {
			d.Errorf(pair.Key, "bad-name", "%q cannot be used as a name", pair.Key.Value).
				Hint("names are letters, digits and _, and begin with a letter")
		}
	}
}

func (s *emitStep) Run(_ context.Context, c *Call) (Outcome, error) {
	fields := map[string]string{}
	for name, v := range s.Fields {
		var err error
		if fields[name], err = v.Get(c); err != nil {
			return Outcome{}, err
		}
	}
	if c.Meta.Depth >= maxEmitDepth {
		return Outcome{}, Fail("emit.circle", errors.New("events have caused each other: rules run in circles"))
	}
	c.TraceValue("emit", string(s.Name))
	if c.engine.Emit != nil {
		c.engine.Emit(string(s.Name), fields, c.Meta)
	}
	return Done, nil
}

// CustomEvent is the name of an event of the app's own.
type CustomEvent string

var customPattern = regexp.MustCompile(`^custom\.[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*$`)

// UnmarshalText takes custom. and a name.
func (e *CustomEvent) UnmarshalText(b []byte) error {
	if !customPattern.Match(b) {
		return lang.Mistake(fmt.Sprintf("%q is not the name of an event of one's own", b), "write custom. and a name in small letters: custom.vip")
	}
	*e = CustomEvent(b)
	return nil
}

// LangType describes a name for messages and editors.
func (CustomEvent) LangType() (string, string) {
	return "the name of an event such as custom.vip", customPattern.String()
}

// IsCustomEvent reports whether a name is that of an event of the app's own.
func IsCustomEvent(name string) bool { return customPattern.MatchString(name) }
