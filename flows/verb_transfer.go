package flows

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/internal/lang"
)

var (
	transferFailed      = Outcome{Name: "failed", Doc: "The other side does not take the transfer.", Failure: true}
	transferForbidden   = Outcome{Name: "forbidden", Doc: "The app's dialing does not allow the number; nothing was transferred.", Failure: true}
	transferUnsupported = Outcome{Name: "unsupported", Doc: "Calls of this kind cannot be transferred.", Failure: true}
)

var transferVerb = Verb{
	Name:    "transfer",
	Summary: "Sends the caller's phone or network elsewhere and ends the flow.",
	Doc: "The call then no longer goes through this Asterisk: by SIP it answers 302 to a call that is not answered, and sends REFER in one that is. " +
		"The caller's side may refuse it. A caller who came through a trunk is sent only to numbers that `dialing` allows. " +
		"To connect somebody through this Asterisk use `dial`.",
	Example:   "- transfer: PJSIP/sip:100@other.example\n  on:\n    else: { play: nobody-there }",
	Outcomes:  []Outcome{Done, transferFailed, transferForbidden, transferUnsupported},
	NeedsCall: true, Media: true, MustCover: true,
	New: func() Step { return &transferStep{} },
}

type transferStep struct {
	Target lang.Value[TransferTarget] `yaml:"transfer,required" doc:"Where to: a number, or as PJSIP/sip:100@other.example."`
}

func (*transferStep) leaves(o Outcome) bool { return o == Done }

// CheckYAML reports a number that may not be called.
func (s *transferStep) CheckYAML(d *lang.Decoder, _ lang.Node) { checkDevice(d, s.Target) }

func (s *transferStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	target, err := text(c, s.Target)
	if err != nil {
		return Outcome{}, err
	}
	if !c.allowed(c.Program.Outward.CheckTransfer(c.info.Channel, target)) {
		return transferForbidden, nil
	}
	if err := c.setVariables(ctx, "TRANSFERSTATUS", ""); err != nil {
		return Outcome{}, err
	}
	if _, err := c.execute(ctx, "Transfer", target); err != nil && !errors.Is(err, agi.ErrHangup) {
		return Outcome{}, err
	}
	// A call that went elsewhere may be gone already; its variables can still be read.
	status, err := c.variable(context.WithoutCancel(ctx), "TRANSFERSTATUS")
	if err != nil {
		return Outcome{}, err
	}
	switch status {
	case "SUCCESS":
		if err := c.Session.Hangup(ctx, ""); err != nil && !errors.Is(err, agi.ErrHangup) {
			return Outcome{}, err
		}
		return Done, endCall{"transferred to " + target}
	case "FAILURE":
		return transferFailed, nil
	case "UNSUPPORTED":
		return transferUnsupported, nil
	}
	if ctx.Err() != nil {
		return Outcome{}, context.Cause(ctx)
	}
	return Outcome{}, Fail("transfer.status", fmt.Errorf("asterisk's TRANSFERSTATUS is %q", status))
}

// TransferTarget is where to transfer a call: a number, or an address with its
// technology.
type TransferTarget string

var (
	transferPattern = regexp.MustCompile(`^[A-Za-z0-9_.+:;@*#%=~/-]+$`)
	transferPart    = dialPart
)

// UnmarshalText refuses what Transfer would read as more than one argument.
func (t *TransferTarget) UnmarshalText(b []byte) error {
	if !transferPattern.Match(b) {
		return lang.Mistake(fmt.Sprintf("%q is nothing to transfer to", b), "write a number, or PJSIP/sip:100@other.example")
	}
	*t = TransferTarget(b)
	return nil
}

// LangType describes a target for messages and editors.
func (TransferTarget) LangType() (string, string) {
	return "a number or an address to transfer to", transferPattern.String()
}

// EscapePart lets only numbers and names into an address.
func (TransferTarget) EscapePart(part string) (string, error) {
	if !transferPart.MatchString(part) {
		return "", fmt.Errorf("%q cannot be part of an address to transfer to", part)
	}
	return part, nil
}

// Danger names the place for messages: the call may cost money there.
func (TransferTarget) Danger() string { return "an address to transfer to" }
