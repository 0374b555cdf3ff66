package flows

import (
	"context"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// typing says how keys are collected from the caller.
type typing struct {
	first, next time.Duration // how long to wait for the first key, and for each further one
	most        int           // as many end it
	end         string        // so do these keys, which are not returned
	hidden      bool          // it is a secret
}

// ask plays prompts and collects the keys that the caller presses, during the prompts
// too; "" when there were none. A prompt that is missing is an error.
//
// Asterisk forgets a key that is pressed between two commands, so there are as few of
// them as possible: GET DATA, which collects several keys, wherever it will do.
func (c *Call) ask(ctx context.Context, prompts []lang.Value[Sound], t typing) (keys string, err error) {
	if t.hidden {
		defer c.hideKeys()()
		defer func() { c.conceal(keys) }()
	}
	first, last, err := c.playPrompts(ctx, prompts)
	if err != nil {
		return "", err
	}
	if first == "" && t.end == dataEnd && t.first == t.next {
		keys, _, err = c.Session.GetData(ctx, last, t.first, t.most)
		return keys, promptError(err)
	}
	if first == "" {
		first, _, err = c.Session.GetOption(ctx, last, string(allKeys), t.first)
		if err != nil {
			return "", promptError(err)
		}
	}
	if first == "" || strings.Contains(t.end, first) {
		return "", nil
	}
	return c.askMore(ctx, first, t)
}

// dataEnd is the key that ends Asterisk's GET DATA.
const dataEnd = "#"

// askMore collects further keys behind the first.
func (c *Call) askMore(ctx context.Context, keys string, t typing) (string, error) {
	if len(keys) < t.most && t.end == dataEnd {
		more, _, err := c.Session.GetData(ctx, "", t.next, t.most-len(keys))
		return keys + more, err
	}
	for len(keys) < t.most {
		key, err := c.Session.WaitForDigit(ctx, t.next)
		if err != nil {
			return keys, err
		}
		if key == "" || strings.Contains(t.end, key) {
			break
		}
		keys += key
	}
	return keys, nil
}
