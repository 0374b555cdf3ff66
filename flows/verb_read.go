package flows

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var (
	readOK      = Outcome{Name: "ok", Doc: "The caller typed as many digits as asked for."}
	readTimeout = Outcome{Name: "timeout", Doc: "The caller typed nothing in all tries.", Failure: true}
	readInvalid = Outcome{Name: "invalid", Doc: "The caller typed too few digits in the last try.", Failure: true}
)

var readVerb = Verb{
	Name:      "read",
	Summary:   "Asks the caller for digits.",
	Doc:       "The caller ends with # or by typing the greatest number of digits; # is not part of the result.",
	Example:   "- answer\n- read: enter-your-number\n  digits: 4\n  timeout: 8s\n  as: typed\n- log: typed ${typed.digits}",
	Outcomes:  []Outcome{readOK, readTimeout, readInvalid},
	NeedsCall: true, Media: true,
	Result: (*readResult)(nil), ResultAlways: true,
	New: func() Step { return &readStep{} },
}

type readStep struct {
	Prompts []lang.Value[Sound]       `yaml:"read,required" doc:"The prompt, or a list of them."`
	Digits  digitCount                `yaml:"digits,required" doc:"How many digits: 4, or 7-15."`
	Timeout lang.Value[time.Duration] `yaml:"timeout" default:"5s" doc:"How long to wait for each digit."`
	Tries   lang.Value[int]           `yaml:"tries" default:"1" doc:"How often to ask."`
}

type readResult struct {
	Digits string `expr:"digits" trust:"no" doc:"what the caller typed, as text: a leading 0 stays"`
}

// proven is the result's digits: there are none but digits, and as many as asked for.
func (r *readStep) proven() []string { return []string{"digits"} }

func (r *readStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	tries, err := r.Tries.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	timeout, err := r.Timeout.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	outcome := readTimeout
	for range max(tries, 1) {
		digits, err := r.ask(ctx, c, timeout)
		if err != nil {
			return Outcome{}, err
		}
		c.SetResult(&readResult{Digits: digits})
		switch {
		case len(digits) >= r.Digits.least:
			return readOK, nil
		case digits == "":
			outcome = readTimeout
		default:
			outcome = readInvalid
		}
	}
	return outcome, nil
}

// ask plays the prompts and collects digits. A key that stops an early prompt is
// the first digit.
func (r *readStep) ask(ctx context.Context, c *Call, timeout time.Duration) (string, error) {
	digits, last, err := c.playPrompts(ctx, r.Prompts)
	if err != nil {
		return "", err
	}
	if digits == "" {
		digits, _, err = c.Session.GetData(ctx, last, timeout, r.Digits.most)
		if isMissing(err) {
			err = errMissingPrompt
		}
		return digits, err
	}
	for digits != "#" && len(digits) < r.Digits.most {
		key, err := c.Session.WaitForDigit(ctx, timeout)
		if err != nil {
			return "", err
		}
		if key == "" || key == "#" {
			return digits, nil
		}
		digits += key
	}
	if digits == "#" {
		return "", nil
	}
	return digits, nil
}

// digitCount is how many digits are wanted.
type digitCount struct{ least, most int }

// maxDigits is what Asterisk's GET DATA collects at most.
const maxDigits = 1023

var digitCountPattern = regexp.MustCompile(`^([1-9]\d{0,3})(?:-([1-9]\d{0,3}))?$`)

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
