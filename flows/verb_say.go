package flows

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var (
	sayStopped = Outcome{Name: "stopped", Doc: "The caller pressed one of the keys in interrupt."}
	sayMissing = Outcome{Name: "missing", Doc: "Asterisk lacks a sound that is needed to say it, and tells so. Some languages leave out letters and numbers that they lack without a word.", Failure: true}
)

var sayVerb = Verb{
	Name:    "say",
	Summary: "Reads a number, a code, a date or a time to the caller, in the language of the call.",
	Doc: "Dates and times are written as 2026-12-25, 14:30 or 2026-12-25 14:30, or come from an expression such as `now()`. " +
		"What is written without a time zone is said as it stands; a moment, such as `now()`, is told in `timezone`. " +
		"A text that does not fit its type is an error with the id say.text.",
	Example: "- answer\n- say: ${call.caller.num}\n  type: digits\n  interrupt: \"#\"\n- say: 42\n  type: number\n" +
		"- say: ${now()}\n  type: datetime\n  timezone: Europe/Zurich",
	Outcomes:  []Outcome{Done, sayStopped, sayMissing},
	NeedsCall: true, Media: true, Answered: true,
	Result: (*sayResult)(nil), ResultAlways: true,
	New: func() Step { return &sayStep{} },
}

type sayStep struct {
	Text      lang.Value[string] `yaml:"say,required" doc:"What to say."`
	Type      string             `yaml:"type,required" enum:"digits,number,alpha,phonetic,date,time,datetime" doc:"How to say it: digits one by one, a number, letters one by one, in the phonetic alphabet, a date, a time, or both."`
	Interrupt lang.Value[Keys]   `yaml:"interrupt" doc:"Keys that stop it."`
	Gender    string             `yaml:"gender" enum:"f,m,n,c" doc:"The grammatical gender of a number, for languages that have one: feminine, masculine, neuter or common."`
	Format    dateFormat         `yaml:"format" doc:"How to say a date or time, in the letters of voicemail.conf: AdBY is Friday 25 December 2026. If left out, what is usual in the language."`
	Timezone  Zone               `yaml:"timezone" doc:"The time zone in which a moment is told, such as Europe/Zurich; Asterisk's own if left out."`
}

type sayResult struct {
	Key string `expr:"key" doc:"the key that stopped it; empty when it was said to its end"`
}

// CheckYAML reports a text that does not fit the type, and options of other types.
func (s *sayStep) CheckYAML(d *lang.Decoder, n lang.Node) {
	if s.Type == "" {
		return // which has been reported
	}
	if text, ok := s.Text.Constant(); ok {
		if err := s.fits(text); err != nil {
			d.ErrorAt(s.Text.Pos(), "wrong-type", "%v", err).Hint("%s", sayTypes[s.Type].example)
		}
	}
	if s.Gender != "" && s.Type != "number" {
		d.Errorf(n.Lookup("gender"), "no-effect", "only a number has a gender, and this is of type %s", s.Type)
	}
	for _, key := range []string{"format", "timezone"} {
		if option := n.Lookup(key); !option.IsZero() && sayTypes[s.Type].clock == "" {
			d.Errorf(option, "no-effect", "only a date or a time has a %s, and this is of type %s", key, s.Type)
		}
	}
}

// sayTypes are the types that a text can have: for moments how Asterisk writes them
// usually, and for all what they look like.
var sayTypes = map[string]struct{ clock, abroad, example string }{
	"digits":   {example: "digits are 0-9, * and #"},
	"number":   {example: "a number is whole, such as 42"},
	"alpha":    {example: "write letters and digits"},
	"phonetic": {example: "write letters and digits"},
	"date":     {"ABdY", "AdBY", "write a date such as 2026-12-25"},
	"time":     {"IMp", "R", "write a time such as 14:30"},
	"datetime": {"ABdY 'digits/at' IMp", "AdBY 'digits/at' R", "write a date and a time such as 2026-12-25 14:30"},
}

// fits returns why a text cannot be said; nil if it can.
func (s *sayStep) fits(text string) error {
	var ok bool
	switch s.Type {
	case "digits":
		digits := strings.TrimPrefix(text, "+")
		ok = digits != "" && strings.Trim(digits, string(allKeys)) == ""
	case "number":
		_, err := strconv.ParseInt(text, 10, 32)
		ok = err == nil
	case "alpha", "phonetic":
		ok = strings.TrimSpace(text) != "" && !strings.ContainsAny(text, "\r\n\x00")
	default:
		_, _, ok = moment(s.Type, text)
	}
	if ok {
		return nil
	}
	if text == "" {
		return fmt.Errorf("there is nothing to say")
	}
	return fmt.Errorf("%q cannot be said as %s", text, s.Type)
}

func (s *sayStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	said, err := s.Text.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	keys, err := text(c, s.Interrupt)
	if err != nil {
		return Outcome{}, err
	}
	if err := s.fits(said); err != nil {
		return Outcome{}, Fail("say.text", err)
	}
	var key string
	err = c.endedByKey(ctx, keys, func(ctx context.Context, keys string) (err error) {
		key, err = s.say(ctx, c, said, keys)
		return err
	})
	if key == stopKey {
		key = ""
	}
	c.SetResult(&sayResult{Key: key})
	switch {
	case isMissing(err):
		return sayMissing, nil
	case key != "":
		return sayStopped, err
	}
	return Done, err
}

// say says a text that fits, and returns the key that stopped it.
func (s *sayStep) say(ctx context.Context, c *Call, said, keys string) (key string, err error) {
	switch s.Type {
	case "digits":
		said = strings.TrimPrefix(said, "+")
		if strings.ContainsRune("*#", rune(said[0])) {
			return c.Session.SayAlpha(ctx, said, keys) // SAY DIGITS wants a number first
		}
		return c.Session.SayDigits(ctx, said, keys)
	case "number":
		n, err := strconv.Atoi(said)
		if err != nil {
			return "", err
		}
		return c.Session.SayNumber(ctx, n, keys, s.Gender)
	case "alpha":
		return c.Session.SayAlpha(ctx, said, keys)
	case "phonetic":
		return c.Session.SayPhonetic(ctx, said, keys)
	}
	at, floating, _ := moment(s.Type, said)
	return s.sayMoment(ctx, c, at, floating, keys)
}

// sayMoment says a date, a time or both. One without a time zone is said as it stands,
// whatever the zone of Asterisk is.
func (s *sayStep) sayMoment(ctx context.Context, c *Call, at time.Time, floating bool, keys string) (key string, err error) {
	zone := s.Timezone.name()
	if floating {
		zone = "UTC"
	}
	format := string(s.Format)
	if zone == "" && format == "" {
		switch s.Type {
		case "date":
			return c.Session.SayDate(ctx, at, keys)
		case "time":
			return c.Session.SayTime(ctx, at, keys)
		}
		return c.Session.SayDateTime(ctx, at, keys, "", "")
	}
	if format == "" {
		format = sayTypes[s.Type].abroad
		if language := c.info.Language; language == "" || strings.HasPrefix(language, "en") {
			format = sayTypes[s.Type].clock
		}
	}
	return c.Session.SayDateTime(ctx, at, keys, format, zone)
}

// moment reads a date, a time or both. It is floating when it does not say its time
// zone; then it is that of UTC.
func moment(kind, text string) (at time.Time, floating, ok bool) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, false, true
	}
	layouts := map[string][]string{
		"date":     {time.DateOnly, "2006-01-02 15:04", time.DateTime, "2006-01-02T15:04", "2006-01-02T15:04:05"},
		"time":     {"15:04", time.TimeOnly, "2006-01-02 15:04", time.DateTime, "2006-01-02T15:04", "2006-01-02T15:04:05"},
		"datetime": {"2006-01-02 15:04", time.DateTime, "2006-01-02T15:04", "2006-01-02T15:04:05"},
	}
	for _, layout := range layouts[kind] {
		at, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		if at.Year() == 0 { // a time alone, and Asterisk knows no years before 1970
			at = at.AddDate(2000, 0, 0)
		}
		return at, true, true
	}
	return time.Time{}, false, false
}

// dateFormat is how a date or time is said.
type dateFormat string

// UnmarshalText takes the letters of voicemail.conf, and sounds in single quotes.
func (f *dateFormat) UnmarshalText(b []byte) error {
	for i, part := range strings.Split(string(b), "'") {
		if i%2 == 1 {
			var sound Sound
			if err := sound.UnmarshalText([]byte(part)); err != nil {
				return err
			}
			continue
		}
		if unknown := strings.Trim(part, dateLetters+" "); unknown != "" {
			return lang.Mistake(fmt.Sprintf("%q in the format means nothing to Asterisk", unknown),
				"its letters are "+strings.Join(strings.Split(dateLetters, ""), " ")+", and sounds stand in single quotes")
		}
	}
	if strings.Count(string(b), "'")%2 == 1 {
		return lang.Mistake("a single quote in the format is not closed", "")
	}
	*f = dateFormat(b)
	return nil
}

// dateLetters are weekday, month, day, year, hour, minute, am or pm, the date in words
// such as today, 24 hours and seconds.
const dateLetters = "AaBbhdeYIlHkMPpQqRS"

// LangType describes a format for messages and editors.
func (dateFormat) LangType() (string, string) { return "a format such as AdBY", "" }

// name returns the zone's name for Asterisk; "" is Asterisk's own.
func (z Zone) name() string {
	if z.location == nil || z.location == time.Local {
		return ""
	}
	return z.location.String()
}
