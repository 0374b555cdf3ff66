package agi

import (
	"slices"
	"strings"
)

// LooksSecret reports whether a text has a word in it that names a secret, in upper or
// lower case: pass, pwd, pin, secret, token, auth, cred, key, otp, card, cvv, cvc, iban,
// ssn. It prefers to hide too much.
func LooksSecret(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(secretWords, func(word string) bool { return strings.Contains(text, word) })
}

var secretWords = []string{"pass", "pwd", "pin", "secret", "token", "auth", "cred", "key", "otp", "card", "cvv", "cvc", "iban", "ssn"}

// hidden stands for what is not to be seen.
const hidden = "***"

// mask hides secrets in the lines of one session.
type mask struct {
	secret func(text string) bool
	hides  hiding // in the reply to the last command
	strays bool   // lines that are no replies may be the rest of a secret
}

type hiding int

const (
	hideNothing hiding = iota
	hideValue          // what is in parentheses
	hideInput          // what the caller pressed or said
)

// command returns a line that is written, with its secrets hidden, and remembers what
// is to be hidden in its reply.
func (m *mask) command(line string) string {
	if strings.HasPrefix(line, syncCommand) {
		return line // the reply to the command before may still come
	}
	words := lineWords(line)
	name, args := commandName(words)
	m.hides = hideNothing
	hide := func(args []word) {
		for _, w := range slices.Backward(args) {
			line = line[:w.start] + hidden + line[w.end:]
		}
	}
	isSecret := func(w word) bool { return m.secret(w.text) }
	switch {
	case name == "SET VARIABLE" || name == "DATABASE PUT":
		names := 1
		if name == "DATABASE PUT" {
			names = 2 // family and key
		}
		names = min(names, len(args))
		if slices.ContainsFunc(args[:names], isSecret) {
			hide(args[names:])
		}
	case name == "GET VARIABLE" || name == "GET FULL VARIABLE" || name == "DATABASE GET":
		if slices.ContainsFunc(args, isSecret) {
			m.hides = hideValue
		}
	case slices.Contains(inputCommands, name):
		m.hides = hideInput
	case strings.HasPrefix(name, "SAY "):
		m.hides = hideInput
		// What is spelled out is a number or a code.
		if name != "SAY DATE" && name != "SAY DATETIME" && name != "SAY TIME" {
			hide(args[:min(1, len(args))])
		}
	case name == "EXEC" && len(args) > 0:
		if slices.ContainsFunc(args, isSecret) || strings.EqualFold(args[0].text, "SendDTMF") {
			hide(args[1:])
		}
	default:
		for _, w := range slices.Backward(args) {
			if isSecret(w) {
				hide([]word{w})
			}
		}
	}
	m.strays = m.strays || m.hides == hideValue || name == "RECEIVE TEXT"
	return line
}

// inputCommands have in their reply what the caller pressed, wrote or said, besides SAY.
var inputCommands = []string{
	"CONTROL STREAM FILE", "GET DATA", "GET OPTION", "RECEIVE CHAR", "RECEIVE TEXT",
	"RECORD FILE", "SPEECH RECOGNIZE", "STREAM FILE", "WAIT FOR DIGIT",
}

// reply returns a line that was read, with its secrets hidden.
func (m *mask) reply(line string) string {
	start, rest, found := strings.Cut(line, "result=")
	code, isReply := replyCode([]byte(line))
	switch {
	case strings.HasPrefix(line, envPrefix):
		name, value, _ := strings.Cut(line, ": ")
		if m.secret(value) {
			return name + ": " + hidden
		}
		return line
	case line == "" || isHangup([]byte(line)):
		return line
	case !isReply:
		if m.strays {
			return hidden
		}
		return line
	case code != codeSuccess || !found:
		return line
	}
	result, rest, _ := strings.Cut(rest, " ")
	switch m.hides {
	case hideValue:
		if strings.HasPrefix(rest, "(") {
			return start + "result=" + result + " (" + hidden + ")"
		}
	case hideInput:
		if result != "" && result != "0" && result != "-1" {
			result = hidden
		}
		if rest != "" && rest != "(timeout)" && !strings.HasPrefix(rest, "endpos=") {
			rest = hidden
		}
		return strings.TrimSuffix(start+"result="+result+" "+rest, " ")
	}
	return line
}

// word is one of a line, and where it stands, with its quotes.
type word struct {
	text       string
	start, end int
}

// lineWords reads a line as Asterisk does: quotes group, and a backslash takes the next
// character for itself.
func lineWords(line string) []word {
	var words []word
	var text strings.Builder
	start, quoted := -1, false
	for i := 0; i <= len(line); i++ {
		if i == len(line) || !quoted && (line[i] == ' ' || line[i] == '\t') {
			if start >= 0 {
				words = append(words, word{text.String(), start, i})
			}
			text.Reset()
			start = -1
			continue
		}
		if start < 0 {
			start = i
		}
		switch c := line[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && i+1 < len(line):
			i++
			text.WriteByte(line[i])
		default:
			text.WriteByte(c)
		}
	}
	return words
}

// commandName returns the command that the words begin with, as it is in Commands, and
// its arguments.
func commandName(words []word) (name string, args []word) {
	const longest = 3 // words
	var prefix []string
	for i, w := range words[:min(longest, len(words))] {
		prefix = append(prefix, strings.ToUpper(w.text))
		candidate := strings.Join(prefix, " ")
		if slices.ContainsFunc(Commands, func(c Command) bool { return c.Name == candidate }) {
			name, args = candidate, words[i+1:]
		}
	}
	if name == "" {
		args = words
	}
	return name, args
}
