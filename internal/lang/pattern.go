package lang

import (
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/expr-lang/expr/ast"
)

var (
	dialplanPattern = regexp.MustCompile(`^_[0-9NXZ.!\[\]*#+-]*[NXZ.!][0-9NXZ.!\[\]*#+-]*$`)
	slashes         = regexp.MustCompile(`^/(.*)/[a-z]*$`)
)

// pattern warns of regular expressions that nothing has.
func (s *senseCheck) pattern(n *ast.StringNode) {
	re, err := syntax.Parse(n.Value, syntax.Perl)
	switch {
	case err != nil: // the type checker says it
	case dialplanPattern.MatchString(n.Value):
		s.d.WarnAt(s.at(n), "dialplan-pattern", "this is a pattern of the dialplan, and matches wants a regular expression").
			Hint("write ^%s", fromDialplan(n.Value))
	case slashes.MatchString(n.Value):
		s.d.WarnAt(s.at(n), "bad-pattern", "the slashes are looked for as well").
			Hint("write it without them: %s", slashes.FindStringSubmatch(n.Value)[1])
	case never(re.Simplify()):
		s.d.WarnAt(s.at(n), "bad-pattern", "no text is like this: ^ is the beginning of the text and $ its end")
	}
}

// fromDialplan writes a pattern of the dialplan as a regular expression.
func fromDialplan(pattern string) string {
	body := strings.TrimPrefix(pattern, "_")
	end := "$"
	if strings.HasSuffix(body, ".") || strings.HasSuffix(body, "!") {
		end = ""
	}
	return strings.NewReplacer("X", "[0-9]", "Z", "[1-9]", "N", "[2-9]", ".", ".", "!", "", "+", `\\+`, "*", `\\*`).Replace(body) + end
}

// never reports whether no text matches.
func never(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpNoMatch:
		return true
	case syntax.OpCapture, syntax.OpPlus:
		return never(re.Sub[0])
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			if !never(sub) {
				return false
			}
		}
		return true
	case syntax.OpConcat:
		begun, ended := false, false // something stands before; the end is behind
		for _, sub := range re.Sub {
			if never(sub) || sub.Op == syntax.OpBeginText && begun || ended && least(sub) > 0 {
				return true
			}
			begun = begun || least(sub) > 0
			ended = ended || sub.Op == syntax.OpEndText
		}
	}
	return false
}

// least is how many characters a match has at least, as far as that is easily seen.
func least(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1
	case syntax.OpCapture, syntax.OpPlus:
		return least(re.Sub[0])
	case syntax.OpConcat:
		n := 0
		for _, sub := range re.Sub {
			n += least(sub)
		}
		return n
	}
	return 0
}
