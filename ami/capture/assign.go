package capture

import "strings"

// hideAssignments hides what stands behind NAME=, NAME: or FUNCTION(name)= if the name is
// that of a secret: what is in quotes, or all up to the next separator. In a line, whose
// first assignment is the only one, it is all that follows.
func (r *Redactor) hideAssignments(value string, line bool) string {
	for at := 0; ; line = false {
		i := strings.IndexAny(value[at:], "=:")
		if i < 0 {
			return value
		}
		at += i + 1
		name, called := nameBefore(value[:at-1])
		if name == "" || !r.secretName(name) {
			continue
		}
		rest := strings.TrimLeft(value[at:], " ")
		at = len(value) - len(rest)
		if line && !called && rest != "" {
			return value[:at] + hidden
		}
		separators := `,;&|"'<>)}] `
		switch {
		case called:
			separators = `)"`
		case strings.EqualFold(name, "Authorization"):
			separators = `,;&"'`
		}
		start, end := secretIn(rest, separators)
		if start < end {
			value = value[:at+start] + hidden + rest[end:]
			at += start + len(hidden)
		}
	}
}

// nameBefore returns the name at the end of a text, which may be in quotes or be the
// argument of a function. It reports whether the text is within the arguments of
// something that is called, as Set(PIN is.
func nameBefore(text string) (name string, called bool) {
	text = strings.TrimRight(text, `\"' `)
	start := strings.LastIndexFunc(text, func(c rune) bool { return !isNameRune(c) }) + 1
	if strings.HasSuffix(text, ")") {
		if start = strings.LastIndexByte(text, '('); start < 0 {
			return "", false
		}
	}
	return text[start:], strings.Contains(text[:start], "(")
}

// secretIn returns where in a text that begins with a secret it stands: within quotes, or
// up to a separator.
func secretIn(text, separators string) (start, end int) {
	for _, quote := range []string{`\"`, `\'`, `"`, `'`} { // the first two as on the wire
		if !strings.HasPrefix(text, quote) {
			continue
		}
		start = len(quote)
		for end = start; end < len(text); end++ {
			if strings.HasPrefix(text[end:], quote) {
				return start, end
			}
			if text[end] == '\\' {
				end += len(quote) // an escaped quote: \" , and \\\" on the wire
			}
		}
		return start, len(text)
	}
	if end = strings.IndexAny(text, separators); end < 0 {
		end = len(text)
	}
	return 0, end
}

func isNameRune(c rune) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-' || c == '.' || c >= 0x80
}
