package lang

import (
	"fmt"
	"strings"
)

// foreignWords are words of other languages, and what they are here.
var foreignWords = map[string]string{
	"null": "nil", "NULL": "nil", "None": "nil", "none": "nil", "undefined": "nil",
	"True": "true", "TRUE": "true", "yes": "true", "Yes": "true",
	"False": "false", "FALSE": "false", "no": "false", "No": "false",
	"NOT": "not", "Not": "not",
}

// foreignOperators are operators of other languages, and what they are here.
var foreignOperators = map[string]string{
	"AND": "and", "And": "and", "OR": "or", "Or": "or", "IN": "in",
	"eq": "==", "is": "==", "equals": "==", "ne": "!=", "isnt": "!=",
	"gt": ">", "lt": "<", "ge": ">=", "gte": ">=", "le": "<=", "lte": "<=",
	"startswith": "startsWith", "endswith": "endsWith",
}

// foreignOperator tells of = and of what other languages make of it.
func foreignOperator(m *mistake) {
	before, rest := m.before(), m.rest()
	m.tell("expression-syntax", "%s is not expected here", m.says[1])
	back := func(old, replacement string) {
		m.from -= len(old) - 1
		m.Message = old + " does not compare"
		m.Hint("write %s", replacement)
		m.replace(old, replacement)
	}
	switch {
	case strings.HasSuffix(before, "==") && m.says[1] == "=":
		back("===", "==")
	case strings.HasSuffix(before, "!=") && m.says[1] == "=":
		back("!==", "!=")
	case strings.HasSuffix(before, "<") && m.says[1] == ">":
		back("<>", "!=")
	case strings.HasPrefix(rest, "=~"):
		back("=", "matches")
		m.Message = "=~ does not compare"
		m.replace("=~", "matches")
	case strings.HasPrefix(rest, "=>"):
		back("=", ">=")
		m.Message = "=> does not compare"
		m.replace("=>", ">=")
	case m.says[1] == "=":
		back("=", "==")
	}
}

// foreignWord tells of a word where an operator could stand.
func foreignWord(m *mistake) {
	word := m.says[1]
	m.tell("expression-syntax", "%s is not expected here", word)
	if strings.HasSuffix(strings.TrimSpace(m.before()), "NOT") {
		m.Hint("write not")
		return
	}
	if strings.EqualFold(word, "like") {
		m.Message = fmt.Sprintf("%q is no operator", word)
		m.Hint("write startsWith, endsWith or contains, or matches and a regular expression")
		return
	}
	if instead, ok := foreignOperators[word]; ok {
		m.Message = fmt.Sprintf("%q is no operator", word)
		m.Hint("write %s", instead)
		m.replace(word, instead)
	}
}
