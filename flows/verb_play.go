package flows

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/internal/lang"
)

var (
	playStopped = Outcome{Name: "stopped", Doc: "The caller pressed one of the keys in interrupt, or the key that stops."}
	playMissing = Outcome{Name: "missing", Doc: "Asterisk cannot play the sound: there is no such file.", Failure: true}
)

var playVerb = Verb{
	Name:    "play",
	Summary: "Plays sounds, one after another.",
	Doc: "A sound is a file's name without its ending, relative to Asterisk's sound folder of the call's language. " +
		"With `keys` the caller can pause, skip, start again and stop, as with a tape. " +
		"Where playing stopped is kept by `as`; `from` goes on there.",
	Example: "- answer\n- play: [welcome, new-options]\n  interrupt: \"12\"\n  as: heard\n- log: pressed ${heard.key}\n" +
		"- play: last-message\n  keys: { pause: \"5\", rewind: \"4\", forward: \"6\", restart: \"0\", stop: \"#\" }\n  skip: 5s",
	Outcomes:  []Outcome{Done, playStopped, playMissing},
	NeedsCall: true, Media: true, Answered: true,
	Result: (*playResult)(nil), ResultAlways: true,
	New: func() Step { return &playStep{} },
}

type playStep struct {
	Sounds    []lang.Value[Sound]       `yaml:"play,required" doc:"The sound, or a list of sounds."`
	Interrupt lang.Value[Keys]          `yaml:"interrupt" doc:"Keys that stop the sound."`
	Keys      transport                 `yaml:"keys" doc:"Keys by what they do: pause (and go on), rewind, forward, restart (the sound from its beginning) and stop."`
	Skip      lang.Value[time.Duration] `yaml:"skip" default:"3s" doc:"How far forward and rewind go."`
	From      lang.Value[time.Duration] `yaml:"from" doc:"Where in the first sound to begin."`
}

type playResult struct {
	Key      string        `expr:"key" doc:"the key that stopped the sound; empty when it played to its end"`
	Position time.Duration `expr:"position" doc:"where in its sound that was; 0s when all played to their end"`
}

// transport says which keys do what while a sound plays.
type transport struct {
	Pause   Keys `yaml:"pause" doc:"Pauses, and goes on."`
	Rewind  Keys `yaml:"rewind" doc:"Skips back."`
	Forward Keys `yaml:"forward" doc:"Skips forward."`
	Restart Keys `yaml:"restart" doc:"Starts the sound again."`
	Stop    Keys `yaml:"stop" doc:"Ends the step."`
}

// CheckYAML reports keys that would do two things.
func (t *transport) CheckYAML(d *lang.Decoder, n lang.Node) {
	does := map[rune]string{}
	for _, pair := range n.Pairs() {
		for _, key := range pair.Value.Value {
			if other, twice := does[key]; twice {
				d.Errorf(pair.Value, "bad-keys", "the key %q already means %s", string(key), other)
			}
			does[key] = pair.Key.Value
		}
	}
}

// CheckYAML reports keys in interrupt that do something else, and options that nothing
// uses.
func (p *playStep) CheckYAML(d *lang.Decoder, n lang.Node) {
	skips := p.Keys.Rewind + p.Keys.Forward
	if skip := n.Lookup("skip"); !skip.IsZero() && skips == "" {
		d.Warnf(skip, "no-effect", "no key skips").Hint(`write keys: { rewind: "4", forward: "6" }`)
	}
	if skip, ok := p.Skip.Constant(); ok && skip <= 0 {
		d.Errorf(n.Lookup("skip"), "bad-time", "a key cannot skip by %v", skip)
	}
	keys, _ := p.Interrupt.Constant()
	if i := strings.IndexAny(string(keys), string(skips+p.Keys.Pause+p.Keys.Restart)); i >= 0 {
		d.ErrorAt(p.Interrupt.Pos(), "bad-keys", "the key %q cannot interrupt: it has a meaning under keys", keys[i:i+1])
	}
}

func (p *playStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	interrupt, err := text(c, p.Interrupt)
	if err != nil {
		return Outcome{}, err
	}
	from, err := p.From.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	play := c.playFrom
	if p.Keys != (transport{}) {
		skip, err := p.Skip.Get(c)
		if err != nil {
			return Outcome{}, err
		}
		play = tape{c, p.Keys, skip}.play
	}
	c.SetResult(&playResult{})
	for _, sound := range p.Sounds {
		name, err := text(c, sound)
		if err != nil {
			return Outcome{}, err
		}
		key, position, err := play(ctx, name, interrupt, max(from, 0))
		switch {
		case isMissing(err):
			c.Logger.Warn("sound is missing", "sound", name)
			return playMissing, nil
		case err != nil:
			return Outcome{}, err
		case key != "":
			c.SetResult(&playResult{Key: key, Position: position})
			return playStopped, nil
		}
		from = 0
	}
	return Done, nil
}

// samples are what Asterisk counts positions in, for the sounds of a telephone.
const samplesPerMilli = 8

// playFrom plays one sound from a place in it, until it ends or one of keys is pressed.
func (c *Call) playFrom(ctx context.Context, sound, keys string, from time.Duration) (key string, position time.Duration, err error) {
	key, end, err := c.Session.StreamFile(ctx, sound, keys, from.Milliseconds()*samplesPerMilli)
	return key, time.Duration(end) * time.Millisecond / samplesPerMilli, err
}

// tape plays sounds that the caller can pause and skip in.
type tape struct {
	*Call
	keys transport
	skip time.Duration
}

// noKey is for what no key does. Asterisk takes an empty text for its own keys, and this
// one is on no telephone.
const noKey = "-"

// play plays one sound. Asterisk's command knows no key that starts again, so it ends
// with that one and is sent anew.
func (t tape) play(ctx context.Context, sound, interrupt string, from time.Duration) (key string, position time.Duration, err error) {
	or := func(keys Keys) string {
		if keys == "" {
			return noKey
		}
		return string(keys)
	}
	control := agi.Control{
		Skip: t.skip, Offset: from,
		Forward: or(t.keys.Forward), Rewind: or(t.keys.Rewind), Pause: or(t.keys.Pause),
	}
	ends := string(t.keys.Stop+t.keys.Restart) + interrupt
	for {
		key, position, err = t.Session.ControlStreamFile(ctx, sound, ends, control)
		if err != nil || key == "" || !strings.Contains(string(t.keys.Restart), key) {
			return key, max(position, 0), err
		}
		control.Offset = 0
	}
}

// isMissing reports whether Asterisk refused to play a sound although the call
// lives. It does not say why; in practice the file is not there.
func isMissing(err error) bool {
	e, ok := errors.AsType[*agi.Error](err)
	return ok && e.Code == 200
}

// playPrompts plays all prompts but the last, which it returns for the command
// that also waits for keys. A key ends it early. A prompt that is missing is an
// error: the caller would not know what to press.
func (c *Call) playPrompts(ctx context.Context, prompts []lang.Value[Sound]) (key, last string, err error) {
	for i, prompt := range prompts {
		last, err = text(c, prompt)
		if err != nil || i == len(prompts)-1 {
			return "", last, err
		}
		key, _, err := c.playFrom(ctx, last, string(allKeys), 0)
		if err != nil || key != "" {
			return key, "", promptError(err)
		}
	}
	return "", "", nil
}

var errMissingPrompt = Fail("play.missing", errors.New("a prompt is missing in Asterisk's sound folder"))

// promptError is err, or that a prompt is missing.
func promptError(err error) error {
	if isMissing(err) {
		return errMissingPrompt
	}
	return err
}
