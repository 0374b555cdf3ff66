package flows

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/internal/lang"
)

var (
	recordOK      = Outcome{Name: "ok", Doc: "The caller ended the recording with a key."}
	recordSilence = Outcome{Name: "silence", Doc: "The caller fell silent."}
	recordTimeout = Outcome{Name: "timeout", Doc: "The recording became as long as it may."}
	recordHangup  = Outcome{Name: "hangup", Doc: "The caller hung up, which keeps what was said until then.", Hangup: true}
	recordFailed  = Outcome{Name: "failed", Doc: "Asterisk could not write the file: there is no such folder, or no room.", Failure: true}
)

var recordVerb = Verb{
	Name:    "record",
	Summary: "Records what the caller says to a file.",
	Doc: "The file is named without its ending, and lies in Asterisk's sound folder, so that `play` finds it by the same name. " +
		"A folder in the name must exist. A file of that name is replaced. After the outcome hangup the flow ends: `on` and `on_hangup` " +
		"can still send the recording somewhere.",
	Example: "- answer\n- record: messages/${call.id}\n  timeout: 2m\n  silence: 5s\n  as: message\n" +
		"  on:\n    hangup: { log: \"left ${message.file}\" }\n- log: ${message.file} of ${message.duration}",
	Outcomes:  []Outcome{recordOK, recordSilence, recordTimeout, recordHangup, recordFailed},
	NeedsCall: true, Media: true, Answered: true,
	Result: (*recordResult)(nil), ResultAlways: true,
	New: func() Step { return &recordStep{} },
}

type recordStep struct {
	File    lang.Value[RecordingName] `yaml:"record,required" doc:"The name of the file, without its ending, such as messages/${call.id}."`
	Format  string                    `yaml:"format" enum:"wav,wav49,gsm,ulaw,alaw,sln,g722,wav16,sln16" default:"wav" doc:"The format."`
	Timeout lang.Value[time.Duration] `yaml:"timeout" default:"5m" doc:"The longest recording."`
	Silence lang.Value[time.Duration] `yaml:"silence" doc:"How long a silence ends the recording, in whole seconds; none does if left out. Asterisk listens for it: a phone that sends nothing at all is not silent."`
	Beep    lang.Value[bool]          `yaml:"beep" default:"true" doc:"Whether the caller hears a beep first."`
	End     lang.Value[Keys]          `yaml:"end" default:"#" doc:"Keys that end the recording."`
}

type recordResult struct {
	File     string        `expr:"file" doc:"the name of the file, for play; empty when nothing was recorded"`
	Duration time.Duration `expr:"duration" doc:"how long the recording is, without what the caller's phone did not send"`
	Reason   string        `expr:"reason" doc:"how it ended: ok, silence, timeout or hangup"`
	Key      string        `expr:"key" doc:"the key that ended it; empty if none did"`
}

// CheckYAML reports times that Asterisk would not keep.
func (r *recordStep) CheckYAML(d *lang.Decoder, _ lang.Node) {
	if longest, ok := r.Timeout.Constant(); ok && longest <= 0 {
		d.ErrorAt(r.Timeout.Pos(), "bad-time", "a recording cannot be %v long", longest)
	}
	if silence, ok := r.Silence.Constant(); ok && (silence < time.Second || silence%time.Second != 0) {
		d.ErrorAt(r.Silence.Pos(), "bad-time", "Asterisk counts silence in whole seconds, not in %v", silence)
	}
}

func (r *recordStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	file, err := text(c, r.File)
	if err != nil {
		return Outcome{}, err
	}
	options, err := r.options(c)
	if err != nil {
		return Outcome{}, err
	}
	begun := c.Now()
	var recording agi.Recording
	err = c.endedByKey(ctx, options.EscapeDigits, func(ctx context.Context, keys string) (err error) {
		options.EscapeDigits = keys
		recording, err = c.Session.RecordFile(ctx, file, r.Format, options)
		return err
	})
	if isMissing(err) {
		return recordFailed, nil
	}
	length := r.length(recording.EndPos)
	outcome := recordOK
	switch {
	case errors.Is(err, agi.ErrHangup) && length > 0:
		outcome = recordHangup
	case err != nil:
		return Outcome{}, err
	case recording.Timeout && c.Now().Sub(begun) < options.Timeout:
		// Asterisk says the same of both. How long the file is tells nothing: many phones
		// send no sound while it is quiet.
		outcome = recordSilence
	case recording.Timeout:
		outcome = recordTimeout
	}
	c.SetResult(&recordResult{File: file, Duration: length, Reason: outcome.Name, Key: recording.Digit})
	return outcome, nil
}

func (r *recordStep) options(c *Call) (o agi.RecordOptions, err error) {
	if o.Timeout, err = r.Timeout.Get(c); err != nil {
		return o, err
	}
	if o.Silence, err = r.Silence.Get(c); err != nil {
		return o, err
	}
	if o.Beep, err = r.Beep.Get(c); err != nil {
		return o, err
	}
	o.EscapeDigits, err = text(c, r.End)
	return o, err
}

// length is how long a recording of so many samples is.
func (r *recordStep) length(samples int64) time.Duration {
	rate := time.Duration(samplesPerMilli)
	if r.Format == "g722" || strings.HasSuffix(r.Format, "16") {
		rate *= 2
	}
	return time.Duration(samples) * time.Millisecond / rate
}

// RecordingName is the name of a file to record to, without its ending: in Asterisk's
// sound folder or one below it.
type RecordingName string

var recordingPattern = regexp.MustCompile(`^[\pL\pN_+-][\pL\pN_.+-]*(/[\pL\pN_+-][\pL\pN_.+-]*)*$`)

// UnmarshalText refuses what leads out of the folder.
func (r *RecordingName) UnmarshalText(b []byte) error {
	name := string(b)
	switch {
	case name == "":
		return lang.Mistake("the name of the file is missing", "write a name such as messages/${call.id}")
	case strings.HasPrefix(name, "/"), strings.Contains(name, ".."):
		return lang.Mistake(fmt.Sprintf("%q leads out of the sound folder", name), "write a name such as messages/${call.id}")
	case !recordingPattern.MatchString(name):
		return lang.Mistake(fmt.Sprintf("%q cannot be the name of a recording: only letters, digits and _ . / + - are used", name), "")
	}
	if bare, ending := cutSoundEnding(name); ending {
		return lang.Mistake(fmt.Sprintf("%q has a file ending, which comes from the format", name), "write "+bare)
	}
	*r = RecordingName(name)
	return nil
}

// LangType describes a name for messages and editors.
func (RecordingName) LangType() (string, string) {
	return "the name of a recording", recordingPattern.String()
}

// EscapePart refuses a part that would lead to another folder.
func (RecordingName) EscapePart(part string) (string, error) {
	if strings.Contains(part, "/") || strings.Contains(part, "..") || strings.HasPrefix(part, ".") {
		return "", fmt.Errorf("%q cannot be part of the name of a recording", part)
	}
	return part, nil
}

// Danger names the place for messages: a recording replaces the file of its name.
func (RecordingName) Danger() string { return "the name of a file that is written" }
