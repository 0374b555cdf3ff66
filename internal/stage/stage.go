// Package stage puts the example app of examples/callcenter onto a real Asterisk:
// for the demo, and for the tests that see the whole server at work.
//
// It plays everybody around the server: Asterisk with its dialplan, agents who
// answer and agents who do not, and an office with the web server that the app
// asks about callers and that receives its notices.
package stage

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/examples/callcenter"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// Addresses of those who take part, as host:port. The example's own are replaced
// by them, so that nothing listens on a fixed port.
type Addresses struct {
	AGI    string // pbxflow, for calls
	HTTP   string // pbxflow, for people
	AMI    string // Asterisk's manager
	User   string // the manager user
	Office string
}

// replacer replaces the addresses of the example.
func (a Addresses) replacer() *strings.Replacer {
	return strings.NewReplacer(
		"127.0.0.1:4573", a.AGI, "127.0.0.1:8088", a.HTTP, "127.0.0.1:5038", a.AMI,
		"127.0.0.1:8090", a.Office, "username: pbxflow", "username: "+a.User,
	)
}

// WriteApp writes the example app into dir. more are further files by name.
func WriteApp(dir string, a Addresses, more map[string]string) error {
	files, err := fs.Glob(callcenter.Files, "*.yaml")
	if err != nil {
		return err
	}
	for _, name := range files {
		text, err := callcenter.Files.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(a.replacer().Replace(string(text))), 0o600); err != nil {
			return err
		}
	}
	for name, text := range more {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// Config returns an Asterisk with the example's dialplan, which calls pbxflow at
// the address agi, and with agents: the one of support rings for a second,
// answers, talks for two seconds and hangs up; the one of sales only rings.
// dialplan is added to the example's.
func Config(agi, dialplan string) (asterisktest.Config, error) {
	text, err := callcenter.Files.ReadFile("asterisk/extensions.conf")
	if err != nil {
		return asterisktest.Config{}, err
	}
	queues, err := callcenter.Files.ReadFile("asterisk/queues.conf")
	if err != nil {
		return asterisktest.Config{}, err
	}
	return asterisktest.Config{
		Dialplan: strings.Join([]string{
			Addresses{AGI: agi}.replacer().Replace(string(text)),
			dialplan,
			asterisktest.Phone("agent1", asterisktest.Ring(time.Second), asterisktest.Answer(), asterisktest.Wait(2*time.Second), asterisktest.Hangup()),
			asterisktest.Phone("agent2", asterisktest.Ring(time.Hour)),
		}, "\n"),
		Queues: strings.NewReplacer(
			"PJSIP/101", "Local/agent1@phones/n", "PJSIP/102", "Local/agent2@phones/n",
		).Replace(string(queues)),
		ManagerRead: "call,agent,dialplan,system", ManagerWrite: "reporting",
	}, nil
}

// Number of the company, which callers dial.
const Number = "0443334455"

// Call is a caller from outside, by SIP with sound.
func Call(from, keys string, hold time.Duration) asterisktest.SIPCall {
	return asterisktest.SIPCall{Caller: from, Exten: Number, Digits: keys, DigitWait: 1500 * time.Millisecond, Hold: hold}
}

// Place makes a call and checks that it was answered.
func Place(ctx context.Context, pbx *asterisktest.Instance, call asterisktest.SIPCall) (asterisktest.SIPResult, error) {
	result, err := pbx.SIPp(ctx, call)
	if err == nil && result.Status != 200 {
		err = fmt.Errorf("the call from %s ended with status %d", call.Caller, result.Status)
	}
	return result, err
}
