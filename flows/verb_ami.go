package flows

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/lang"
)

var amiVerb = Verb{
	Name:    "ami",
	Summary: "Sends an action of Asterisk's manager interface.",
	Doc: "For what has no verb of its own. It can do all that the manager user may do, so it is off unless pbxflow.yaml has `allow: [ami]`. " +
		"An action that Asterisk refuses is an error with the id ami.",
	Example: "- ami: QueueSummary\n  fields: { Queue: support }\n  list: true\n  as: summary\n- log: ${len(summary.events)} queues",
	Result:  (*amiResult)(nil), ResultAlways: true,
	New: func() Step { return &amiStep{} },
}

type amiStep struct {
	Action   amiName                       `yaml:"ami,required" doc:"The name of the action, such as QueueSummary."`
	Fields   map[string]lang.Value[Header] `yaml:"fields" doc:"Its fields."`
	List     bool                          `yaml:"list" doc:"Whether Asterisk answers with a list of events."`
	onServer `yaml:",inline"`
}

type amiResult struct {
	Message string              `expr:"message" trust:"no" doc:"Asterisk's words"`
	Fields  map[string]string   `expr:"fields" trust:"no" doc:"the fields of the answer"`
	Events  []map[string]string `expr:"events" trust:"no" doc:"the events of the list, each with its fields"`
}

// CheckYAML refuses the verb unless it is allowed.
func (s *amiStep) CheckYAML(d *lang.Decoder, n lang.Node) {
	s.onServer.CheckYAML(d, n)
	checkAllowed(d, n, "ami")
	for name := range s.Fields {
		if !fieldPattern.MatchString(name) {
			d.Errorf(n.Lookup("fields"), "bad-name", "%q cannot be the name of a field", name)
		}
	}
}

var fieldPattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*$`)

// checkAllowed refuses a verb that can do anything unless pbxflow.yaml allows it.
func checkAllowed(d *lang.Decoder, n lang.Node, verb string) {
	if !slices.Contains(namesOf(d).Allow, verb) && !d.Scope.Partial() {
		d.Errorf(n, "not-allowed", "%s can do anything to the telephone system and is off", verb).
			Hint("allow it in pbxflow.yaml: allow: [%s]", verb)
	}
}

func (s *amiStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	action := ami.Action{Name: string(s.Action)}
	for _, name := range slices.Sorted(maps.Keys(s.Fields)) {
		value, err := text(c, s.Fields[name])
		if err != nil {
			return Outcome{}, err
		}
		action = action.With(name, value)
	}
	server, err := s.server(ctx, c)
	if err != nil {
		return Outcome{}, err
	}
	result := &amiResult{}
	c.SetResult(result)
	if s.List {
		rows, err := server.Manager.List(ctx, action)
		for _, row := range rows {
			result.Events = append(result.Events, fieldsOf(row.Message))
		}
		return Done, err
	}
	r, err := server.Manager.Do(ctx, action)
	result.Message, result.Fields = r.Text(), fieldsOf(r.Message)
	return Done, err
}

// fieldsOf returns the fields of a message; those that repeat are joined by line ends.
func fieldsOf(m ami.Message) map[string]string {
	fields := map[string]string{}
	for name, value := range m.All() {
		if before, ok := fields[name]; ok {
			value = before + "\n" + value
		}
		fields[name] = value
	}
	return fields
}

// amiName is the name of an action.
type amiName string

// UnmarshalText takes a name. Originate has a verb of its own, because its answer comes
// later.
func (a *amiName) UnmarshalText(b []byte) error {
	if strings.EqualFold(string(b), "Originate") {
		return lang.Mistake("Originate has a verb of its own", "write originate: and the device")
	}
	if !fieldPattern.Match(b) {
		return lang.Mistake(fmt.Sprintf("%q is not the name of an action", b), "")
	}
	*a = amiName(b)
	return nil
}

// LangType describes a name for messages and editors.
func (amiName) LangType() (string, string) { return "the name of an action", fieldPattern.String() }
