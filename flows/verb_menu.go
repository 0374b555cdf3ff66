package flows

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var menuGaveUp = Outcome{Name: "give_up", Doc: "The caller chose none of the options in all tries.", Failure: true}

var menuVerb = Verb{
	Name:    "menu",
	Summary: "Plays a prompt and does what the caller chooses.",
	Doc: "Any key stops the prompt. After `no_input` or `no_match` the menu asks again, until the tries are used up. " +
		"Options may have several keys; where one begins another, the menu waits a moment for more.",
	Example: "- answer\n- menu: main-menu\n  options:\n    1: { play: sales }\n    2: hangup\n" +
		"  no_input: { play: please-choose }\n  give_up: [{ play: goodbye }, hangup]",
	Outcomes:  []Outcome{Done, menuGaveUp},
	NeedsCall: true, Media: true, Answered: true,
	Result: (*menuResult)(nil), ResultAlways: true,
	New: func() Step { return &menuStep{} },
}

type menuStep struct {
	Prompts []lang.Value[Sound]       `yaml:"menu,required" doc:"The prompt, or a list of them."`
	Timeout lang.Value[time.Duration] `yaml:"timeout" default:"5s" doc:"How long to wait for a key after the prompt."`
	Between lang.Value[time.Duration] `yaml:"between" default:"2s" doc:"How long to wait for the next key of an option with several; with 0s, an option that has been typed is taken at once."`
	End     lang.Value[Keys]          `yaml:"end" doc:"Keys that end the typing of an option with several: nobody has to wait then."`
	Tries   lang.Value[int]           `yaml:"tries" default:"3" doc:"How often to ask."`
	NoInput menuSteps                 `yaml:"no_input" doc:"What to do when no key was pressed; then the menu asks again. The number of the try is read as try."`
	NoMatch menuSteps                 `yaml:"no_match" doc:"What to do when the keys are no option; then the menu asks again. The number of the try is read as try."`
	Options menuOptions               `yaml:"options,required" doc:"Steps for each option by its keys."`
	GiveUp  Steps                     `yaml:"give_up" doc:"What to do when the tries are used up."`
}

type menuResult struct {
	Keys string `expr:"keys" doc:"the keys of the chosen option; empty when the caller chose none"`
}

// CheckYAML reports options that nobody can choose.
func (m *menuStep) CheckYAML(d *lang.Decoder, n lang.Node) {
	end, _ := m.End.Constant()
	between, ok := m.Between.Constant()
	for _, option := range n.Lookup("options").Pairs() {
		keys := option.Key.Value
		if keys == "" {
			continue // which has been reported
		}
		if i := strings.IndexAny(keys[1:], string(end)); i >= 0 {
			d.Errorf(option.Key, "bad-option", "%q can never be chosen: the key %q in it ends the typing", keys, keys[i+1:i+2])
		}
		for i := 1; ok && between <= 0 && i < len(keys); i++ {
			if _, chosen := m.Options[keys[:i]]; chosen {
				d.Warnf(option.Key, "hidden-option", "%q can never be chosen: %q is taken at once", keys, keys[:i]).
					Hint("leave out between: 0s, so that the menu waits for more keys")
				break
			}
		}
	}
}

// effect is that of the option that is chosen, or of giving up. What happens between
// two tries leaves nothing behind for sure.
func (m *menuStep) effect() effect {
	var ways []effect
	for _, key := range slices.Sorted(maps.Keys(m.Options)) {
		ways = append(ways, m.Options[key].effect())
	}
	if m.GiveUp != nil {
		ways = append(ways, m.GiveUp.effect())
	}
	return either(ways...)
}

func (m *menuStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	tries, err := m.Tries.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	end, err := text(c, m.End)
	if err != nil {
		return Outcome{}, err
	}
	c.SetResult(&menuResult{})
	for try, asked := 1, 1; try <= max(tries, 1); try, asked = try+1, asked+1 {
		keys, err := m.ask(ctx, c, end)
		if err != nil {
			return Outcome{}, err
		}
		steps, chosen := m.Options[keys]
		switch {
		case chosen:
			c.SetResult(&menuResult{Keys: keys})
			err = c.Run(ctx, steps)
		case keys == "":
			err = c.runTry(ctx, m.NoInput.Steps, try)
		default:
			err = c.runTry(ctx, m.NoMatch.Steps, try)
		}
		again, err := askedAgain(err, asked)
		if err != nil || chosen && !again {
			return Done, err
		} else if again {
			try--
		}
	}
	if m.GiveUp != nil {
		return Done, c.Run(ctx, m.GiveUp)
	}
	return menuGaveUp, nil
}

// ask plays the prompt once and returns the keys pressed, "" for none.
func (m *menuStep) ask(ctx context.Context, c *Call, end string) (string, error) {
	wait, err := m.Timeout.Get(c)
	if err != nil {
		return "", err
	}
	between, err := m.Between.Get(c)
	if err != nil {
		return "", err
	}
	keys, last, err := c.playPrompts(ctx, m.Prompts)
	if err != nil {
		return "", err
	}
	if keys == "" {
		keys, _, err = c.Session.GetOption(ctx, last, string(allKeys), wait)
		if err != nil || keys == "" {
			return "", promptError(err)
		}
	}
	for m.Options.extends(keys) {
		pause := between
		if _, chosen := m.Options[keys]; !chosen && between <= 0 {
			pause = wait // the option has only begun
		} else if between <= 0 {
			break
		}
		key, err := c.Session.WaitForDigit(ctx, pause)
		if err != nil {
			return "", err
		}
		if key == "" || strings.Contains(end, key) {
			break
		}
		keys += key
	}
	return keys, nil
}

// menuOptions maps keys to what they do.
type menuOptions map[string]Steps

// extends reports whether an option begins with keys and goes on.
func (o menuOptions) extends(keys string) bool {
	for option := range o {
		if len(option) > len(keys) && strings.HasPrefix(option, keys) {
			return true
		}
	}
	return false
}

// DecodeYAML reads a mapping from keys to steps.
func (o *menuOptions) DecodeYAML(d *lang.Decoder, n lang.Node) {
	*o = menuOptions{}
	if !n.IsMapping() {
		d.Errorf(n, "wrong-type", `"options" wants a mapping from keys to steps`)
		return
	}
	if len(n.Pairs()) == 0 {
		d.Errorf(n, "bad-option", "a menu needs at least one option").Hint("write options: { 1: { play: one } }")
	}
	for _, pair := range d.Unique(n) {
		var keys Keys
		if err := keys.UnmarshalText([]byte(pair.Key.Value)); err != nil || keys == "" {
			d.Errorf(pair.Key, "bad-option", "%q are not keys of a telephone: those are 0-9, * and #", pair.Key.Value)
		}
		var steps Steps
		in(d, func(names *Names) { names.inMenu = true }, func() { d.Decode(pair.Value, &steps) })
		(*o)[pair.Key.Value] = steps
	}
}

// Schema describes the mapping.
func (o *menuOptions) Schema(s *lang.Schema) map[string]any {
	return map[string]any{
		"type": "object", "propertyNames": map[string]any{"pattern": `^[0-9*#A-D]+$`},
		"additionalProperties": new(Steps).Schema(s),
	}
}

// SchemaWords names it in the reference.
func (o *menuOptions) SchemaWords() string { return "steps by keys" }

// menuSteps are steps that can read the number of the try.
type menuSteps struct{ Steps }

// DecodeYAML decodes the steps with try in scope.
func (m *menuSteps) DecodeYAML(d *lang.Decoder, n lang.Node) {
	outer := d.Scope
	d.Scope = outer.Child(lang.Names{"try": 0})
	in(d, func(names *Names) { names.inMenu = true }, func() { m.Steps.DecodeYAML(d, n) })
	d.Scope = outer
}
