package capture

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"regexp"
	"strings"
	"unicode"
)

const (
	shortest = 5  // digits of a number that is replaced
	longest  = 18 // digits that fit the arithmetic; of longer ones the last

	remembered = 10_000 // numbers, and names of headers, that need not be worked out again
)

// kept are digits that are no numbers of people: Asterisk's ids of calls, at the
// beginning of the match, and its counters of channels.
var kept = regexp.MustCompile(`^\d{9,10}\.\d+`)

// replaceNumbers replaces each number in a text.
func (r *Redactor) replaceNumbers(text string) string {
	if !strings.ContainsAny(text, "0123456789") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		if !isDigit(text[i]) {
			b.WriteByte(text[i])
			i++
			continue
		}
		end := i
		for end < len(text) && isDigit(text[end]) {
			end++
		}
		switch id := kept.FindString(text[i:]); {
		case id != "":
			b.WriteString(id)
			end = i + len(id)
		case end-i < shortest || isCounter(text, i):
			b.WriteString(text[i:end])
		default:
			from := max(i, end-longest)
			b.WriteString(text[i:from])
			b.WriteString(r.replaceNumber(text[from:end]))
		}
		i = end
	}
	return b.String()
}

// isCounter reports whether the digits at i are the counter at the end of a channel's
// name: eight hexadecimal digits, of which the first is a zero.
func isCounter(text string, i int) bool {
	if i == 0 || text[i-1] != '-' || text[i] != '0' || !strings.Contains(text[:i], "/") || len(text) < i+8 {
		return false
	}
	for _, c := range []byte(text[i : i+8]) {
		if !isDigit(c) && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(text) == i+8 || !isDigit(text[i+8]) && !unicode.IsLetter(rune(text[i+8]))
}

// replaceNumber returns the number that stands for this one: another of as many
// digits. No two numbers get the same one, since each round of this Feistel cipher
// over decimal digits can be undone.
func (r *Redactor) replaceNumber(number string) string {
	if other, ok := r.replaced[number]; ok {
		return other
	}
	if len(r.replaced) >= remembered {
		clear(r.replaced)
	}
	half := len(number) / 2
	left, right := []byte(number[:half]), []byte(number[half:])
	for round := range byte(8) {
		left, right = right, r.add(left, right, round)
	}
	other := string(left) + string(right)
	r.replaced[strings.Clone(number)] = other
	return other
}

// add returns the digits plus a number that follows from the other digits.
func (r *Redactor) add(digits, other []byte, round byte) []byte {
	mac := hmac.New(sha256.New, r.key[:])
	mac.Write([]byte{round, byte(len(digits))})
	mac.Write(other)
	n := binary.BigEndian.Uint64(mac.Sum(nil)) >> 4 // leaves room for the digits
	sum := make([]byte, len(digits))
	for i := len(digits) - 1; i >= 0; i-- {
		n += uint64(digits[i] - '0')
		sum[i] = '0' + byte(n%10)
		n /= 10
	}
	return sum
}

// replaceName returns the name that stands for a person's. What has no letters is a
// number, or nothing.
func (r *Redactor) replaceName(name string) string {
	if !strings.ContainsFunc(name, unicode.IsLetter) || name == "<unknown>" {
		return r.replaceNumbers(name)
	}
	mac := hmac.New(sha256.New, r.key[:])
	mac.Write([]byte(name))
	return "Name " + base32.StdEncoding.EncodeToString(mac.Sum(nil))[:6]
}

// isPerson reports whether a header of an event holds the name or the address of a caller
// or of an agent, also with a prefix: DestCallerIDName.
func isPerson(event, name string) bool {
	switch name {
	case "CallerIDname", "Fullname", "Email", "Pager": // of CEL and voicemail
		return true
	case "Name":
		return event == "QueueMember" || event == "Agents"
	}
	for _, end := range []string{"CallerIDName", "ConnectedLineName", "MemberName", "AgentName", "CallerName"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

// isTime reports whether the digits of a header are a time.
func isTime(name string) bool {
	switch name {
	case "Timestamp", "LastCall", "LastPause", "LoginTime", "LoggedInTime", "Uptime", "LastReload", "EventTime",
		"StartTime", "AnswerTime", "EndTime", "SentNTP", "EventTV", "SessionTV", timeHeader:
		return true
	}
	return false
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
