package flows

import (
	"context"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/lang"
)

var redirectVerb = Verb{
	Name:    "redirect",
	Summary: "Sends a channel to another place in the dialplan.",
	Doc: "Whom the channel was connected with is hung up, unless its dialplan goes on. Asterisk does not check that the place exists: " +
		"a channel that is sent nowhere is hung up. The manager user needs `write = call`.",
	Example:  "- redirect: PJSIP/101-00000007\n  context: internal\n  exten: 200\n  on: { not_found: { log: gone already } }",
	Outcomes: []Outcome{Done, channelGone},
	New:      func() Step { return &redirectStep{} },
}

type redirectStep struct {
	Channel  lang.Value[ChannelName] `yaml:"redirect,required" doc:"The channel, by its name."`
	Context  lang.Value[QueueName]   `yaml:"context,required" doc:"The context of the dialplan."`
	Exten    lang.Value[Extension]   `yaml:"exten" default:"s" doc:"The extension there."`
	Priority lang.Value[QueueName]   `yaml:"priority" default:"1" doc:"The priority, a number or a label."`
	onServer `yaml:",inline"`
}

func (s *redirectStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	action, err := c.action("Redirect", option("Channel", s.Channel), option("Context", s.Context),
		option("Exten", s.Exten), option("Priority", s.Priority))
	if err != nil {
		return Outcome{}, err
	}
	server, err := s.server(ctx, c)
	if err != nil {
		return Outcome{}, err
	}
	return server.do(ctx, action, channelGone, noChannel...)
}

// header is a header of an action, with the option that holds its value.
type header struct {
	name  string
	value func(*Call) (string, bool, error)
}

// option is a header that is there when the option is.
func option[T ~string](name string, v lang.Value[T]) header {
	return header{name, func(c *Call) (string, bool, error) {
		s, err := text(c, v)
		return s, v.IsSet(), err
	}}
}

// action makes an action of options.
func (c *Call) action(name string, headers ...header) (ami.Action, error) {
	a := ami.Action{Name: name}
	for _, h := range headers {
		value, ok, err := h.value(c)
		if err != nil {
			return a, err
		}
		if ok {
			a = a.With(h.name, value)
		}
	}
	return a, nil
}
