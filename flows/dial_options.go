package flows

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// limitWarning is what is heard before a conversation is cut off.
type limitWarning struct {
	At    lang.Value[time.Duration] `yaml:"at" doc:"How long before the end."`
	Every lang.Value[time.Duration] `yaml:"every" doc:"Again after this time; once if left out."`
	Sound lang.Value[Sound]         `yaml:"sound" default:"beep" doc:"The sound."`
	To    string                    `yaml:"to" enum:"caller,called,both" default:"both" doc:"Who hears it."`
}

// callerID is what the called party sees.
type callerID struct {
	Number  lang.Value[callerNumber] `yaml:"number" doc:"The number. The network may insist on one of yours."`
	Name    lang.Value[string]       `yaml:"name" doc:"The name; characters that Asterisk's options cannot hold are left out. Needs number."`
	Private lang.Value[bool]         `yaml:"private" doc:"Asks the network to show neither number nor name."`
}

// CheckYAML reports a name without a number: Dial has no way to give one.
func (i *callerID) CheckYAML(d *lang.Decoder, n lang.Node) {
	if i.Name.IsSet() && !i.Number.IsSet() {
		d.ErrorAt(i.Name.Pos(), "missing-key", "a caller ID with a name needs a number as well")
	}
}

// callerNumber is a number to show. Unlike one to call it may come from anywhere.
type callerNumber string

var callerNumberPattern = regexp.MustCompile(`^\+?[0-9*#]{1,32}$`)

// UnmarshalText takes digits.
func (c *callerNumber) UnmarshalText(b []byte) error {
	if !callerNumberPattern.Match(b) {
		return lang.Mistake(fmt.Sprintf("%q is not a number to show", b), "")
	}
	*c = callerNumber(b)
	return nil
}

// LangType describes a number for messages and editors.
func (callerNumber) LangType() (string, string) {
	return "a number such as +41441234567", callerNumberPattern.String()
}

// prepare returns Dial's options, sets what Dial reads from the channel, and returns
// how to undo that.
func (s *dialStep) prepare(ctx context.Context, c *Call) (options string, restore func(context.Context) error, err error) {
	restore = func(context.Context) error { return nil }
	parts := []string{"g"} // go on when the called party hangs up
	for _, part := range []func(context.Context, *Call) (string, error){s.sound, s.confirm, s.limit} {
		option, err := part(ctx, c)
		if err != nil {
			return "", nil, err
		}
		parts = append(parts, option)
	}
	number, err := text(c, s.CallerID.Number)
	if err != nil {
		return "", nil, err
	}
	name, err := s.CallerID.Name.Get(c)
	if err != nil {
		return "", nil, err
	}
	private, err := s.CallerID.Private.Get(c)
	if err != nil {
		return "", nil, err
	}
	if number != "" {
		parts = append(parts, "f("+shownAs(name, number)+")")
	}
	switch {
	case private && number != "":
		parts = append(parts, "u(prohib)")
	case private:
		// Dial's u is only about what f gives, so the caller's own is hidden meanwhile.
		if restore, err = c.hideNumber(ctx); err != nil {
			return "", nil, err
		}
	}
	return strings.Join(parts, ""), restore, nil
}

// sound is what the caller hears until somebody answers.
func (s *dialStep) sound(_ context.Context, c *Call) (string, error) {
	if s.Music.IsSet() {
		music, err := text(c, s.Music)
		return "m(" + music + ")", err
	}
	ring, err := s.Ring.Get(c)
	if err != nil {
		return "", err
	}
	early, err := s.EarlyMedia.Get(c)
	switch {
	case err != nil:
		return "", err
	case s.EarlyMedia.IsSet() && !early:
		return "r", nil
	case ring:
		return "R", nil // until the network sends something
	}
	return "", nil
}

// confirm is the gosub that asks who answers.
func (s *dialStep) confirm(ctx context.Context, c *Call) (string, error) {
	if s.Confirm == nil {
		return "", nil
	}
	prompts, err := texts(c, s.Confirm)
	if err != nil {
		return "", err
	}
	exists, err := c.placeExists(ctx, confirmContext, "s", "1")
	if err != nil {
		return "", err
	}
	if !exists {
		return "", Fail("dial.confirm", errors.New("confirm needs the context "+confirmContext+" in the dialplan, and there is none: the reference of dial shows its lines"))
	}
	return "U(" + confirmContext + "^" + strings.Join(prompts, "&") + ")", nil
}

// limit is how long the conversation lasts, and when a warning is heard.
func (s *dialStep) limit(ctx context.Context, c *Call) (string, error) {
	limit, err := s.Limit.Get(c)
	if err != nil || limit == 0 {
		return "", err
	}
	at, err := s.Warning.At.Get(c)
	if err != nil {
		return "", err
	}
	if at == 0 || at >= limit {
		return fmt.Sprintf("L(%d)", limit.Milliseconds()), nil
	}
	every, err := s.Warning.Every.Get(c)
	if err != nil {
		return "", err
	}
	sound, err := text(c, s.Warning.Sound)
	if err != nil {
		return "", err
	}
	to := map[bool]string{true: "yes", false: "no"}
	err = c.setVariables(ctx, "LIMIT_WARNING_FILE", sound,
		"LIMIT_PLAYAUDIO_CALLER", to[s.Warning.To != "called"], "LIMIT_PLAYAUDIO_CALLEE", to[s.Warning.To != "caller"])
	option := fmt.Sprintf("L(%d:%d", limit.Milliseconds(), at.Milliseconds())
	if every > 0 {
		option += fmt.Sprintf(":%d", every.Milliseconds())
	}
	return option + ")", err
}

// shownAs writes a caller ID for an option of Dial.
func shownAs(name, number string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`"\,()<>&^|;$`, r) {
			return -1
		}
		return r
	}, name)
	if name == "" {
		return number
	}
	return `"` + name + `" <` + number + ">"
}

// hideNumber forbids the network to show the caller's number and name, and returns how
// to allow it again.
func (c *Call) hideNumber(ctx context.Context) (restore func(context.Context) error, err error) {
	const presentation = "CALLERID(pres)"
	before, err := c.variable(ctx, presentation)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error { return c.Session.SetVariable(ctx, presentation, before) },
		c.Session.SetVariable(ctx, presentation, "prohib")
}
