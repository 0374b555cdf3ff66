package flows

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// conferenceOutcomes are the values of CONFBRIDGE_RESULT.
var conferenceOutcomes = map[string]Outcome{
	"DTMF":      {Name: "left", Doc: "The caller left with the key in exit."},
	"ENDMARKED": {Name: "ended", Doc: "The conference is over: its last moderator left."},
	"TIMEOUT":   {Name: "timeout", Doc: "The time in limit is over."},
	"KICKED":    {Name: "kicked", Doc: "Somebody put the caller out of the conference.", Failure: true},
	"FAILED":    {Name: "refused", Doc: "The caller was not let in: the room is full or locked, or the PIN was wrong.", Failure: true},
}

var conferenceVerb = Verb{
	Name:    "conference",
	Summary: "Puts the caller into a conference room.",
	Doc: "A room exists while somebody is in it, by any name. What a key here does not say comes from the profiles of confbridge.conf. " +
		"`max_members` and `record` are the room's: who comes first decides. When the caller hangs up, the flow is over.",
	Example: "- answer\n- conference: sales\n  exit: \"#\"\n  music: true\n  on: { else: { play: sorry } }",
	Outcomes: []Outcome{
		conferenceOutcomes["DTMF"], conferenceOutcomes["ENDMARKED"], conferenceOutcomes["TIMEOUT"],
		conferenceOutcomes["KICKED"], conferenceOutcomes["FAILED"],
	},
	NeedsCall: true, Media: true,
	New: func() Step { return &conferenceStep{} },
}

type conferenceStep struct {
	Room       lang.Value[QueueName]     `yaml:"conference,required" doc:"The room's name."`
	Profile    lang.Value[QueueName]     `yaml:"profile" doc:"The user profile of confbridge.conf to begin with; default_user if left out, and if there is none of that name."`
	Admin      lang.Value[bool]          `yaml:"admin" doc:"Makes the caller an administrator, who enters a full or locked room."`
	Moderator  lang.Value[bool]          `yaml:"moderator" doc:"Makes the caller a moderator (marked, to Asterisk): with the last one the conference is over for those who wait for one."`
	Wait       lang.Value[bool]          `yaml:"wait" doc:"Lets the caller wait until a moderator is there, and leave with the last one."`
	Muted      lang.Value[bool]          `yaml:"muted" doc:"The caller only listens at first."`
	Pin        lang.Value[Pin]           `yaml:"pin" doc:"The PIN that the caller has to enter; three tries. Traces do not show it."`
	Music      lang.Value[bool]          `yaml:"music" doc:"Music while the caller is alone."`
	MusicClass lang.Value[QueueName]     `yaml:"music_class" doc:"The class of that music."`
	Announce   lang.Value[bool]          `yaml:"announce" doc:"Asks the caller for the name, and tells the others who comes and goes."`
	Quiet      lang.Value[bool]          `yaml:"quiet" doc:"No announcements and tones to the caller."`
	MaxMembers lang.Value[int]           `yaml:"max_members" doc:"How many the room lets in at most."`
	Record     lang.Value[bool]          `yaml:"record" doc:"Records the room, as confbridge.conf says where."`
	Exit       lang.Value[Keys]          `yaml:"exit" doc:"The keys with which the caller leaves."`
	Limit      lang.Value[time.Duration] `yaml:"limit" doc:"How long the caller stays at most."`
}

var roomPIN = regexp.MustCompile(`^[0-9]{1,20}$`)

// Pin is what a caller has to enter.
type Pin string

// UnmarshalText takes digits.
func (p *Pin) UnmarshalText(b []byte) error {
	if !roomPIN.Match(b) {
		return lang.Mistake("a PIN is digits, 1 to 20 of them", "")
	}
	*p = Pin(b)
	return nil
}

// LangType describes a PIN for messages and editors.
func (Pin) LangType() (string, string) { return "digits", roomPIN.String() }

// String hides it in traces.
func (Pin) String() string { return hidden }

// MarshalText hides it as well.
func (Pin) MarshalText() ([]byte, error) { return []byte(hidden), nil }

func (*conferenceStep) answers(o Outcome) bool { return !o.Failure } // Asterisk does it

func (s *conferenceStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	room, err := text(c, s.Room)
	if err != nil {
		return Outcome{}, err
	}
	options, err := s.options(c)
	if err != nil {
		return Outcome{}, err
	}
	if err := c.setVariables(ctx, append([]string{
		"CONFBRIDGE_RESULT", "", "CONFBRIDGE(user,clear)", "1", "CONFBRIDGE(bridge,clear)", "1", "CONFBRIDGE(menu,clear)", "1",
	}, options...)...); err != nil {
		return Outcome{}, err
	}
	if _, err := c.execute(ctx, "ConfBridge", room); err != nil {
		return Outcome{}, err
	}
	result, err := c.variable(ctx, "CONFBRIDGE_RESULT")
	if err != nil {
		return Outcome{}, err
	}
	if result == "HANGUP" { // the word about it is still on its way
		<-ctx.Done()
		return Outcome{}, context.Cause(ctx)
	}
	outcome, ok := conferenceOutcomes[result]
	if !ok {
		return Outcome{}, Fail("conference.status", fmt.Errorf("asterisk's CONFBRIDGE_RESULT is %q", result))
	}
	return outcome, nil
}

// options are the profiles of the caller and the room, as names and values in turn. The
// template comes first: it sets all others.
func (s *conferenceStep) options(c *Call) ([]string, error) {
	var list []string
	add := func(kind, option, value string) {
		list = append(list, "CONFBRIDGE("+kind+","+option+")", value)
	}
	profile, err := text(c, s.Profile)
	if err != nil {
		return nil, err
	}
	if profile != "" {
		add("user", "template", profile)
	}
	for _, o := range []struct {
		when         lang.Value[bool]
		kind, option string
	}{
		{s.Admin, "user", "admin"},
		{s.Moderator, "user", "marked"},
		{s.Wait, "user", "wait_marked"},
		{s.Wait, "user", "end_marked"},
		{s.Muted, "user", "startmuted"},
		{s.Music, "user", "music_on_hold_when_empty"},
		{s.Announce, "user", "announce_join_leave"},
		{s.Quiet, "user", "quiet"},
		{s.Record, "bridge", "record_conference"},
	} {
		if !o.when.IsSet() {
			continue
		}
		on, err := o.when.Get(c)
		if err != nil {
			return nil, err
		}
		add(o.kind, o.option, map[bool]string{true: "yes", false: "no"}[on])
	}
	pin, err := text(c, s.Pin)
	if err != nil {
		return nil, err
	}
	if pin != "" {
		c.conceal(pin)
		add("user", "pin", pin)
	}
	class, err := text(c, s.MusicClass)
	if err != nil {
		return nil, err
	}
	if class != "" {
		add("user", "music_on_hold_class", class)
	}
	most, err := s.MaxMembers.Get(c)
	if err != nil {
		return nil, err
	}
	if most > 0 {
		add("bridge", "max_members", strconv.Itoa(most))
	}
	limit, err := s.Limit.Get(c)
	if err != nil {
		return nil, err
	}
	if limit > 0 {
		add("user", "timeout", seconds(limit))
	}
	exit, err := text(c, s.Exit)
	if err != nil {
		return nil, err
	}
	if exit != "" {
		add("menu", exit, "leave_conference")
	}
	return list, nil
}
