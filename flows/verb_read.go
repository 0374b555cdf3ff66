package flows

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var (
	readOK      = Outcome{Name: "ok", Doc: "The caller typed what was asked for."}
	readTimeout = Outcome{Name: "timeout", Doc: "The caller typed nothing in the last try.", Failure: true}
	readInvalid = Outcome{Name: "invalid", Doc: "The caller typed too few digits in the last try, or other keys than digits.", Failure: true}
)

var readVerb = Verb{
	Name:    "read",
	Summary: "Asks the caller for digits.",
	Doc: "Any key stops the prompt. The caller ends with #, by typing the greatest number of digits, or by pausing; " +
		"the key that ends is not part of the result. After `no_input` or `no_match` the step asks again, until the tries are used up. " +
		"Without `digits` the caller may type anything, * as well, and the result is not trusted where that would be dangerous.",
	Example: "- answer\n- read: enter-your-number\n  digits: 4\n  timeout: 8s\n  tries: 3\n  no_match: { play: four-digits-please }\n" +
		"  as: typed\n- log: typed ${typed.digits}",
	Outcomes:  []Outcome{readOK, readTimeout, readInvalid},
	NeedsCall: true, Media: true, Answered: true,
	Result: (*readResult)(nil), ResultAlways: true,
	New: func() Step { return &readStep{} },
}

type readStep struct {
	Prompts []lang.Value[Sound]       `yaml:"read,required" doc:"The prompt, or a list of them."`
	Digits  digitCount                `yaml:"digits" doc:"How many digits: 4, or 7-15. Anything if left out."`
	Timeout lang.Value[time.Duration] `yaml:"timeout" default:"5s" doc:"How long to wait for the first key after the prompt."`
	Between lang.Value[time.Duration] `yaml:"between" doc:"How long to wait for each further key; as for the first if left out."`
	End     lang.Value[Keys]          `yaml:"end" default:"#" doc:"Keys that end the typing; \"\" for none."`
	Tries   lang.Value[int]           `yaml:"tries" default:"1" doc:"How often to ask."`
	NoInput menuSteps                 `yaml:"no_input" doc:"What to do when nothing was typed and a try is left. The number of the try is read as try."`
	NoMatch menuSteps                 `yaml:"no_match" doc:"What to do when it was not what was asked for and a try is left. The number of the try is read as try."`
	Hidden  bool                      `yaml:"hidden" doc:"Keeps what is typed out of traces and logs: it is a PIN."`
}

type readResult struct {
	Digits string `expr:"digits" trust:"no" doc:"what the caller typed, as text: a leading 0 stays"`
}

// proven is the result's digits if it is said how many: then there are none but digits.
func (r *readStep) proven() []string {
	if r.Digits.most == 0 {
		return nil
	}
	return []string{"digits"}
}

// CheckYAML reports keys that end the typing before it can begin.
func (r *readStep) CheckYAML(d *lang.Decoder, _ lang.Node) {
	if end, _ := r.End.Constant(); r.Digits.most > 0 && strings.ContainsAny(string(end), "0123456789") {
		d.ErrorAt(r.End.Pos(), "bad-keys", "a digit cannot end the typing of digits").Hint(`write end: "#" or end: "*"`)
	}
}

func (r *readStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	tries, err := r.Tries.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	typing, err := r.typing(c)
	if err != nil {
		return Outcome{}, err
	}
	for try, asked := 1, 1; ; try, asked = try+1, asked+1 {
		typed, err := c.ask(ctx, r.Prompts, typing)
		if err != nil {
			return Outcome{}, err
		}
		c.SetResult(&readResult{Digits: typed})
		outcome, handler := readOK, Steps(nil)
		switch {
		case typed == "":
			outcome, handler = readTimeout, r.NoInput.Steps
		case !r.Digits.fits(typed):
			outcome, handler = readInvalid, r.NoMatch.Steps
		}
		if outcome == readOK || try >= tries {
			return outcome, nil
		}
		again, err := askedAgain(c.runTry(ctx, handler, try), asked)
		if err != nil {
			return Outcome{}, err
		} else if again {
			try--
		}
	}
}

// typing is how the caller types, with this step's options.
func (r *readStep) typing(c *Call) (t typing, err error) {
	t = typing{most: r.Digits.most, hidden: r.Hidden}
	if t.most == 0 {
		t.most = maxDigits
	}
	if t.first, err = r.Timeout.Get(c); err != nil {
		return t, err
	}
	if t.next = t.first; r.Between.IsSet() {
		if t.next, err = r.Between.Get(c); err != nil {
			return t, err
		}
	}
	t.end, err = text(c, r.End)
	return t, err
}

// runTry runs what no_input or no_match says between two tries.
func (c *Call) runTry(ctx context.Context, steps Steps, try int) error {
	outer, nested := c.vars["try"]
	c.vars["try"] = try
	err := c.Run(ctx, steps)
	if nested {
		c.vars["try"] = outer // that of a loop around
	}
	return err
}

// askedAgain reports whether what steps ended in wants to ask again without using a try.
func askedAgain(err error, asked int) (bool, error) {
	if !isA[askAgain](err) {
		return false, err
	}
	if asked >= maxAsked {
		return false, Fail(IDLimit, fmt.Errorf("the caller was asked %d times and would be asked again", maxAsked))
	}
	return true, nil
}

// maxAsked is how often one step asks at most, with again.
const maxAsked = 100

// digitCount is how many digits are wanted; the zero value is anything.
type digitCount struct{ least, most int }

// maxDigits is what Asterisk's GET DATA collects at most.
const maxDigits = 1023

var digitCountPattern = regexp.MustCompile(`^([1-9]\d{0,3})(?:-([1-9]\d{0,3}))?$`)

// fits reports whether a text is so many digits.
func (c digitCount) fits(text string) bool {
	if c.most == 0 {
		return true
	}
	return len(text) >= c.least && len(text) <= c.most && strings.Trim(text, "0123456789") == ""
}

// UnmarshalText reads 4 or 7-15.
func (c *digitCount) UnmarshalText(b []byte) error {
	m := digitCountPattern.FindSubmatch(b)
	if m == nil {
		return lang.Mistake(fmt.Sprintf("%q is no number of digits", b), "write 4 or 7-15")
	}
	var err error
	if c.least, err = strconv.Atoi(string(m[1])); err != nil {
		return err
	}
	c.most = c.least
	if m[2] != nil {
		if c.most, err = strconv.Atoi(string(m[2])); err != nil {
			return err
		}
	}
	if c.most < c.least || c.most > maxDigits {
		return lang.Mistake(fmt.Sprintf("%q is no number of digits", b), fmt.Sprintf("the second is the greater one, at most %d", maxDigits))
	}
	return nil
}

// LangType describes it for messages and editors.
func (digitCount) LangType() (string, string) {
	return "a number of digits such as 4 or 7-15", digitCountPattern.String()
}
