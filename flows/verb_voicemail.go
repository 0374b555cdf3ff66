package flows

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// voicemailOutcomes are the values of VMSTATUS.
var voicemailOutcomes = map[string]Outcome{
	"SUCCESS":  {Name: "left", Doc: "The caller left a message."},
	"USEREXIT": {Name: "cancelled", Doc: "The caller left with a key instead."},
	"FAILED":   {Name: "failed", Doc: "There is no such mailbox, or it takes no message.", Failure: true},
}

var voicemailVerb = Verb{
	Name:    "voicemail",
	Summary: "Records a message of the caller for a mailbox.",
	Doc: "The mailbox is one of voicemail.conf. The caller ends the message with # or by hanging up, which ends the flow as well. " +
		"With 0 or * a caller can leave, if the mailbox and the dialplan allow that.",
	Example:   "- answer\n- voicemail: \"100\"\n  greeting: busy\n- hangup",
	Outcomes:  []Outcome{voicemailOutcomes["SUCCESS"], voicemailOutcomes["USEREXIT"], voicemailOutcomes["FAILED"]},
	NeedsCall: true, Media: true,
	New: func() Step { return &voicemailStep{} },
}

type voicemailStep struct {
	Boxes        []lang.Value[Mailbox] `yaml:"voicemail,required" doc:"The mailbox, as 100 or 100@context; or a list, whose first one greets."`
	Greeting     string                `yaml:"greeting" enum:"unavailable,busy,none" default:"unavailable" doc:"Which greeting of the mailbox the caller hears."`
	Instructions lang.Value[bool]      `yaml:"instructions" default:"true" doc:"Whether the caller hears how to leave a message."`
	Urgent       lang.Value[bool]      `yaml:"urgent" doc:"Marks the message as urgent."`
}

func (*voicemailStep) answers(o Outcome) bool { return !o.Failure } // Asterisk does it

func (s *voicemailStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	boxes, err := texts(c, s.Boxes)
	if err != nil {
		return Outcome{}, err
	}
	options := map[string]string{"unavailable": "u", "busy": "b"}[s.Greeting]
	instructions, err := s.Instructions.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	if !instructions {
		options += "s"
	}
	urgent, err := flags(c, []flag{{s.Urgent, "U"}})
	if err != nil {
		return Outcome{}, err
	}
	if err := c.setVariables(ctx, "VMSTATUS", ""); err != nil {
		return Outcome{}, err
	}
	if _, err := c.execute(ctx, "VoiceMail", strings.Join(boxes, "&")+","+options+urgent); err != nil {
		return Outcome{}, err
	}
	status, err := c.variable(ctx, "VMSTATUS")
	if err != nil {
		return Outcome{}, err
	}
	outcome, ok := voicemailOutcomes[status]
	if !ok {
		return Outcome{}, Fail("voicemail.status", fmt.Errorf("asterisk's VMSTATUS is %q", status))
	}
	return outcome, nil
}

// Mailbox is a mailbox of voicemail.conf.
type Mailbox string

var (
	mailboxPattern = regexp.MustCompile(`^[A-Za-z0-9_.*-]+(@[A-Za-z0-9_.-]+)?$`)
	mailboxPart    = regexp.MustCompile(`^[A-Za-z0-9_.*-]*$`)
)

// UnmarshalText refuses what VoiceMail would read as several mailboxes or as options.
func (m *Mailbox) UnmarshalText(b []byte) error {
	if !mailboxPattern.Match(b) {
		return lang.Mistake(fmt.Sprintf("%q is not a mailbox such as 100 or 100@default", b), "")
	}
	*m = Mailbox(b)
	return nil
}

// LangType describes a mailbox for messages and editors.
func (Mailbox) LangType() (string, string) {
	return "a mailbox such as 100 or 100@default", mailboxPattern.String()
}

// EscapePart refuses a part that would choose another context.
func (Mailbox) EscapePart(part string) (string, error) {
	if !mailboxPart.MatchString(part) {
		return "", fmt.Errorf("%q cannot be part of a mailbox", part)
	}
	return part, nil
}
