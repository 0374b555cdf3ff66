package flows

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// telephone is a notifier that calls people until one of them acknowledges the notice.
type telephone struct {
	Phones      []lang.Value[callee]      `yaml:"phone" doc:"The phone that is called and plays the notice: a device such as PJSIP/101, or a number, which is called by the server's outbound. Of a list the next is called when nobody has acknowledged at the one before."`
	CallerID    lang.Value[string]        `yaml:"caller_id" doc:"What the phone shows, such as Alarm <100>."`
	Play        []lang.Value[Sound]       `yaml:"play" doc:"Sounds that are heard before those of the notice."`
	Ask         []lang.Value[Sound]       `yaml:"ask" doc:"Sounds that ask for the key; \"press\" and the key, in Asterisk's own words, if left out."`
	Acknowledge oneKey                    `yaml:"acknowledge" default:"1" doc:"The key that acknowledges the notice."`
	Repeat      lang.Value[int]           `yaml:"repeat" default:"3" doc:"How often it is said to somebody who does not press the key."`
	Timeout     lang.Value[time.Duration] `yaml:"timeout" default:"30s" doc:"How long a phone rings."`
	Tries       lang.Value[int]           `yaml:"tries" default:"2" doc:"How often all phones are called, one after the other."`
	Between     lang.Value[time.Duration] `yaml:"between" default:"1m" doc:"How long to wait between two tries."`
	onServer    `yaml:",inline"`

	phone phone
}

// phone is what a telephone comes to in a running server.
type phone struct {
	callees          []callee
	callerID         string
	server           ServerName
	play, ask        []string
	repeat, tries    int
	timeout, between time.Duration
}

// maxRounds bounds how often people are called, and how often they are told.
const maxRounds = 100

// CheckYAML reports numbers that may not be called, and times and counts that make no
// sense.
func (t *telephone) CheckYAML(d *lang.Decoder, n lang.Node) {
	if n.Lookup("phone").IsZero() {
		for _, key := range lang.Describe(telephone{}) {
			if option := n.Lookup(key.Name); !option.IsZero() {
				d.Errorf(option, "no-effect", "only a phone has %q, and this notice goes elsewhere", key.Name)
			}
		}
		return
	}
	t.onServer.CheckYAML(d, n)
	if len(t.Phones) == 0 {
		d.Errorf(n.Lookup("phone"), "missing-key", "it is not said which phone is called")
	}
	for _, phone := range t.Phones {
		t.checkCallee(d, phone)
	}
	for _, count := range []lang.Value[int]{t.Repeat, t.Tries} {
		if x, ok := count.Constant(); ok && (x < 1 || x > maxRounds) {
			d.ErrorAt(count.Pos(), "bad-count", "it is done 1 to %d times, not %d", maxRounds, x)
		}
	}
	if x, ok := t.Timeout.Constant(); ok && x < time.Second {
		d.ErrorAt(t.Timeout.Pos(), "bad-time", "nobody answers a phone within %v", x)
	}
}

// shortNumber is the length below which a number is likely one of the house.
const shortNumber = 6

// checkCallee reports a phone that may not be called, or that no server can call.
func (t *telephone) checkCallee(d *lang.Decoder, phone lang.Value[callee]) {
	c, ok := phone.Constant()
	if !ok {
		return
	}
	names := namesOf(d)
	if err := names.Outward.checkCallee(c); err != nil {
		p := d.ErrorAt(phone.Pos(), "forbidden-number", "%v", err)
		if c.isNumber() && len(c) < shortNumber {
			p.Hint("a phone in the house is a device, such as PJSIP/%s", c)
		}
		return
	}
	server, known := t.Server.Constant()
	can := func(name string) bool { return names.Outbound[name] && (!known || name == string(server)) }
	if c.isNumber() && len(names.Servers) > 0 && !slices.ContainsFunc(names.Servers, can) {
		d.ErrorAt(phone.Pos(), "missing-key", "it is not known how to call %s", c).
			Hint("write outbound: PJSIP/{number}@carrier for the server under asterisk in pbxflow.yaml")
	}
}

// Needs returns what a notifier that is a phone wants Asterisk to have: its sounds and
// devices, as far as they are known before.
func (n *Notifier) Needs() []Need {
	var needs []Need
	for _, v := range slices.Concat(n.Play, n.Ask) {
		if sound, ok := v.Constant(); ok {
			needs = append(needs, Need{Kind: "sound", Name: string(sound), Pos: v.Pos()})
		}
	}
	for _, v := range n.Phones {
		if c, ok := v.Constant(); ok && !c.isNumber() {
			needs = append(needs, Need{Kind: "device", Name: string(c), Pos: v.Pos()})
		}
	}
	return needs
}

// isPhone reports whether notices are said to somebody.
func (t *telephone) isPhone() bool { return len(t.Phones) > 0 }

// resolve evaluates what only the running server knows.
func (t *telephone) resolve(vars lang.Vars) (err error) {
	p := phone{callees: make([]callee, len(t.Phones))}
	for i, v := range t.Phones {
		evaluate(vars, v, &p.callees[i], &err)
	}
	p.play, p.ask = soundNames(vars, t.Play, &err), soundNames(vars, t.Ask, &err)
	if p.ask == nil {
		p.ask = []string{"vm-press", "digits/" + t.Acknowledge.sound()}
	}
	evaluate(vars, t.CallerID, &p.callerID, &err)
	evaluate(vars, t.Server, &p.server, &err)
	evaluate(vars, t.Repeat, &p.repeat, &err)
	evaluate(vars, t.Tries, &p.tries, &err)
	evaluate(vars, t.Timeout, &p.timeout, &err)
	evaluate(vars, t.Between, &p.between, &err)
	t.phone = p
	return err
}

// evaluate puts a value where it belongs, unless there was an error before.
func evaluate[T any](vars lang.Vars, v lang.Value[T], into *T, err *error) {
	if *err == nil {
		*into, *err = v.Get(vars)
	}
}

// soundNames evaluates the names of sounds, unless there was an error before.
func soundNames(vars lang.Vars, sounds []lang.Value[Sound], err *error) (names []string) {
	for _, v := range sounds {
		var name Sound
		evaluate(vars, v, &name, err)
		names = append(names, string(name))
	}
	return names
}

// callee is whom a notice calls: a device, or a number outside.
type callee string

var calleePattern = regexp.MustCompile(dialPattern.String() + "|" + numberPattern.String())

// UnmarshalText takes a device or a number.
func (c *callee) UnmarshalText(b []byte) error {
	var number PhoneNumber
	if first, _, _ := strings.Cut(string(b), "/"); number.UnmarshalText([]byte(first)) == nil && number.UnmarshalText(b) == nil {
		*c = callee(number)
		return nil
	}
	var device DialString
	if err := device.UnmarshalText(b); err != nil {
		return err
	}
	*c = callee(device)
	return nil
}

// LangType describes it for messages and editors.
func (callee) LangType() (string, string) {
	return "a device such as PJSIP/101, or a number", calleePattern.String()
}

// Danger names the place for messages: what is called costs money.
func (callee) Danger() string { return "a number to call" }

// isNumber reports whether it is a number, which is called by the server's outbound.
func (c callee) isNumber() bool { return !strings.Contains(string(c), "/") }

// checkCallee returns why somebody may not be called; nil if nothing speaks against it.
func (o Outward) checkCallee(c callee) error {
	if c.isNumber() {
		return o.Dialing.Check(string(c))
	}
	return o.Check(string(c))
}

var errOutbound = errors.New("it is not known how to call outside: write outbound: PJSIP/{number}@carrier for the server under asterisk in pbxflow.yaml")

// device returns what is dialled for somebody.
func (s *Server) device(c callee) (string, error) {
	switch {
	case !c.isNumber():
		return string(c), nil
	case s.Outbound == "":
		return "", errOutbound
	}
	return strings.ReplaceAll(s.Outbound, "{number}", string(c)), nil
}

// oneKey is a key of a telephone.
type oneKey string

// UnmarshalText takes a single key.
func (k *oneKey) UnmarshalText(b []byte) error {
	if len(b) != 1 || !strings.Contains(string(allKeys), string(b)) {
		return lang.Mistake(fmt.Sprintf("%q is not one key of a telephone: those are 0-9, * and #", b), "")
	}
	*k = oneKey(b)
	return nil
}

// LangType describes a key for messages and editors.
func (oneKey) LangType() (string, string) { return "a key of a telephone", `^[0-9*#]$` }

// sound is what Asterisk's own sound of the key is called.
func (k oneKey) sound() string {
	switch k {
	case "*":
		return "star"
	case "#":
		return "pound"
	}
	return string(k)
}
