package flows

import (
	"context"
	"errors"
	"strings"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var voicemailMainVerb = Verb{
	Name:    "voicemail_main",
	Summary: "Lets the caller listen to the messages of a mailbox.",
	Doc: "The caller enters the mailbox if none is given, and its password. " +
		"Asterisk does not tell how it went: a wrong password is told to the caller, and the flow goes on.",
	Example:   "- answer\n- voicemail_main: 100@default\n- hangup",
	NeedsCall: true, Media: true,
	New: func() Step { return &voicemailMainStep{} },
}

type voicemailMainStep struct {
	Box        optional[Mailbox] `yaml:"voicemail_main" doc:"The mailbox, as 100 or 100@context; the caller is asked if it is left out."`
	NoPassword bool              `yaml:"no_password" doc:"Asks for no password: only where the flow knows who calls."`
}

// CheckYAML refuses to open a mailbox that a caller chose without a password.
func (s *voicemailMainStep) CheckYAML(d *lang.Decoder, n lang.Node) {
	if !s.NoPassword {
		return
	}
	at := n.Lookup("no_password")
	if !s.Box.IsSet() {
		d.Errorf(at, "missing-key", "without a mailbox and without a password anybody hears any messages").Hint("write the mailbox, or leave out no_password")
	} else if outside := s.Box.Tainted(); outside != "" {
		d.Errorf(at, "untrusted", "%s comes from outside, and without a password it opens that mailbox", outside).Hint("leave out no_password")
	}
}

func (*voicemailMainStep) answers(o Outcome) bool { return !o.Failure } // Asterisk does it

func (s *voicemailMainStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	box, err := text(c, s.Box.Value)
	if err != nil {
		return Outcome{}, err
	}
	if s.NoPassword {
		if box == "" {
			return Outcome{}, Fail("voicemail_main.mailbox", errors.New("the mailbox is empty, and no password is asked for"))
		}
		box += ",s"
	}
	// Keys are passwords here, but Asterisk does not show them to us.
	_, err = c.execute(ctx, "VoiceMailMain", strings.TrimSpace(box))
	return Done, err
}
