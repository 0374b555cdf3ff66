package flows

import (
	"context"
	"errors"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/internal/lang"
)

var (
	playStopped = Outcome{Name: "stopped", Doc: "The caller pressed one of the keys in interrupt."}
	playMissing = Outcome{Name: "missing", Doc: "Asterisk cannot play the sound: there is no such file.", Failure: true}
)

var playVerb = Verb{
	Name:      "play",
	Summary:   "Plays sounds, one after another.",
	Doc:       "A sound is a file's name without its ending, relative to Asterisk's sound folder of the call's language.",
	Example:   "- answer\n- play: [welcome, new-options]\n  interrupt: \"12\"\n  as: heard\n- log: pressed ${heard.key}",
	Outcomes:  []Outcome{Done, playStopped, playMissing},
	NeedsCall: true, Media: true,
	Result: (*playResult)(nil), ResultAlways: true,
	New: func() Step { return &playStep{} },
}

type playStep struct {
	Sounds    []lang.Value[Sound] `yaml:"play,required" doc:"The sound, or a list of sounds."`
	Interrupt lang.Value[Keys]    `yaml:"interrupt" doc:"Keys that stop the sound."`
}

type playResult struct {
	Key string `expr:"key" doc:"the key that stopped the sound; empty when it played to its end"`
}

func (p *playStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	keys, err := text(c, p.Interrupt)
	if err != nil {
		return Outcome{}, err
	}
	c.SetResult(&playResult{})
	for _, sound := range p.Sounds {
		key, outcome, err := c.play(ctx, sound, keys)
		if err != nil || outcome == playMissing {
			return outcome, err
		}
		if key != "" {
			c.SetResult(&playResult{Key: key})
			return playStopped, nil
		}
	}
	return Done, nil
}

// play plays one sound until it ends or one of keys is pressed.
func (c *Call) play(ctx context.Context, sound lang.Value[Sound], keys string) (key string, outcome Outcome, err error) {
	name, err := text(c, sound)
	if err != nil {
		return "", Outcome{}, err
	}
	key, _, err = c.Session.StreamFile(ctx, name, keys, 0)
	if isMissing(err) {
		c.Logger.Warn("sound is missing", "sound", name)
		return "", playMissing, nil
	}
	return key, Done, err
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
		if i == len(prompts)-1 {
			last, err = text(c, prompt)
			return "", last, err
		}
		key, outcome, err := c.play(ctx, prompt, string(allKeys))
		if err != nil || key != "" {
			return key, "", err
		}
		if outcome == playMissing {
			return "", "", errMissingPrompt
		}
	}
	return "", "", nil
}

var errMissingPrompt = Fail("play.missing", errors.New("a prompt is missing in Asterisk's sound folder"))
