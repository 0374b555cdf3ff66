package ami

import (
	"fmt"
	"strings"
)

const (
	// MaxVariables is the largest number of variables that Asterisk takes from one
	// Variable line of an Originate.
	MaxVariables = 64

	// MaxChannelID is the longest ChannelId and OtherChannelId of an Originate.
	MaxChannelID = 149
)

// WithVariable returns the action with one more channel variable, for Originate:
// a Variable line whose value arrives whole, whatever it holds but line ends and
// NUL. The name may be a function, "CALLERID(name)", and must be neither empty nor
// hold "="; Check says so. A name should not repeat, for Asterisk does not say
// which value wins.
func (a Action) WithVariable(name, value string) Action {
	if name == "" || strings.Contains(name, "=") {
		return a.With("Variable", "=") // which Check refuses
	}
	return a.With("Variable", EscapeVariable(name)+"="+EscapeVariable(value))
}

// EscapeVariable escapes what Asterisk would take apart in a Variable line of an
// Originate: it splits the line at commas outside quotes and brackets, and takes
// quotes and backslashes away.
func EscapeVariable(text string) string { return variableEscaper.Replace(text) }

var variableEscaper = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `,`, `\,`)

// originateFault says what Asterisk would cut or mistake in an Originate.
func (f Field) originateFault() string {
	switch {
	case strings.EqualFold(f.Name, "Variable"):
		if strings.HasPrefix(f.Value, "=") {
			return "a variable has no name, or one with ="
		}
		if n := countVariables(f.Value); n > MaxVariables {
			return fmt.Sprintf("%d variables in one line, Asterisk reads at most %d", n, MaxVariables)
		}
	case strings.EqualFold(f.Name, "ChannelId"), strings.EqualFold(f.Name, "OtherChannelId"):
		if len(f.Value) > MaxChannelID {
			return fmt.Sprintf("%s is longer than the %d bytes Asterisk takes", f.Name, MaxChannelID)
		}
	}
	return ""
}

// countVariables counts as Asterisk does: commas split, but not behind a backslash,
// nor within quotes, parentheses or brackets.
func countVariables(line string) int {
	n, parens, brackets, quoted := 1, 0, 0, false
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '"':
			quoted = !quoted
		case '(':
			parens++
		case ')':
			parens = max(parens-1, 0)
		case '[':
			brackets++
		case ']':
			brackets = max(brackets-1, 0)
		case ',':
			if parens == 0 && brackets == 0 && !quoted {
				n++
			}
		}
	}
	return n
}
