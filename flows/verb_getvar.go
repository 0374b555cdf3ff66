package flows

import (
	"context"
	"fmt"
	"regexp"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/lang"
)

var getvarVerb = Verb{
	Name:    "getvar",
	Summary: "Reads a variable of the channel, or a function of the dialplan.",
	Doc: "A variable that is not set is empty. With `channel` the manager user needs `write = call` or `reporting`. " +
		"Whoever wrote the variable may have been the caller: its value does not count as trusted.",
	Example:  "- getvar: CHANNEL(language)\n  as: language\n- log: ${language.value}",
	Outcomes: []Outcome{Done, channelGone},
	Result:   (*variableResult)(nil), ResultAlways: true,
	New: func() Step { return &getvarStep{} },
}

type getvarStep struct {
	Name    lang.Value[VariableName] `yaml:"getvar,required" doc:"The name of the variable, or a function such as CALLERID(num)."`
	anyCall `yaml:",inline"`
}

type variableResult struct {
	Value string `expr:"value" trust:"no" doc:"the value; empty when it is not set"`
	Set   bool   `expr:"set" doc:"whether it is set; functions always are, and so is one of another channel that has a value"`
}

// longestValue is where GET VARIABLE cuts a value.
const longestValue = 1023

func (s *getvarStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	name, err := text(c, s.Name)
	if err != nil {
		return Outcome{}, err
	}
	channel, err := s.channel(c)
	if err != nil {
		return Outcome{}, err
	}
	if channel != "" {
		return s.ofOther(ctx, c, channel, name)
	}
	value, set, err := c.Session.GetVariable(ctx, name)
	if err == nil && len(value) >= longestValue {
		value, _, err = c.Session.GetFullVariable(ctx, "${"+name+"}", "")
	}
	c.SetResult(&variableResult{value, set})
	return Done, err
}

func (s *getvarStep) ofOther(ctx context.Context, c *Call, channel, name string) (Outcome, error) {
	server, err := s.server(ctx, c)
	if err != nil {
		return Outcome{}, err
	}
	r, err := server.Manager.Do(ctx, ami.Action{Name: "Getvar"}.With("Channel", channel).With("Variable", name))
	if refused(err, noChannel...) {
		return channelGone, nil
	}
	value := r.Get("Value")
	c.SetResult(&variableResult{value, value != ""})
	return Done, err
}

// VariableName is the name of a channel variable, or a function with its arguments.
type VariableName string

var variablePattern = regexp.MustCompile(`^_{0,2}[A-Za-z][A-Za-z0-9_]*(\([^()${}\r\n]*\))?$`)

// UnmarshalText refuses what Asterisk would evaluate.
func (v *VariableName) UnmarshalText(b []byte) error {
	if !variablePattern.Match(b) {
		return lang.Mistake(fmt.Sprintf("%q is not the name of a variable", b), "")
	}
	*v = VariableName(b)
	return nil
}

// LangType describes a name for messages and editors.
func (VariableName) LangType() (string, string) {
	return "the name of a variable", variablePattern.String()
}

// Danger names the place for messages: some functions run programs.
func (VariableName) Danger() string { return "the name of a variable" }
