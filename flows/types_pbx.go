package flows

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// ChannelName is one channel of an Asterisk server, by its name or its unique id.
type ChannelName string

// A name that begins with a slash would be a pattern to Asterisk's Hangup, which hangs
// up all channels that it fits.
var channelPattern = regexp.MustCompile(`^[A-Za-z0-9_.-]+(/[^\s,&|()$]+)?$`)

// UnmarshalText refuses what Asterisk would not read as one channel.
func (c *ChannelName) UnmarshalText(b []byte) error {
	if !channelPattern.Match(b) {
		return lang.Mistake(fmt.Sprintf("%q is not a channel such as PJSIP/101-00000007", b), "")
	}
	*c = ChannelName(b)
	return nil
}

// LangType describes a channel for messages and editors.
func (ChannelName) LangType() (string, string) {
	return "a channel such as PJSIP/101-00000007", channelPattern.String()
}

// Extension is an extension of the dialplan.
type Extension string

var extensionPattern = regexp.MustCompile(`^[A-Za-z0-9_.*#+@-]+$`)

// UnmarshalText refuses what is not one extension.
func (e *Extension) UnmarshalText(b []byte) error {
	if !extensionPattern.Match(b) {
		return lang.Mistake(fmt.Sprintf("%q is not an extension", b), "")
	}
	*e = Extension(b)
	return nil
}

// LangType describes an extension for messages and editors.
func (Extension) LangType() (string, string) { return "an extension", extensionPattern.String() }

// Danger names the place for messages: the dialplan decides by it what is called.
func (Extension) Danger() string { return "an extension" }

// PhoneNumber is a number to call.
type PhoneNumber string

var numberPattern = regexp.MustCompile(`^\+?[0-9*#]{1,32}$`)

// UnmarshalText takes digits, with + before them and * and # among them. What people
// write between them is left out.
func (p *PhoneNumber) UnmarshalText(b []byte) error {
	number := strings.NewReplacer(" ", "", "-", "", "/", "", "(", "", ")", "", ".", "").Replace(string(b))
	if !numberPattern.MatchString(number) {
		return lang.Mistake(fmt.Sprintf("%q is not a number to call", b), "")
	}
	*p = PhoneNumber(number)
	return nil
}

// LangType describes a number for messages and editors.
func (PhoneNumber) LangType() (string, string) {
	return "a number such as +41441234567", `^\+?[0-9*#() ./-]+$`
}

// Danger names the place for messages: what is called costs money.
func (PhoneNumber) Danger() string { return "a number to call" }

// Header is a value in an action to Asterisk's manager interface, or an argument of an
// application: whoever writes there commands the telephone system.
type Header string

// UnmarshalText refuses line ends, with which another action would begin.
func (h *Header) UnmarshalText(b []byte) error {
	if strings.ContainsAny(string(b), "\r\n\x00") {
		return lang.Mistake("a value for Asterisk is one line", "")
	}
	*h = Header(b)
	return nil
}

// LangType describes a value for messages and editors.
func (Header) LangType() (string, string) { return "one line of text", `^[^\r\n]*$` }

// Danger names the place for messages.
func (Header) Danger() string { return "a command to Asterisk" }
