package flows

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var (
	toneStopped = Outcome{Name: "stopped", Doc: "The caller pressed one of the keys in interrupt."}
	toneUnknown = Outcome{Name: "unknown", Doc: "Asterisk has no such tone, or no such country.", Failure: true}
)

var toneVerb = Verb{
	Name:    "tone",
	Summary: "Plays a tone of the telephone network, such as busy.",
	Doc: "How a tone sounds depends on the country: indications.conf says it. Frequencies can be written too: `425/500,0/500` is 425 Hz " +
		"for half a second, then a pause as long, over and over. With `for` the flow waits and then stops the tone; " +
		"without it goes on at once, and the tone sounds until `tone: off` or the next sound.",
	Example:   "- answer\n- tone: busy\n  for: 3s\n- tone: ring\n- tone: off",
	Outcomes:  []Outcome{Done, toneStopped, toneUnknown},
	NeedsCall: true, Media: true, Answered: true,
	Result: (*toneResult)(nil), ResultAlways: true,
	New: func() Step { return &toneStep{} },
}

type toneStep struct {
	Tone      lang.Value[Tone]          `yaml:"tone,required" doc:"The tone: dial, busy, ring, congestion, callwaiting, dialrecall, record, info or stutter, or frequencies; off stops it."`
	For       lang.Value[time.Duration] `yaml:"for" doc:"How long; it sounds while the flow goes on if left out."`
	Interrupt lang.Value[Keys]          `yaml:"interrupt" doc:"Keys that stop it, together with for."`
	Country   lang.Value[Country]       `yaml:"country" doc:"The country whose tones the call hears from now on, such as ch; Asterisk's own if left out."`
}

type toneResult struct {
	Key string `expr:"key" doc:"the key that stopped the tone; empty when it sounded to its end"`
}

// CheckYAML reports options that do nothing.
func (s *toneStep) CheckYAML(d *lang.Decoder, n lang.Node) {
	tone, _ := s.Tone.Constant()
	if waits := n.Lookup("for"); !waits.IsZero() && tone == toneOff {
		d.Errorf(waits, "no-effect", "off has no length")
	}
	if keys := n.Lookup("interrupt"); !keys.IsZero() && !s.For.IsSet() {
		d.Errorf(keys, "no-effect", "no key can stop the tone: the flow does not wait for its end").Hint("write how long it sounds: for: 10s")
	}
	if length, ok := s.For.Constant(); ok && length <= 0 {
		d.ErrorAt(s.For.Pos(), "bad-time", "a tone cannot sound for %v", length)
	}
}

func (s *toneStep) silent() bool {
	tone, _ := s.Tone.Constant()
	return tone == toneOff
}

func (s *toneStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	tone, err := text(c, s.Tone)
	if err != nil {
		return Outcome{}, err
	}
	duration, err := s.For.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	keys, err := text(c, s.Interrupt)
	if err != nil {
		return Outcome{}, err
	}
	if tone == string(toneOff) {
		_, err := c.Session.Exec(ctx, "StopPlaytones", "")
		return Done, err
	}
	if known, err := s.setCountry(ctx, c); err != nil || !known {
		return toneUnknown, err
	}
	if _, err := c.Session.Exec(ctx, "Playtones", tone); isMissing(err) {
		return toneUnknown, nil
	} else if err != nil || duration <= 0 {
		return Done, err
	}
	key, err := c.waitForKey(ctx, keys, duration)
	if stopped := c.stopTone(ctx); err == nil {
		err = stopped
	}
	if err != nil {
		return Outcome{}, err
	}
	if c.SetResult(&toneResult{Key: key}); key != "" {
		return toneStopped, nil
	}
	return Done, nil
}

// setCountry sets the country whose tones the channel has. Asterisk does not say when it
// has none of that name, so it is read back.
func (s *toneStep) setCountry(ctx context.Context, c *Call) (known bool, err error) {
	country, err := text(c, s.Country)
	if err != nil || country == "" {
		return true, err
	}
	const variable = "CHANNEL(tonezone)"
	if err := c.Session.SetVariable(ctx, variable, country); err != nil {
		return false, err
	}
	now, err := c.variable(ctx, variable)
	return now == country, err
}

// stopTone ends the tone of a caller who is there, also when the step is over.
func (c *Call) stopTone(ctx context.Context) error {
	if c.Session.HungUp() {
		return nil
	}
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_, err := c.Session.Exec(after, "StopPlaytones", "")
	return err
}

// waitForKey waits for one of keys and returns it; "" when none came within the time.
// Other keys are taken from the caller and forgotten.
func (c *Call) waitForKey(ctx context.Context, keys string, within time.Duration) (string, error) {
	end := c.Now().Add(within)
	for {
		left := end.Sub(c.Now())
		if left <= 0 {
			return "", nil
		}
		key, err := c.Session.WaitForDigit(ctx, left)
		if err != nil || key == "" || strings.Contains(keys, key) {
			return key, err
		}
	}
}

// Tone is a tone by its name, or its frequencies as Asterisk's Playtones reads them.
type Tone string

const toneOff Tone = "off"

var (
	toneNames   = []string{"dial", "busy", "ring", "congestion", "callwaiting", "dialrecall", "record", "info", "stutter"}
	tonePattern = regexp.MustCompile(`^!?\d{1,4}([+*]\d{1,4})?(/\d{1,5})?(,!?\d{1,4}([+*]\d{1,4})?(/\d{1,5})?)*$`)
)

// UnmarshalText refuses what is no tone.
func (t *Tone) UnmarshalText(b []byte) error {
	name := string(b)
	if name != string(toneOff) && !slices.Contains(toneNames, name) && !tonePattern.Match(b) {
		hint := "tones are " + strings.Join(toneNames, ", ") + " and off"
		if near := lang.Nearest(name, toneNames); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		return lang.Mistake(fmt.Sprintf("there is no tone %q", name), hint)
	}
	*t = Tone(b)
	return nil
}

// LangType describes a tone for messages and editors.
func (Tone) LangType() (string, string) { return "a tone such as busy", "" }

// Country is a country as indications.conf names it.
type Country string

var countryPattern = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)?$`)

// UnmarshalText refuses what is no country.
func (c *Country) UnmarshalText(b []byte) error {
	if !countryPattern.Match(b) {
		return lang.Mistake(fmt.Sprintf("%q is no country", b), "write two letters as in indications.conf, such as ch")
	}
	*c = Country(b)
	return nil
}

// LangType describes a country for messages and editors.
func (Country) LangType() (string, string) { return "a country such as ch", countryPattern.String() }
