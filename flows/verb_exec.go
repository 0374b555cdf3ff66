package flows

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var execVerb = Verb{
	Name:    "exec",
	Summary: "Runs an application of the dialplan.",
	Doc: "For what has no verb of its own. It can do all that a dialplan can, so it is off unless pbxflow.yaml has `allow: [exec]`. " +
		"What an application has to say it commonly leaves in a variable: see `getvar`.",
	Example:   "- exec: SayUnixTime\n  args: [\"\", Europe/Zurich]\n  as: said",
	Outcomes:  []Outcome{Done, {Name: "failed", Doc: "The application ended with an error.", Failure: true}},
	NeedsCall: true,
	Result:    (*execResult)(nil), ResultAlways: true,
	New: func() Step { return &execStep{} },
}

type execStep struct {
	App  appName              `yaml:"exec,required" doc:"The name of the application, such as SayUnixTime."`
	Args []lang.Value[Header] `yaml:"args" doc:"Its arguments: a list, or one. Asterisk divides them at commas: in what an expression adds those are refused."`
}

type execResult struct {
	Failed bool `expr:"failed" doc:"whether the application ended with an error"`
}

// CheckYAML refuses the verb unless it is allowed.
func (s *execStep) CheckYAML(d *lang.Decoder, n lang.Node) { checkAllowed(d, n, "exec") }

func (s *execStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	args := make([]string, len(s.Args))
	for i, v := range s.Args {
		arg, err := text(c, v)
		if err != nil {
			return Outcome{}, err
		}
		if _, constant := v.Constant(); !constant && strings.Contains(arg, ",") {
			return Outcome{}, Fail("exec.argument", fmt.Errorf("%q would be more than one argument", arg))
		}
		args[i] = arg
	}
	failed, err := c.execute(ctx, string(s.App), strings.Join(args, ","))
	c.SetResult(&execResult{failed})
	if failed {
		return execVerb.Outcomes[1], err
	}
	return Done, err
}

// appName is the name of an application.
type appName string

var appPattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

// UnmarshalText takes a name.
func (a *appName) UnmarshalText(b []byte) error {
	if !appPattern.Match(b) {
		return lang.Mistake(fmt.Sprintf("%q is not the name of an application", b), "write its arguments below: args: [one, two]")
	}
	*a = appName(b)
	return nil
}

// LangType describes a name for messages and editors.
func (appName) LangType() (string, string) {
	return "the name of an application", appPattern.String()
}
