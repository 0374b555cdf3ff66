package flows

import (
	"context"
	"fmt"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var musicVerb = Verb{
	Name:    "music",
	Summary: "Switches music on hold on or off.",
	Doc: "`on` plays the channel's own class, any other word the class of that name in musiconhold.conf. " +
		"The flow goes on at once while the music plays; the next sound ends it. Of a class that it does not have, Asterisk plays nothing.",
	Example:   "- answer\n- music: calm\n- http: https://crm.example/callers/${call.caller.num}\n- music: off",
	NeedsCall: true, Media: true, Answered: true,
	New: func() Step { return &musicStep{} },
}

type musicStep struct {
	Class lang.Value[musicClass] `yaml:"music,required" doc:"on, off, or the music class."`
}

func (m *musicStep) silent() bool {
	class, _ := m.Class.Constant()
	return class == "off"
}

func (m *musicStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	class, err := text(c, m.Class)
	if err != nil {
		return Outcome{}, err
	}
	on := class != "off"
	if !on || class == "on" {
		class = ""
	}
	return Done, c.Session.SetMusic(ctx, on, class)
}

// musicClass is on, off or a class of musiconhold.conf.
type musicClass string

// UnmarshalText refuses what cannot be a class.
func (m *musicClass) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		return lang.Mistake("it is not said what to play", "write on, off or the name of a music class")
	}
	if !namePattern.Match(b) {
		return lang.Mistake(fmt.Sprintf("%q is no music class: only letters, digits and _ . @ + - are used", b), "")
	}
	*m = musicClass(b)
	return nil
}

// LangType describes it for messages and editors.
func (musicClass) LangType() (string, string) {
	return "on, off or a music class", namePattern.String()
}
