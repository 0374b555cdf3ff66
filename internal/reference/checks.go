package reference

import (
	"fmt"
	"slices"
	"strings"
)

// Check is a kind of mistake that pbxflow check finds.
type Check struct {
	// ID is the word in brackets behind a problem.
	ID string
	// Warning says that the app loads all the same.
	Warning bool
	// Means says what is wrong, in Markdown.
	Means string
	// Do says what to do about it.
	Do string
	// Example is a file of an app that makes this mistake; empty where that is no text.
	Example string
}

// Checks returns all kinds of mistakes, sorted by id.
func Checks() []Check {
	var all []Check
	for _, g := range checkGroups() {
		all = append(all, g.checks...)
	}
	slices.SortFunc(all, func(a, b Check) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// checkGroup is a chapter of the page of checks.
type checkGroup struct {
	title  string
	checks []Check
}

func checkGroups() []checkGroup {
	return []checkGroup{
		{"Files", fileChecks},
		{"Keys and values", valueChecks},
		{"Names", nameChecks},
		{"Expressions", expressionChecks},
		{"Flows", flowChecks},
		{"Rules", ruleChecks},
		{"With a running Asterisk (pbxflow check --asterisk)", asteriskChecks},
	}
}

// text is all about a check but its id.
func (c Check) text() string {
	kind := "Error."
	if c.Warning {
		kind = "Warning."
	}
	text := fmt.Sprintf("%s %s %s\n", kind, c.Means, c.Do)
	if c.Example != "" {
		text += fmt.Sprintf("\n```yaml\n%s\n```\n", c.Example)
	}
	return text
}
