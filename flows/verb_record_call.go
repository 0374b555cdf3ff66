package flows

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/lang"
)

var recordCallVerb = Verb{
	Name:    "record_call",
	Summary: "Records the call from now on, while the flow goes on.",
	Doc: "The recording goes on through dial, queue and transfers until `stop_recording` or the end of the channel. The file lies in Asterisk's " +
		"folder for recordings (`monitor`), and what is there under that name is replaced. Laws differ on who has to know of it: see `beep`. " +
		"With `channel` another call is recorded, for which the manager user needs `write = system`.",
	Example: "- answer\n- record_call: support/${call.id}\n  beep: 15s\n  as: recording\n- queue: support\n  on: { else: { log: no agent } }\n" +
		"- stop_recording:\n- log: recorded to ${recording.file}",
	Outcomes: []Outcome{Done, channelGone},
	Result:   (*recordCallResult)(nil), ResultAlways: true,
	New: func() Step { return &recordCallStep{} },
}

type recordCallStep struct {
	File    lang.Value[CallFile]      `yaml:"record_call,required" doc:"The name of the file, without its ending."`
	Format  string                    `yaml:"format" enum:"wav,wav49,wav16,gsm,ulaw,alaw,sln,g722" default:"wav" doc:"The format; wav49 is small, wav16 is for wide band."`
	Sides   string                    `yaml:"sides" enum:"both,caller,other,apart" default:"both" doc:"Who is recorded: both mixed, only the caller, only whom the caller hears, or both apart, into two files with -caller and -other."`
	Bridged lang.Value[bool]          `yaml:"bridged" doc:"Records only while the call is connected with somebody."`
	Beep    lang.Value[time.Duration] `yaml:"beep" doc:"How often a beep tells that the call is recorded; 5s or more."`
	anyCall `yaml:",inline"`
}

type recordCallResult struct {
	File string `expr:"file" doc:"the file as Asterisk has it, with its folder and ending; that of another call as it was asked for"`
	ID   string `expr:"id" doc:"Asterisk's id of the recording, for stop_recording"`
}

// shortestBeep is the time between beeps below which Asterisk takes its own.
const shortestBeep = 5 * time.Second

// CheckYAML checks what is known at load.
func (s *recordCallStep) CheckYAML(d *lang.Decoder, n lang.Node) {
	s.anyCall.CheckYAML(d, n)
	if beep, ok := s.Beep.Constant(); ok && beep < shortestBeep {
		d.ErrorAt(s.Beep.Pos(), "bad-time", "Asterisk beeps every %v at most", shortestBeep)
	}
}

func (s *recordCallStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	name, err := text(c, s.File)
	if err != nil {
		return Outcome{}, err
	}
	options, err := s.options(c, name)
	if err != nil {
		return Outcome{}, err
	}
	file := name + "." + s.Format
	if s.Sides != "both" {
		file = "" // there is no mixed one
	}
	channel, err := s.channel(c)
	if err != nil {
		return Outcome{}, err
	}
	result := &recordCallResult{File: file}
	c.SetResult(result)
	if channel != "" {
		return s.recordOther(ctx, c, channel, result, options)
	}
	if _, err := c.execute(ctx, "MixMonitor", file+","+options+"i(PBXFLOW_RECORDING)"); err != nil {
		return Outcome{}, err
	}
	if result.ID, err = c.variable(ctx, "PBXFLOW_RECORDING"); err != nil {
		return Outcome{}, err
	}
	if s.Sides == "both" {
		result.File, err = c.variable(ctx, "MIXMONITOR_FILENAME")
	}
	return Done, err
}

// recordOther records the call of another channel.
func (s *recordCallStep) recordOther(ctx context.Context, c *Call, channel string, result *recordCallResult, options string) (Outcome, error) {
	server, err := s.server(ctx, c)
	if err != nil {
		return Outcome{}, err
	}
	action := ami.Action{Name: "MixMonitor"}.With("Channel", channel).With("File", result.File).With("Options", options)
	r, err := server.Manager.Do(ctx, action)
	if refused(err, noChannel...) {
		return channelGone, nil
	}
	result.ID = r.Get("MixMonitorID")
	return Done, err
}

// options are those of MixMonitor.
func (s *recordCallStep) options(c *Call, name string) (string, error) {
	var options strings.Builder
	bridged, err := s.Bridged.Get(c)
	if err != nil {
		return "", err
	}
	if bridged {
		options.WriteByte('b')
	}
	if s.Beep.IsSet() {
		beep, err := s.Beep.Get(c)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&options, "B(%s)", seconds(max(beep, shortestBeep)))
	}
	// Asterisk counts from its own side: it receives what the caller says.
	switch s.Sides {
	case "caller":
		fmt.Fprintf(&options, "r(%s.%s)", name, s.Format)
	case "other":
		fmt.Fprintf(&options, "t(%s.%s)", name, s.Format)
	case "apart":
		fmt.Fprintf(&options, "r(%s-caller.%s)t(%[1]s-other.%[2]s)", name, s.Format)
	}
	return options.String(), nil
}

// anyCall is the option of verbs that act on this call or on another.
type anyCall struct {
	Channel  lang.Value[ChannelName] `yaml:"channel" doc:"The channel of another call, by its name; this call if left out. A rule has no call of its own."`
	onServer `yaml:",inline"`
}

// CheckYAML reports a step that has neither a call nor a channel.
func (a anyCall) CheckYAML(d *lang.Decoder, n lang.Node) {
	a.onServer.CheckYAML(d, n)
	if place := namesOf(d).place; !a.Channel.IsSet() && (place == inRule || place == inParallel) {
		d.Errorf(n, "needs-call", "here is no call that this could be about").Hint("write channel: and the name of a channel")
	}
}

// channel returns the channel of another call; "" when it is this one.
func (a anyCall) channel(c *Call) (string, error) {
	channel, err := text(c, a.Channel)
	if err == nil && c.Session != nil && (channel == c.info.Channel || channel == c.info.ID) {
		channel = ""
	}
	return channel, err
}

// CallFile is the name of a file for the recording of a call, without its ending: in
// Asterisk's folder for recordings or one below it.
type CallFile string

var callFilePattern = regexp.MustCompile(`^[\pL\pN_.+=@-]+(/[\pL\pN_.+=@-]+)*$`)

// UnmarshalText refuses what is not one file in its folder.
func (r *CallFile) UnmarshalText(b []byte) error {
	if !callFilePattern.Match(b) || strings.Contains(string(b), "..") {
		return lang.Mistake(fmt.Sprintf("%q cannot be the name of a recording: only letters, digits and _ . / + = @ - are used", b), "")
	}
	*r = CallFile(b)
	return nil
}

// LangType describes a name for messages and editors.
func (CallFile) LangType() (string, string) {
	return "the name of a recording", callFilePattern.String()
}

// EscapePart makes a part harmless that would lead to another folder, or whose
// characters mean something to Asterisk. Nothing in it is refused: that a caller has an
// odd number must not keep the call from being recorded.
func (CallFile) EscapePart(part string) (string, error) {
	part = strings.ReplaceAll(unsafeInName.ReplaceAllString(part, "_"), "..", "_")
	if part == "" {
		part = "_"
	}
	return part, nil
}

var unsafeInName = regexp.MustCompile(`[^\pL\pN_.+=@-]`)
