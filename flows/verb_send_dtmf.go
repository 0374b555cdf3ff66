package flows

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var sendDTMFVerb = Verb{
	Name:    "send_dtmf",
	Summary: "Presses keys towards the caller's side.",
	Doc: "Who called is often a machine, or a trunk that wants an extension. `w` among the keys is a pause of half a second. " +
		"The step ends when all keys were sent.",
	Example:   "- answer\n- send_dtmf: 1w234#\n- send_dtmf: \"0123\"\n  hidden: true\n  between: 100ms",
	NeedsCall: true, Media: true,
	New: func() Step { return &sendDTMFStep{} },
}

type sendDTMFStep struct {
	Keys    lang.Value[dtmf]          `yaml:"send_dtmf,required" doc:"The keys: 0-9, * and #, A-D, and w for a pause."`
	Between lang.Value[time.Duration] `yaml:"between" default:"250ms" doc:"The pause between two keys."`
	Press   lang.Value[time.Duration] `yaml:"press" doc:"How long each key is pressed; Asterisk's 100ms if left out."`
	Hidden  bool                      `yaml:"hidden" doc:"Keeps the keys out of traces: they are a PIN."`
}

func (s *sendDTMFStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	var vars lang.Vars = c
	if s.Hidden {
		vars = untraced{c}
		defer c.hideKeys()()
	}
	keys, err := s.Keys.Get(vars)
	if err != nil {
		return Outcome{}, err
	}
	between, err := s.Between.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	press, err := s.Press.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	args := fmt.Sprintf("%s,%d", keys, between.Milliseconds())
	if press > 0 {
		args += fmt.Sprintf(",%d", press.Milliseconds())
	}
	if s.Hidden {
		c.conceal(string(keys))
	}
	_, err = c.Session.Exec(ctx, "SendDTMF", args)
	return Done, err
}

// dtmf are keys to send.
type dtmf string

var dtmfPattern = regexp.MustCompile(`^[0-9*#A-Dw]+$`)

// UnmarshalText takes keys and pauses.
func (k *dtmf) UnmarshalText(b []byte) error {
	if !dtmfPattern.Match(b) {
		return lang.Mistake(fmt.Sprintf("%q cannot be sent as keys: those are 0-9, * and #, A-D, and w for a pause", b), "")
	}
	*k = dtmf(b)
	return nil
}

// LangType describes keys to send for messages and editors.
func (dtmf) LangType() (string, string) { return "keys such as 1w23#", dtmfPattern.String() }
