package flows

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var (
	parkRetrieved = Outcome{Name: "retrieved", Doc: "Somebody took the call, and the conversation is over."}
	parkFailed    = Outcome{Name: "failed", Doc: "There is no such parking lot, or no place in it.", Failure: true}
)

var parkVerb = Verb{
	Name:    "park",
	Summary: "Parks the call until somebody takes it.",
	Doc: "The caller hears the parking lot's music. When nobody takes the call in time, Asterisk moves it on, and no flow can follow: " +
		"the flow ends, `finally` runs, and the dialplan goes on at `then`, with `FLOWSTATUS` `DONE`. " +
		"That is the place behind AGI() if `then` is left out. Without `timeout` the lot's parkingtime holds.",
	Example:   "- answer\n- park:\n  timeout: 2m\n  then: internal,operator",
	Outcomes:  []Outcome{parkRetrieved, parkFailed},
	NeedsCall: true, Media: true,
	New: func() Step { return &parkStep{} },
}

type parkStep struct {
	Lot      optional[QueueName]       `yaml:"park" doc:"The parking lot of res_parking.conf; default if left out."`
	Space    lang.Value[Keys]          `yaml:"space" doc:"The parking space; the next free one if left out."`
	Timeout  lang.Value[time.Duration] `yaml:"timeout" doc:"How long the call stays there at most; as the lot says if left out."`
	Then     lang.Value[Place]         `yaml:"then" doc:"Where the dialplan goes on when nobody took the call in time."`
	Announce lang.Value[bool]          `yaml:"announce" doc:"Tells the caller the number of the space."`
	Ring     lang.Value[bool]          `yaml:"ring" doc:"Ringing instead of music."`
}

func (*parkStep) answers(o Outcome) bool { return !o.Failure } // Asterisk does it

func (p *parkStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	args, err := p.args(c)
	if err != nil {
		return Outcome{}, err
	}
	space, err := text(c, p.Space)
	if err != nil {
		return Outcome{}, err
	}
	if err := c.setVariables(ctx, "PARKINGEXTEN", space); err != nil {
		return Outcome{}, err
	}
	ended, err := c.execute(ctx, "Park", args)
	if ended {
		return parkRetrieved, nil
	}
	if err != nil {
		return Outcome{}, err
	}
	stays, err := c.stays(ctx)
	if err != nil || stays {
		return parkFailed, err
	}
	return Outcome{}, inDialplan{"nobody took the call: it goes on in the dialplan"}
}

// args are those of the application.
func (p *parkStep) args(c *Call) (string, error) {
	lot, err := text(c, p.Lot.Value)
	if err != nil {
		return "", err
	}
	announce, err := p.Announce.Get(c)
	if err != nil {
		return "", err
	}
	options, err := flags(c, []flag{{p.Ring, "r"}})
	if err != nil {
		return "", err
	}
	if !announce {
		options += "s"
	}
	timeout, err := p.Timeout.Get(c)
	if err != nil {
		return "", err
	}
	if timeout > 0 {
		options += "t(" + seconds(timeout) + ")"
	}
	place, err := p.place(c)
	return strings.Join([]string{lot, options + "c(" + place + ")"}, ","), err
}

// place is where the dialplan goes on.
func (p *parkStep) place(c *Call) (string, error) {
	if p.Then.IsSet() {
		place, err := text(c, p.Then)
		context, extension, priority := Place(place).parts()
		return strings.Join([]string{context, extension, priority}, ","), err
	}
	env := c.Session.Env()
	behind := Place(fmt.Sprintf("%s,%s,%d", env.Context(), env.Extension(), env.Priority()+1))
	if !placePattern.MatchString(string(behind)) {
		return "", Fail("park.place", errors.New("the extension that was dialled has characters that no place can have: write then"))
	}
	return string(behind), nil
}
