package flows

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// Sound is the name of a sound file without its ending, as Asterisk looks it
// up: "welcome", "custom/main-menu", or an absolute path.
type Sound string

var soundPattern = regexp.MustCompile(`^[\pL\pN_./+-]+$`)

// UnmarshalText refuses what cannot be a sound file, such as the name with its
// ending or a list in one text.
func (s *Sound) UnmarshalText(b []byte) error {
	text := string(b)
	switch {
	case text == "":
		return lang.Mistake("the name of a sound is missing", "")
	case strings.Contains(text, "&"):
		return lang.Mistake(fmt.Sprintf("%q is more than one sound", text), "write a list: [one, two]")
	case strings.Contains(text, ".."):
		return lang.Mistake(fmt.Sprintf("%q leaves the sound folder", text), "")
	case !soundPattern.MatchString(text):
		return lang.Mistake(fmt.Sprintf("%q cannot be the name of a sound: only letters, digits and _ . / + - are used", text), "")
	}
	if bare, ending := cutSoundEnding(text); ending {
		return lang.Mistake(fmt.Sprintf("%q has a file ending: Asterisk chooses the format itself", text), "write "+bare)
	}
	*s = Sound(text)
	return nil
}

// cutSoundEnding returns the name of a sound file without its ending, and whether it had
// one.
func cutSoundEnding(name string) (bare string, ending bool) {
	for _, ending := range []string{".wav", ".gsm", ".ulaw", ".alaw", ".sln", ".mp3", ".g722", ".sln16"} {
		if bare, ok := strings.CutSuffix(name, ending); ok {
			return bare, true
		}
	}
	return name, false
}

// LangType describes a sound for messages and editors.
func (Sound) LangType() (string, string) { return "the name of a sound", soundPattern.String() }

// Danger names the place for messages: whoever names a file hears it, such as the messages
// of others.
func (Sound) Danger() string { return "the path of a sound" }

// Harmless reports whether an expression is only a part of the name, which cannot lead to
// another folder.
func (Sound) Harmless(_ string, whole bool) bool { return !whole }

// Form is that of a name without a folder.
func (Sound) Form() string { return "^[a-z0-9-]+$" }

// EscapePart refuses a part that would lead to another folder.
func (Sound) EscapePart(part string) (string, error) {
	if strings.ContainsAny(part, "/&") || strings.Contains(part, "..") {
		return "", fmt.Errorf("%q cannot be part of the name of a sound", part)
	}
	return part, nil
}

var errorIDPattern = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)

func quoted(b []byte) string { return strconv.Quote(string(b)) }

// Keys are keys of a telephone.
type Keys string

const allKeys Keys = "0123456789*#"

// UnmarshalText takes 0-9, *, # and A-D.
func (k *Keys) UnmarshalText(b []byte) error {
	if strings.Trim(string(b), "0123456789*#ABCD") != "" {
		return lang.Mistake(fmt.Sprintf("%q are not keys of a telephone: those are 0-9, * and #", b), "")
	}
	*k = Keys(b)
	return nil
}

// LangType describes keys for messages and editors.
func (Keys) LangType() (string, string) { return `keys such as "12#"`, `^[0-9*#A-D]*$` }

// DialString is one device to dial, such as PJSIP/101 or PJSIP/0791234567@carrier.
type DialString string

var dialPattern = regexp.MustCompile(`^[A-Za-z0-9]+/[A-Za-z0-9_.+:;@*#%=~/-]+$`)

// UnmarshalText refuses what Dial would read as several devices or options.
func (s *DialString) UnmarshalText(b []byte) error {
	text := string(b)
	switch {
	case strings.ContainsAny(text, "&"):
		return lang.Mistake(fmt.Sprintf("%q is more than one device", text), "write a list: [PJSIP/101, PJSIP/102]")
	case !strings.Contains(text, "/"):
		return lang.Mistake(fmt.Sprintf("%q lacks the technology", text), "write PJSIP/"+text)
	case !dialPattern.MatchString(text):
		return lang.Mistake(fmt.Sprintf("%q is not a device such as PJSIP/101", text), "")
	}
	*s = DialString(text)
	return nil
}

// LangType describes a device for messages and editors.
func (DialString) LangType() (string, string) {
	return "a device such as PJSIP/101", dialPattern.String()
}

var dialPart = regexp.MustCompile(`^[A-Za-z0-9_.+*#-]*$`)

// EscapePart lets only numbers and names of endpoints into a dial string: a part
// that brings its own @, / or & would choose another way out.
func (DialString) EscapePart(part string) (string, error) {
	if !dialPart.MatchString(part) {
		return "", fmt.Errorf("%q cannot be part of a device to dial", part)
	}
	return part, nil
}

// Danger names the place for messages: what is dialled costs money.
func (DialString) Danger() string { return "a device to dial" }

// QueueName is the name of an Asterisk queue or of a music class.
type QueueName string

var namePattern = regexp.MustCompile(`^[A-Za-z0-9_.@+-]+$`)

// UnmarshalText refuses what the Queue application would read as options.
func (q *QueueName) UnmarshalText(b []byte) error {
	if !namePattern.Match(b) {
		return lang.Mistake(fmt.Sprintf("%q is not a name: only letters, digits and _ . @ + - are used", b), "")
	}
	*q = QueueName(b)
	return nil
}

// LangType describes a name for messages and editors.
func (QueueName) LangType() (string, string) { return "a name", namePattern.String() }

// URL is a web address, http or https.
type URL string

// UnmarshalText takes absolute http and https addresses.
func (u *URL) UnmarshalText(b []byte) error {
	parsed, err := url.Parse(string(b))
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err
		}
		return lang.Mistake(fmt.Sprintf("%q is not a web address: %v", b, err), "")
	}
	if parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Host == "" {
		return lang.Mistake(fmt.Sprintf("%q is not a web address", b), "begin it with https:// and a host")
	}
	*u = URL(b)
	return nil
}

// LangType describes an address for messages and editors.
func (URL) LangType() (string, string) {
	return "a web address such as https://host/path", `^https?://`
}

// Danger names the place for messages: the server that is asked gets what the request
// holds, and its answer is believed.
func (URL) Danger() string { return "the host of a web address" }

var behindHost = regexp.MustCompile(`^https?://[^/?#]+[/?#]`)

// Harmless reports whether an expression stands behind the host, where it is escaped.
func (URL) Harmless(before string, _ bool) bool { return behindHost.MatchString(before) }

// Form is that of a host.
func (URL) Form() string { return "^[a-z0-9.-]+$" }

// EscapePart percent-encodes a part, so that it stays inside its place in the
// path or query.
func (URL) EscapePart(part string) (string, error) {
	if part == "." || part == ".." {
		return "", fmt.Errorf("%q would lead to another place on the server", part)
	}
	return strings.NewReplacer("&", "%26", "=", "%3D", "+", "%2B", ":", "%3A", "@", "%40", "$", "%24").
		Replace(url.PathEscape(part)), nil
}
