package flows

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var dialplanMissing = Outcome{Name: "missing", Doc: "There is no such place in the dialplan.", Failure: true}

var dialplanVerb = Verb{
	Name:    "dialplan",
	Summary: "Gives the call back to the dialplan at a place and ends the flow.",
	Doc: "`dialplan: context,extension,priority`; the priority may be a label, and is 1 if it is left out. " +
		"The dialplan reads `FLOWSTATUS` `DONE` there. A flow that reaches its end goes back behind AGI() by itself.",
	Example:   "- dialplan: internal,100",
	Outcomes:  []Outcome{Done, dialplanMissing},
	NeedsCall: true, Media: true,
	New: func() Step { return &dialplanStep{} },
}

type dialplanStep struct {
	Place lang.Value[Place] `yaml:"dialplan,required" doc:"The place, as context,extension or context,extension,priority."`
}

func (*dialplanStep) leaves(o Outcome) bool { return o == Done }

func (s *dialplanStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	place, err := text(c, s.Place)
	if err != nil {
		return Outcome{}, err
	}
	context, extension, priority := Place(place).parts()
	exists, err := c.placeExists(ctx, context, extension, priority)
	if err != nil {
		return Outcome{}, err
	}
	if !exists {
		return dialplanMissing, nil
	}
	if err := c.Session.SetContext(ctx, context); err != nil {
		return Outcome{}, err
	}
	if err := c.Session.SetExtension(ctx, extension); err != nil {
		return Outcome{}, err
	}
	if err := c.Session.SetPriority(ctx, priority); err != nil {
		return Outcome{}, err
	}
	return Done, inDialplan{"goes on in the dialplan at " + place}
}

// placeExists asks whether the dialplan has a place.
func (c *Call) placeExists(ctx context.Context, context, extension, priority string) (bool, error) {
	v, err := c.variable(ctx, fmt.Sprintf("DIALPLAN_EXISTS(%s,%s,%s)", context, extension, priority))
	return v == "1", err
}

// Place is a place in the dialplan: context,extension or context,extension,priority.
type Place string

var (
	placePattern = regexp.MustCompile(`^[A-Za-z0-9_.*#+@-]+(,[A-Za-z0-9_.*#+@-]+){1,2}$`)
	placePart    = regexp.MustCompile(`^[A-Za-z0-9_.*#+@-]*$`)
)

// UnmarshalText reads two or three parts.
func (p *Place) UnmarshalText(b []byte) error {
	if !placePattern.Match(b) {
		return lang.Mistake(fmt.Sprintf("%q is no place in the dialplan", b), "write context,extension,priority")
	}
	*p = Place(b)
	return nil
}

// LangType describes a place for messages and editors.
func (Place) LangType() (string, string) {
	return "a place in the dialplan such as internal,100,1", placePattern.String()
}

// EscapePart refuses a part that would be several.
func (Place) EscapePart(part string) (string, error) {
	if !placePart.MatchString(part) {
		return "", fmt.Errorf("%q cannot be part of a place in the dialplan", part)
	}
	return part, nil
}

// Danger names the place for messages: an extension can call anywhere.
func (Place) Danger() string { return "a place in the dialplan" }

// parts are the context, the extension and the priority.
func (p Place) parts() (context, extension, priority string) {
	parts := append(strings.Split(string(p), ","), "1")
	return parts[0], parts[1], parts[2]
}
