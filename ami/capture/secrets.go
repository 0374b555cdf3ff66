package capture

import (
	"regexp"
	"strings"
)

// secretName reports whether a header or variable of that name holds a secret. The
// names are few, and looked at once.
func (r *Redactor) secretName(name string) bool {
	secret, known := r.known[name]
	if !known {
		switch name {
		case "Challenge", "ReceivedChallenge", "ExpectedResponse", "ReceivedHash":
			secret = true
		case "UsingPassword": // a flag
		default:
			last := strings.TrimRight(name, ")") // of a function's argument
			secret = secretNames.MatchString(last) && !harmless.MatchString(last)
		}
		if len(r.known) < remembered { // some hold the name of a channel: there is no end to them
			r.known[strings.Clone(name)] = secret
		}
	}
	return secret
}

var (
	secretNames = regexp.MustCompile(`(?i)secret|passw|pswd|pwd|passcode|pass_?phrase|token|credential|cred$|authorization|` +
		`(api|private|access|auth|encryption|signing)[_-]?key|(pin|access|auth|security)[_-]?code|pin[_-]?num|pin\d*$|pass\d*$|` +
		`(^|[^a-z])(pin|pass|pw|otp|cvv|cvc)([^a-z]|$)`)
	harmless = regexp.MustCompile(`(?i)(by|com|over|sur|tres)pass\d*$`)
)

// hideSecrets hides what a value holds of secrets. Name is that of its header.
func (r *Redactor) hideSecrets(c *heard, name, value string) string {
	line := false // the value has one assignment: what is behind it is all of the secret
	switch {
	case isData(name):
		value = hideArguments(c.application, value)
		line = c.application == "set"
	case name == "Command": // of AGI
		value, line = r.hideCommand(value)
	case name == "Output":
		value, line = r.hideOutput(c, value), true
	case strings.HasPrefix(name, "Line-"), name == "JSON": // of GetConfig
		value = hideCalls(rooms.ReplaceAllString(mailboxes.ReplaceAllString(value, "${1}"+hidden), "${1}"+hidden))
		line = name != "JSON"
	case name == "Variable", strings.HasPrefix(name, "ChanVariable"):
		line = true
	}
	return r.hideAssignments(hideUserinfo(value), line)
}

// mailboxes and rooms are lines of voicemail.conf and meetme.conf: 12=4242,Ann and
// conf=12,4242.
var (
	mailboxes = regexp.MustCompile(`((?:^|")\d+(?:":"|=))-?\d+\b`)
	rooms     = regexp.MustCompile(`((?:^|")conf(?:":"|=)\w+,)[^"]+`)
)

// isData reports whether a header holds the arguments of an application.
func isData(name string) bool {
	return name == "AppData" || name == "ApplicationData" || name == "LastData" || name == "Data"
}

// hideArguments hides the argument of an application that is a password.
func hideArguments(application, data string) string {
	switch application {
	case "authenticate", "disa":
		_, rest, more := strings.Cut(data, ",")
		if more {
			return hidden + "," + rest
		}
		return hidden
	case "meetme":
		if args := strings.SplitN(data, ",", 3); len(args) == 3 {
			return args[0] + "," + args[1] + "," + hidden
		}
	case "mysql":
		if args := strings.SplitN(data, " ", 6); strings.EqualFold(strings.Trim(args[0], `"`), "connect") && len(args) > 4 {
			args[4] = hidden // behind the identifier, the host and the user
			return strings.Join(args, " ")
		}
	}
	return data
}

// hideCalls does so in a text of the dialplan, or with channels and what they run.
func hideCalls(text string) string {
	return calls.ReplaceAllStringFunc(text, func(call string) string {
		application, data, _ := strings.Cut(call, "(")
		return application + "(" + hideArguments(strings.ToLower(application), data)
	})
}

var calls = regexp.MustCompile(`(?i)\b(authenticate|disa|meetme|mysql)\([^)]+`)

// hideCommand hides the value that an AGI command sets. It reports whether the rest is
// one assignment.
func (r *Redactor) hideCommand(command string) (string, bool) {
	words := strings.Fields(strings.ToLower(command))
	name := func(i int) string { return strings.Trim(words[i], `"`) }
	switch {
	case len(words) > 3 && words[0] == "set" && words[1] == "variable" && r.secretName(name(2)):
		return command[:behind(command, 3)] + hidden, false
	case len(words) > 4 && words[0] == "database" && words[1] == "put" && (r.secretName(name(2)) || r.secretName(name(3))):
		return command[:behind(command, 4)] + hidden, false
	case len(words) > 2 && words[0] == "exec":
		at := behind(command, 2)
		return command[:at] + hideArguments(name(1), command[at:]), name(1) == "set"
	}
	return command, false
}

// behind returns where in a text the word begins that has n before it.
func behind(text string, n int) int {
	const blank = " \t"
	rest := strings.TrimLeft(text, blank)
	for range n {
		rest = strings.TrimLeft(strings.TrimLeftFunc(rest, func(c rune) bool { return !strings.ContainsRune(blank, c) }), blank)
	}
	return len(text) - len(rest)
}

// hideOutput hides what a line of the console tells by its place: the data of an
// application that has its own line or column, and what stands in the column behind a
// name.
func (r *Redactor) hideOutput(c *heard, line string) string {
	for _, label := range []string{"Data: ", "lastdata="} {
		if before, data, ok := strings.Cut(line, label); ok {
			return before + label + hideArguments(c.application, data)
		}
	}
	if row.MatchString(line) {
		line = columns.ReplaceAllStringFunc(line, func(both string) string {
			m := columns.FindStringSubmatch(both)
			return m[1] + m[2] + hideArguments(strings.ToLower(m[1]), m[3])
		})
	}
	if m := column.FindStringSubmatch(line); m != nil && r.secretName(m[2]) {
		return m[1] + m[2] + m[3] + hidden
	}
	return hideCalls(line)
}

var (
	row     = regexp.MustCompile(`!|\d\d:\d\d:\d\d`) // of core show channels, concise and verbose
	columns = regexp.MustCompile(`(?i)\b(authenticate|disa|meetme)( +|!)([^ !]+)`)
	column  = regexp.MustCompile(`^( *)(\S+)(  +)[^:= ]`)
)

// hideUserinfo hides passwords in addresses: what is between a name with a colon and @.
func hideUserinfo(text string) string {
	const separators = " \t/,;\"'<>()=?&"
	for at := 0; ; {
		i := strings.IndexByte(text[at:], '@')
		if i < 0 {
			return text
		}
		i += at
		start := at + strings.LastIndexAny(text[at:i], separators) + 1
		word := text[i:]
		if end := strings.IndexAny(word, separators); end >= 0 {
			word = word[:end]
		}
		i += strings.LastIndexByte(word, '@') // those before are the password's own
		user, password, _ := strings.Cut(text[start:i], ":")
		switch strings.ToLower(user) {
		case "sip", "sips", "tel", "mailto", "xmpp", "pres", "im":
			user, password, _ = strings.Cut(password, ":")
		case "mwi", "park", "custom", "custompresence", "queue", "confbridge", "meetme", "agent", "stasis": // devices, in hints
			password = ""
		}
		if user != "" && password != "" {
			text = text[:i-len(password)] + hidden + text[i:]
			i += len(hidden) - len(password)
		}
		at = i + 1
	}
}
