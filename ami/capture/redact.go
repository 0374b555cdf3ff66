package capture

import (
	"bytes"
	"crypto/rand"
	"strings"

	"github.com/pbxflow/pbxflow/ami"
)

const (
	hidden  = "***"           // stands where a secret was
	pressed = "User pressed " // of a TestEvent, as Debian's Asterisk has in the menus of a mailbox
)

// Redactor takes out of messages what must not be shown. It always hides secrets: the
// values of headers, of channel variables and of assignments (PIN=1234) whose names
// speak of a secret, a password, a token or a PIN, the arguments of applications that are
// one, passwords in addresses (user:password@host), those of mailboxes and conferences in
// configuration files, and what a manager login could be guessed from.
//
// On request it also replaces every number of five digits and more, wherever it
// stands, every name of a caller or an agent, and the keys that were pressed. The same
// number always becomes the same other number of the same length, and different ones
// become different ones, so that calls can still be followed; for names a made-up one
// stands. Asterisk's own ids and times stay. What cannot be known stays as well: names
// in texts of the dialplan's own, and extensions of up to four digits.
//
// Nor can it be known which of the keys that a caller presses are a PIN: they are replaced
// on request only.
//
// A Redactor is for one goroutine.
type Redactor struct {
	numbers bool
	key     [32]byte        // of the replacements; different for each Redactor
	known   map[string]bool // whether a name is a secret's

	replaced map[string]string // numbers of late, and what stands for them
}

// NewRedactor returns a Redactor that replaces numbers and names too, if numbers is set.
func NewRedactor(numbers bool) *Redactor {
	r := &Redactor{numbers: numbers, known: make(map[string]bool), replaced: make(map[string]string)}
	rand.Read(r.key[:]) // never fails
	return r
}

// String says what is redacted, for the marks of a capture.
func (r *Redactor) String() string {
	if r.numbers {
		return "secrets, numbers, names"
	}
	return "secrets"
}

// Message returns m without what must not be shown.
func (r *Redactor) Message(m ami.Message) ami.Message {
	var c heard
	pairs := make([]string, 0, 2*m.Len())
	for name, value := range m.All() {
		c.learn(r, name, value)
		pairs = append(pairs, r.name(name), r.value(&c, name, value))
	}
	return ami.NewMessage(pairs...)
}

// raw does the same with the text of a message, whose blank line it leaves out. Lines
// with nothing to hide stay as they are, but for their ends.
func (r *Redactor) raw(message []byte) []byte {
	var c heard
	out := make([]byte, 0, len(message)+64)
	message = bytes.TrimRight(message, "\r\n")
	for len(message) > 0 {
		line, rest, _ := bytes.Cut(message, []byte("\n"))
		message = rest
		line = bytes.TrimRight(line, "\r")
		name, value, _ := cut(line)
		n, v := string(name), string(value)
		c.learn(r, n, v)
		newName, newValue := r.name(n), r.value(&c, n, v)
		if newName != n || newValue != v {
			line = []byte(newValue)
			if newName != "" {
				line = []byte(newName + ": " + newValue)
			}
		}
		out = append(append(out, line...), "\r\n"...)
	}
	return out
}

// heard is what earlier lines of a message say about later ones.
type heard struct {
	event, application string
	secret             bool // the variable, or the key of a database, is one
}

func (c *heard) learn(r *Redactor, name, value string) {
	switch name {
	case "Event":
		c.event = value
	case "Variable":
		c.secret = r.secretName(value)
	case "Family", "Key":
		c.secret = c.secret || strings.HasPrefix(c.event, "DBGet") && r.secretName(value)
	case "Application", "LastApplication":
		c.application = strings.ToLower(value)
	case "Output": // of "core show channel"
		for _, label := range []string{"Application: ", "lastapp="} {
			if _, text, ok := strings.Cut(value, label); ok {
				c.application = strings.ToLower(text)
			}
		}
	}
}

func (r *Redactor) name(name string) string {
	if r.numbers && strings.Contains(name, "(") { // ChanVariable(PJSIP/5550100-00000001)
		return r.replaceNumbers(name)
	}
	return name
}

func (r *Redactor) value(c *heard, name, value string) string {
	if value == "" {
		return value
	}
	switch {
	case r.secretName(name), c.secret && (name == "Value" || name == "Val"), c.event == "ChallengeResponseFailed" && name == "Response":
		return hidden
	case name == "Key" && !strings.HasPrefix(c.event, "DBGet"):
		return hidden
	}
	value = r.hideSecrets(c, name, value)
	if !r.numbers {
		return value
	}
	switch {
	case name == "Digit", name == "DTMF" && c.event == "TestEvent":
		return "0"
	case name == "Message" && strings.HasPrefix(value, pressed):
		return pressed + "0"
	case isTime(name):
		return value
	case isPerson(c.event, name):
		return r.replaceName(value)
	case strings.EqualFold(name, "CallerID") || name == "CLID": // "Ann" <5550100>
		if open := strings.LastIndexByte(value, '<'); open > 0 {
			return `"` + r.replaceName(strings.Trim(value[:open], `" `)) + `" ` + r.replaceNumbers(value[open:])
		}
	}
	return r.replaceNumbers(value)
}
