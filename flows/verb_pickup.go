package flows

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/internal/lang"
)

var pickupNothing = Outcome{Name: "nothing", Doc: "Nothing rings there that could be picked up.", Failure: true}

var pickupVerb = Verb{
	Name:    "pickup",
	Summary: "Connects the caller to a call that rings elsewhere, and ends the flow.",
	Doc: "The call is found by the device that rings (`PJSIP/101`), by its channel, or by the extension that was dialled (`101@internal`). " +
		"What the ringing call's own flow does behind its `dial` is still done.",
	Example:   "- pickup: PJSIP/101\n  on: { nothing: { play: nothing-rings } }",
	Outcomes:  []Outcome{Done, pickupNothing},
	NeedsCall: true, Media: true, MustCover: true,
	New: func() Step { return &pickupStep{} },
}

type pickupStep struct {
	Target lang.Value[PickupTarget] `yaml:"pickup,required" doc:"What rings: a device, a channel, or an extension with its context."`
}

func (*pickupStep) leaves(o Outcome) bool { return o == Done }

func (s *pickupStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	target, err := text(c, s.Target)
	if err != nil {
		return Outcome{}, err
	}
	app, args := "Pickup", target
	if strings.Contains(target, "/") {
		app = "PickupChan"
		if !channelName.MatchString(target) {
			args += "-,p" // the device, whatever number its channel has
		}
	}
	if _, err = c.execute(ctx, app, args); err == nil {
		return pickupNothing, nil
	}
	if errors.Is(err, agi.ErrHangup) {
		// The caller has taken the place of the channel that rang. To Asterisk this
		// session's channel, which is left over, was hung up.
		return Done, endCall{"picked up " + target}
	}
	return Outcome{}, err
}

// PickupTarget is something that may ring: a device, a channel, or an extension and its
// context.
type PickupTarget string

var (
	channelName   = regexp.MustCompile(`-[0-9a-f]{8}(;[12])?$`)
	pickupPattern = regexp.MustCompile(`^([A-Za-z0-9]+/[A-Za-z0-9_.+@:;/-]+|[A-Za-z0-9_.*#+-]+@[A-Za-z0-9_.-]+)$`)
)

// UnmarshalText refuses an extension without its context, which would be searched in
// the dialplan's.
func (t *PickupTarget) UnmarshalText(b []byte) error {
	if !pickupPattern.Match(b) {
		return lang.Mistake(fmt.Sprintf("%q is nothing that rings", b), fmt.Sprintf("write PJSIP/%s, or %[1]s@context for an extension", strings.TrimFunc(string(b), notInName)))
	}
	*t = PickupTarget(b)
	return nil
}

func notInName(r rune) bool { return !strings.ContainsRune("0123456789*#", r) }

// LangType describes a target for messages and editors.
func (PickupTarget) LangType() (string, string) {
	return "a device such as PJSIP/101, a channel or an extension@context", pickupPattern.String()
}

// EscapePart lets only numbers and names into a target.
func (PickupTarget) EscapePart(part string) (string, error) { return DialString("").EscapePart(part) }
