package flows

import (
	"fmt"
	"strings"

	"github.com/pbxflow/pbxflow/agi"
)

// hidden stands in traces and logs for what is not to be seen.
const hidden = "***"

// shortestSecret is the length from which hidden keys are looked for in whatever the
// call does later: a single 1 would be found everywhere.
const shortestSecret = 3

// execSendDTMF is a command that holds keys.
const execSendDTMF = `EXEC "SendDTMF"`

// hideKeys keeps the keys that are pressed out of the trace, until the function that it
// returns is called.
func (c *Call) hideKeys() (show func()) {
	outer := c.hides
	c.hides = true
	return func() { c.hides = outer }
}

// conceal remembers a secret, so that it is hidden wherever the call's trace or log
// would show it from now on.
func (c *Call) conceal(secret string) {
	if len(secret) >= shortestSecret {
		c.secrets = append(c.secrets, secret)
	}
}

// masked returns the text with its secrets hidden.
func (c *Call) masked(text string) string {
	for _, secret := range c.secrets {
		text = strings.ReplaceAll(text, secret, hidden)
	}
	return text
}

// maskedValue returns the value, or something else when it would show a secret.
func (c *Call) maskedValue(v any) any {
	if len(c.secrets) == 0 {
		return v
	}
	text := fmt.Sprint(v)
	if masked := c.masked(text); masked != text {
		return masked
	}
	return v
}

// maskExchange hides secrets in an exchange with Asterisk. While keys are hidden, the
// reply tells nothing but how the command ended.
func (c *Call) maskExchange(x *agi.Exchange) {
	if c.hides && x.Reply.Result != "" && x.Reply.Result != "0" && x.Reply.Result != "-1" {
		text := "result=" + hidden
		if x.Reply.Data == "timeout" {
			text += " (timeout)"
		}
		x.Reply = agi.Reply{Code: x.Reply.Code, Result: hidden, Text: text}
	}
	if c.hides && strings.HasPrefix(x.Command, execSendDTMF) {
		x.Command = execSendDTMF + ` "` + hidden + `"`
	}
	if len(c.secrets) == 0 {
		return
	}
	x.Command, x.Reply.Text = c.masked(x.Command), c.masked(x.Reply.Text)
	x.Reply.Result, x.Reply.Data = c.masked(x.Reply.Result), c.masked(x.Reply.Data)
}
