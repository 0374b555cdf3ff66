package flows

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var pageVerb = Verb{
	Name:    "page",
	Summary: "Lets the caller speak through several devices at once.",
	Doc: "Phones must answer such calls by themselves. It lasts until the caller hangs up: then `on_hangup` and `finally` run. " +
		"Asterisk does not tell who answered.",
	Example:   "- page: [PJSIP/101, PJSIP/102]\n  announcement: attention",
	NeedsCall: true, Media: true,
	New: func() Step { return &pageStep{} },
}

type pageStep struct {
	Targets      []lang.Value[DialString]  `yaml:"page,required" doc:"The device, or a list of devices."`
	Announcement lang.Value[Sound]         `yaml:"announcement" doc:"A sound that all hear first."`
	Duplex       lang.Value[bool]          `yaml:"duplex" doc:"Lets all speak, not only the caller."`
	Quiet        lang.Value[bool]          `yaml:"quiet" doc:"Plays no beep to the caller."`
	Idle         lang.Value[bool]          `yaml:"idle" doc:"Leaves out devices that are in use."`
	Ring         lang.Value[time.Duration] `yaml:"ring" default:"10s" doc:"How long a device may take to answer."`
}

func (*pageStep) effect() effect { return leaving }

// CheckYAML reports devices outside that may not be called.
func (p *pageStep) CheckYAML(d *lang.Decoder, _ lang.Node) {
	for _, target := range p.Targets {
		checkDevice(d, target)
	}
}

func (p *pageStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	targets, err := texts(c, p.Targets)
	if err != nil {
		return Outcome{}, err
	}
	for _, target := range targets {
		if err := c.Program.Outward.Check(target); err != nil {
			return Outcome{}, Fail("page.forbidden", err)
		}
	}
	options, err := p.options(c)
	if err != nil {
		return Outcome{}, err
	}
	ring, err := p.Ring.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	_, err = c.execute(ctx, "Page", strings.Join([]string{strings.Join(targets, "&"), options, seconds(ring)}, ","))
	if err == nil {
		err = Fail("page.failed", errors.New("asterisk could not page"))
	}
	return Outcome{}, err
}

func (p *pageStep) options(c *Call) (string, error) {
	options, err := flags(c, []flag{{p.Duplex, "d"}, {p.Quiet, "q"}, {p.Idle, "s"}})
	if err != nil || !p.Announcement.IsSet() {
		return options, err
	}
	sound, err := text(c, p.Announcement)
	return options + "A(" + sound + ")", err
}
